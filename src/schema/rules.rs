//! x
use super::translate::Translation;
pub struct Rule;
pub fn at(t: &Translation, path: &[&str]) -> Vec<Rule> {
    Vec::new()
}
