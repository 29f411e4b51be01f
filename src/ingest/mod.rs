//! Reading files: raw rows → issue table → model. Only the model flows on; polars stays private here.

pub mod issues;
