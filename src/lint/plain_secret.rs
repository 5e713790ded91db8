//! A secret that everybody can read in git.
//!
//! Keys with names such as `password` or `apiToken` that hold plain text; encrypted values, placeholders
//! and names of secrets are left alone.
//!
//! ```yaml
//! database:
//!   password: hunter2    # readable by everyone who can read the repository
//! ```

use super::encrypted::unknown;
use super::{Finding, Subject, words};
use crate::diagnostic::Diagnostic;
use crate::merge::Step;

/// The code of the finding.
pub const CODE: &str = "lint-plain-secret";

/// Ends of key names (letters and digits, small) whose values are secret.
const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "clientsecret",
    "credentials",
    "connectionstring",
    "encryptionkey",
];

/// Finds final values that look like secrets in plain text.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for written in &subject.paths {
        let Some(Step::Key(key)) = written.path.last() else { continue };
        if !secret_name(key) || !written.text().is_some_and(|text| secret_text(&text)) {
            continue;
        }
        let explanation = subject.explain(written);
        let Some(winner) = explanation.winner() else { continue };
        let message =
            format!("{}: looks like a secret, and is readable in the repository", words(&explanation.path));
        let diagnostic = Diagnostic::warning(CODE, message)
            .hint("encrypt it (SOPS, SealedSecret), or refer to a Secret that is made outside of git");
        findings.push(Finding::new(&explanation.path, diagnostic, subject.place(winner)));
    }
    findings
}

fn secret_name(key: &str) -> bool {
    let letters = || key.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    let starts = |start: &str| letters().take(start.len()).eq(start.bytes());
    let ends = |end: &str| letters().rev().take(end.len()).eq(end.bytes().rev());
    // `existingSecret` and the like name a Secret of the cluster.
    let names_one = || ["existing", "use", "create", "image", "pull"].into_iter().any(starts);
    NAMES.into_iter().any(ends) && !names_one()
}

fn secret_text(text: &str) -> bool {
    let placeholder =
        text.contains("${") || text.contains("{{") || text.starts_with('<') || text.starts_with('$');
    !text.trim().is_empty() && !placeholder && unknown(text).is_none()
}
