//! Places as people and programs name them.

use crate::source::Location;
use serde::{Deserialize, Serialize};

/// A place in a file as a person names it. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Repository (with its revision, where several are loaded); empty for a generated text.
    pub repository: String,
    /// Path inside the repository, or the name of a generated text.
    pub path: String,
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl Place {
    /// The place with lines and columns counted out.
    pub fn of(location: &Location) -> Self {
        let (line, column) = location.line_column();
        let (end_line, end_column) = location.file.line_column(location.span.end);
        Self {
            repository: location.file.repository.to_string(),
            path: location.file.path.to_string(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}
