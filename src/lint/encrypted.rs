//! Values that stand for something else: encrypted ones, and placeholders that a plugin fills in.
//!
//! What they become isn't known here, and nothing is guessed: they are shown as they are written, with
//! the reason why the real value is unknown.
//!
//! ```yaml
//! password: ENC[AES256_GCM,data:…]                       # SOPS
//! password: <path:secret/data/app#password>              # argocd-vault-plugin
//! password: ref+vault://secret/app/password              # vals
//! ```

use super::{Finding, Subject, words};
use crate::diagnostic::Diagnostic;
use crate::merge::Cell;
use std::collections::BTreeSet;

/// The code of the finding.
pub const CODE: &str = "lint-encrypted";

/// Why the real value of a text isn't known here, if it isn't.
pub fn unknown(text: &str) -> Option<&'static str> {
    if text.starts_with("ENC[AES256_GCM,") && text.ends_with(']') {
        return Some("encrypted with SOPS");
    }
    if let Some(inside) = text.split_once("<path:").and_then(|(_, rest)| rest.split_once('>'))
        && inside.0.contains('#')
    {
        return Some("filled in by argocd-vault-plugin");
    }
    if text.starts_with("ref+") && text.contains("://") {
        return Some("filled in by vals");
    }
    if text.starts_with("vault:") && text.contains('#') {
        return Some("filled in by Vault's webhook");
    }
    // What kubeseal makes: base64 of a long record that begins with the length of its key.
    let base64 = text.len() > 300
        && text.starts_with("Ag")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    base64.then_some("sealed with kubeseal")
}

/// Whether a key at the root is what SOPS keeps about an encrypted file. It lands among the values with
/// the rest of the file, and nobody is to blame for it.
pub(super) fn is_metadata(key: &str, cell: &Cell) -> bool {
    key == "sops" && cell.get("mac").is_some()
}

/// Tells for each file once that it holds values that aren't known here.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for written in &subject.paths {
        let Some(reason) = written.text().and_then(|text| unknown(&text)) else { continue };
        let explanation = subject.explain(written);
        let Some(winner) = explanation.winner() else { continue };
        if told.insert((winner.layer, reason)) {
            let message = format!("{}: {reason}, so its value is unknown here", words(&explanation.path));
            let diagnostic = Diagnostic::note(CODE, message);
            findings.push(Finding::new(&explanation.path, diagnostic, subject.place(winner)));
        }
    }
    findings
}
