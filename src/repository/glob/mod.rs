//! The globs of Git and Argo CD, each with its own rules (sections 2.3, 2.4 and 7.6 of the spec sheet
//! on Argo CD). Every one of them takes time at most proportional to pattern times text.

mod doublestar;
mod gobwas;
mod machine;
mod path_match;
mod pathspec;

pub use doublestar::Doublestar;
pub use gobwas::Gobwas;
pub use path_match::PathMatch;
pub use pathspec::Pathspec;

use std::fmt;

/// The pattern is malformed, in the words of the library that reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern(pub String);

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadPattern {}
