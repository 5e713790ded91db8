//! The example platform that the page starts with.

/// Paths, with the repository's name first, and contents.
pub const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/example.rs"));
