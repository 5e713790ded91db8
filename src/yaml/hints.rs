//! What to do about parser errors, in plain words.

use super::scan::Token;

/// Advice for a problem at a token, where there is some.
pub(super) fn hint(problem: &str, token: &Token) -> Option<&'static str> {
    match (problem, token) {
        ("did not find expected key", Token::Scalar(..)) => {
            Some("text may not follow a closing quote or bracket; quote the value as a whole")
        }
        ("did not find expected key", _) => {
            Some("check the indentation: the keys of a mapping start in the same column")
        }
        ("did not find expected '-' indicator", _) => {
            Some("check the indentation: the items of a list start with - in the same column")
        }
        ("did not find expected ',' or '}'" | "did not find expected ',' or ']'", Token::StreamEnd) => {
            Some("this bracket is never closed")
        }
        ("did not find expected ',' or '}'" | "did not find expected ',' or ']'", _) => {
            Some("put a text that starts with a bracket, such as {{ … }}, in quotes")
        }
        ("did not find expected node content", _) => Some("put a text with brackets or commas in quotes"),
        ("found incompatible YAML document", _) => Some("only %YAML 1.1 is accepted"),
        _ => None,
    }
}
