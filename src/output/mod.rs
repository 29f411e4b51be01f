//! What leaves the engine: maps and the font they are lettered in.

pub mod font;
pub mod map;
pub mod maps;
pub mod report;
