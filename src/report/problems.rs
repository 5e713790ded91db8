//! The findings of a platform as a list. Of a large platform there are very many, and each is long when it is
//! written out: the list keeps where they are, and a finding is written out when somebody looks at it.

use super::Problem;
use crate::diagnostic::{Diagnostic, Severity};
use crate::platform::{Evaluation, Finding, Identity};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Findings, each once with the Applications that it touches, worst first.
#[derive(Debug)]
pub(super) struct Problems(Vec<Listed>);

#[derive(Debug)]
struct Listed {
    severity: Severity,
    at: At,
    applications: Vec<usize>,
}

/// Where a finding is.
#[derive(Clone, Copy, Debug)]
enum At {
    /// Among those of the platform as a whole.
    Platform(usize),
    /// Among those of an Application.
    Application(usize, usize),
    /// Among those of loading.
    Loading(usize),
}

impl Problems {
    /// The findings of an evaluation, and those of loading what is evaluated.
    pub(super) fn of(evaluation: &Evaluation, loading: &[Diagnostic]) -> Self {
        let mut known: HashMap<Identity<'_>, usize> = HashMap::new();
        let mut listed: Vec<Listed> = Vec::new();
        let mut list = |diagnostic, at| {
            *known.entry(Identity::of(diagnostic)).or_insert_with(|| {
                listed.push(Listed { severity: diagnostic.severity, at, applications: Vec::new() });
                listed.len() - 1
            })
        };
        for (position, diagnostic) in evaluation.problems.iter().enumerate() {
            list(diagnostic, At::Platform(position));
        }
        let mut touched = Vec::new();
        for (application, one) in evaluation.applications.iter().enumerate() {
            for (position, Finding { diagnostic, .. }) in evaluation.findings(one).enumerate() {
                touched.push((list(diagnostic, At::Application(application, position)), application));
            }
        }
        for (problem, application) in touched {
            let applications = &mut listed[problem].applications;
            if applications.last() != Some(&application) {
                applications.push(application);
            }
        }
        listed.extend(loading.iter().enumerate().map(|(position, diagnostic)| Listed {
            severity: diagnostic.severity,
            at: At::Loading(position),
            applications: Vec::new(),
        }));
        listed.sort_by_key(|listed| Reverse(listed.severity));
        Self(listed)
    }

    /// Number of findings.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A finding of what the list was made of; in full, or as its line in a list. A finding of an
    /// Application has a line without excerpts, related places and hints.
    pub(super) fn get(
        &self,
        at: usize,
        full: bool,
        evaluation: &Evaluation,
        loading: &[Diagnostic],
    ) -> Option<Problem> {
        let listed = self.0.get(at)?;
        let problem = match listed.at {
            At::Platform(position) => Problem::of(evaluation.problems.get(position)?),
            At::Loading(position) => Problem::of(loading.get(position)?),
            At::Application(application, position) => {
                let application = evaluation.applications.get(application)?;
                let Finding { diagnostic, path } = evaluation.findings(application).nth(position)?;
                let problem = if full { Problem::of(diagnostic) } else { Problem::line(diagnostic) };
                Problem { key_path: path.clone(), ..problem }
            }
        };
        Some(Problem { applications: listed.applications.clone(), ..problem })
    }
}
