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

/// Advice for an error whose maker knew none of its own.
pub(super) fn fallback(code: &str, problem: &str) -> &'static str {
    match code {
        "yaml-depth" => "nest the values less deep",
        "yaml-aliases" => "aliases of values that hold aliases multiply: write some of them out",
        "yaml-anchor" => "an anchor can't be used inside the value that it names",
        "yaml-tag" => "drop the tag, or write a value of the kind that it promises",
        _ => syntax(problem),
    }
}

fn syntax(problem: &str) -> &'static str {
    match problem {
        "did not find expected <document start>" => "after a line that starts with %, `---` has to follow",
        "found duplicate %YAML directive" | "found duplicate %TAG directive" => "one such line is enough",
        "mapping keys are not allowed in this context" => {
            "start `? ` on a line of its own, or quote the text"
        }
        "found unexpected document indicator" => {
            "a line that starts with --- or ... ends the document, inside quotes too: indent it"
        }
        "did not find expected hexdecimal number" | "found invalid Unicode character escape code" => {
            "write \\x with two, \\u with four or \\U with eight hexadecimal digits of a character"
        }
        "found an indentation indicator equal to 0" => {
            "the digit after | or > is 1 to 9; mostly none is needed"
        }
        _ if problem.contains("directive") || problem.contains("version") => {
            "a line that starts with % is an instruction to the parser: put such a text in quotes"
        }
        _ if problem.contains("tag") || problem.contains("URI") || problem.contains('!') => {
            "put a text that starts with ! in quotes: it would be a tag"
        }
        _ => "put the value in quotes if it is meant as text",
    }
}
