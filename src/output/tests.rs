//! Tests of the whole output folder.
