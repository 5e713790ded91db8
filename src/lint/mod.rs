//! Findings that no tool makes an error of, one file a rule.
