//! Which rows of the manifests are in sight, and how the keyboard moves among them.

use crate::route::Show;
use std::collections::HashSet;
use strata::report::{LineReport, ManifestReport, ManifestsReport};

/// Kinds of Kubernetes that live in no namespace.
const OF_CLUSTER: [&str; 20] = [
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CSIDriver",
    "CSINode",
    "CustomResourceDefinition",
    "GatewayClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// A row: the cluster, a namespace, a manifest or one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The cluster, with the number of manifests.
    Cluster(usize),
    /// A namespace, with the number of its manifests; empty for what lives in none.
    Namespace(String, usize),
    /// A manifest, by its position.
    Manifest(usize),
    /// A line of the manifest at a position, from 1.
    Line(usize, usize),
}

impl Row {
    /// The row as the URL names it: 0 is the line of the manifest's name.
    pub fn line(&self) -> Option<(usize, usize)> {
        match self {
            Self::Manifest(manifest) => Some((*manifest, 0)),
            Self::Line(manifest, line) => Some((*manifest, *line)),
            _ => None,
        }
    }
}

/// What is to be seen.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Where the Application goes if a manifest does not say.
    pub namespace: &'a str,
    /// Which lines.
    pub show: Show,
    /// The value that reaches them, for [`Show::Reached`].
    pub key: &'a [String],
    /// What they hold.
    pub filter: &'a str,
}

/// The rows: cluster, namespaces by their names, their manifests in the order of installation, and the
/// lines of those that are not folded. Nothing is folded while lines are left out.
pub fn rows(report: &ManifestsReport, wanted: Wanted<'_>, folded: &HashSet<usize>) -> Vec<Row> {
    let filter = wanted.filter.trim().to_lowercase();
    let all = filter.is_empty() && !matches!(wanted.show, Show::Reached | Show::MadeUp);
    let mut order: Vec<(&str, usize)> = report
        .manifests
        .iter()
        .enumerate()
        .map(|(position, manifest)| (namespace_of(manifest, wanted.namespace), position))
        .collect();
    order.sort_by_key(|(namespace, _)| *namespace);
    let (mut rows, mut shown) = (vec![Row::Cluster(0)], 0);
    let mut namespace: Option<(&str, usize)> = None;
    for (own, position) in order {
        let manifest = &report.manifests[position];
        let fits = |line: &LineReport| {
            is_shown(report, line, wanted)
                && (filter.is_empty() || line.text.to_lowercase().contains(&filter))
        };
        let named = all || (!filter.is_empty() && name(manifest).to_lowercase().contains(&filter));
        let lines: Vec<Row> = if all && folded.contains(&position) {
            Vec::new()
        } else {
            let numbered = manifest.lines.iter().zip(1..);
            numbered.filter(|(line, _)| all || fits(line)).map(|(_, at)| Row::Line(position, at)).collect()
        };
        if lines.is_empty() && !named {
            continue;
        }
        if namespace.is_none_or(|(last, _)| last != own) {
            namespace = Some((own, rows.len()));
            rows.push(Row::Namespace(own.to_owned(), 0));
        }
        if let Some(Row::Namespace(_, count)) = namespace.and_then(|(_, at)| rows.get_mut(at)) {
            *count += 1;
        }
        shown += 1;
        rows.push(Row::Manifest(position));
        rows.extend(lines);
    }
    rows[0] = Row::Cluster(shown);
    if shown == 0 { Vec::new() } else { rows }
}

/// `Deployment/web`; the path of its template where it has no name.
pub fn name(manifest: &ManifestReport) -> String {
    match (manifest.kind.is_empty(), manifest.name.is_empty()) {
        (_, false) => format!("{}/{}", manifest.kind, manifest.name),
        (false, true) => {
            format!("{} {}", manifest.kind, manifest.source.rsplit('/').next().unwrap_or_default())
        }
        (true, true) => manifest.source.clone(),
    }
}

/// The namespace of a manifest; empty for what lives in none.
fn namespace_of<'a>(manifest: &'a ManifestReport, destination: &'a str) -> &'a str {
    match manifest.namespace.as_str() {
        _ if OF_CLUSTER.contains(&manifest.kind.trim_end_matches("List")) => "",
        "" => destination,
        own => own,
    }
}

fn is_shown(report: &ManifestsReport, line: &LineReport, wanted: Wanted<'_>) -> bool {
    match wanted.show {
        Show::Reached => is_reached(report, line, wanted.key),
        Show::MadeUp => is_made_up(report, line),
        _ => true,
    }
}

/// Whether a value is written to a line or decides on it.
fn is_reached(report: &ManifestsReport, line: &LineReport, key: &[String]) -> bool {
    let path = |at: &usize| report.values.get(*at).map_or(&[][..], |value| &value.path);
    let is_part = |at: &usize| path(at).starts_with(key);
    let touches = |at: &usize| is_part(at) || key.starts_with(path(at));
    line.parts.iter().any(|part| part.values.iter().any(touches) || part.decided.iter().any(is_part))
}

/// Whether something of a line is made up.
pub fn is_made_up(report: &ManifestsReport, line: &LineReport) -> bool {
    line.parts.iter().any(|part| report.actions.get(part.action).is_some_and(|action| action.made_up))
}

/// How many lines each button would show.
pub fn count(report: &ManifestsReport, show: Show, key: &[String]) -> usize {
    let none = match show {
        Show::Reached => key.is_empty(),
        Show::MadeUp => report.made_up.is_empty(),
        _ => return report.manifests.iter().map(|manifest| manifest.lines.len()).sum(),
    };
    if none {
        return 0;
    }
    let wanted = Wanted { namespace: "", show, key, filter: "" };
    let lines = report.manifests.iter().flat_map(|manifest| &manifest.lines);
    lines.filter(|line| is_shown(report, line, wanted)).count()
}

/// Where a key leads from the chosen row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// To another row.
    To(usize),
    /// The manifest is folded or unfolded.
    Fold(usize, bool),
    /// Nowhere.
    Stay,
}

/// What a key of the keyboard does, as the pattern for tree grids has it. `page` is the number of rows
/// in sight.
pub fn key_move(
    key: &str,
    rows: &[Row],
    chosen: Option<usize>,
    folded: &HashSet<usize>,
    page: usize,
) -> Option<Move> {
    // The cluster and namespaces can't be chosen.
    let down = |from: usize| (from..rows.len()).find(|&at| rows[at].line().is_some());
    let up = |from: usize| {
        (0..=from.min(rows.len().saturating_sub(1))).rev().find(|&at| rows[at].line().is_some())
    };
    let to = |row: Option<usize>| {
        Some(row.filter(|&row| Some(row) != chosen && row < rows.len()).map_or(Move::Stay, Move::To))
    };
    let current = chosen.unwrap_or_default();
    match key {
        "Home" => to(down(0)),
        "End" => to(up(rows.len())),
        "ArrowDown" | "ArrowUp" if chosen.is_none() => to(down(0)),
        "ArrowDown" => to(down(current + 1)),
        "ArrowUp" => to(up(current.saturating_sub(1)).or(down(0))),
        "PageDown" => to(up(current + page).filter(|&at| at > current).or(down(current + 1))),
        "PageUp" => to(up(current.saturating_sub(page)).or(down(0))),
        "ArrowLeft" | "ArrowRight" => {
            let Some((manifest, line)) = chosen.and_then(|at| rows.get(at)).and_then(Row::line) else {
                return Some(Move::Stay);
            };
            let is_folded = folded.contains(&manifest);
            match (key == "ArrowLeft", line) {
                (true, 0) if !is_folded => Some(Move::Fold(manifest, true)),
                (false, 0) if is_folded => Some(Move::Fold(manifest, false)),
                (true, 1..) => to(rows.iter().position(|row| *row == Row::Manifest(manifest))),
                (false, 0) => to(down(current + 1)),
                _ => Some(Move::Stay),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strata::report::{ActionReport, PartReport, Place, ReadValue};

    fn manifest(kind: &str, namespace: &str, lines: &[(&str, Option<usize>)]) -> ManifestReport {
        let line = |(text, value): &(&str, Option<usize>)| LineReport {
            text: (*text).to_owned(),
            parts: vec![PartReport {
                bytes: 0..text.len(),
                action: value.unwrap_or(1),
                values: value.iter().copied().collect(),
                decided: Vec::new(),
            }],
        };
        ManifestReport {
            source: "web/templates/x.yaml".into(),
            kind: kind.into(),
            name: "web".into(),
            namespace: namespace.into(),
            hook: false,
            lines: lines.iter().map(line).collect(),
        }
    }

    fn report() -> ManifestsReport {
        let action = |made_up| ActionReport {
            place: Place {
                repository: String::new(),
                path: String::new(),
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
            },
            plain: false,
            text: String::new(),
            made_up,
            calls: Vec::new(),
        };
        ManifestsReport {
            manifests: vec![
                manifest("Service", "", &[("port: 80", Some(0))]),
                manifest("ClusterRole", "", &[("name: all", None)]),
                manifest("Deployment", "", &[("image: web", None), ("replicas: 3", Some(0))]),
            ],
            actions: vec![action(false), action(true)],
            values: vec![ReadValue {
                path: vec!["replicas".into()],
                text: "3".into(),
                layer: None,
                label: String::new(),
                place: None,
            }],
            ..ManifestsReport::default()
        }
    }

    fn wanted(show: Show, filter: &'static str) -> Wanted<'static> {
        Wanted { namespace: "shop", show, key: &[], filter }
    }

    #[test]
    fn rows_stand_by_cluster_namespace_and_object() {
        let shown = rows(&report(), wanted(Show::All, ""), &HashSet::from([2]));
        assert_eq!(
            shown,
            [
                Row::Cluster(3),
                Row::Namespace(String::new(), 1),
                Row::Manifest(1),
                Row::Line(1, 1),
                Row::Namespace("shop".into(), 2),
                Row::Manifest(0),
                Row::Line(0, 1),
                Row::Manifest(2),
            ]
        );
    }

    #[test]
    fn lines_are_found_by_text_by_value_and_by_what_is_made_up() {
        let lines = |wanted: Wanted<'_>| {
            let rows = rows(&report(), wanted, &HashSet::new());
            rows.iter().filter(|row| matches!(row, Row::Line(..))).cloned().collect::<Vec<_>>()
        };
        assert_eq!(lines(wanted(Show::All, "IMAGE")), [Row::Line(2, 1)]);
        let key = ["replicas".to_owned()];
        assert_eq!(
            lines(Wanted { key: &key, ..wanted(Show::Reached, "") }),
            [Row::Line(0, 1), Row::Line(2, 2)]
        );
        assert_eq!(lines(wanted(Show::MadeUp, "")), [Row::Line(1, 1), Row::Line(2, 1)]);
        assert!(rows(&report(), wanted(Show::All, "nowhere"), &HashSet::new()).is_empty());
        assert_eq!(count(&report(), Show::Reached, &key), 2);
    }

    #[test]
    fn the_keyboard_walks_over_headings_and_folds() {
        let mut folded = HashSet::new();
        let shown = rows(&report(), wanted(Show::All, ""), &folded);
        let press = |key, at, folded: &HashSet<usize>| key_move(key, &shown, at, folded, 3);
        assert_eq!(press("ArrowDown", None, &folded), Some(Move::To(2)));
        assert_eq!(press("ArrowDown", Some(3), &folded), Some(Move::To(5)), "over the namespace");
        assert_eq!(press("ArrowUp", Some(2), &folded), Some(Move::Stay));
        assert_eq!(press("ArrowLeft", Some(3), &folded), Some(Move::To(2)));
        assert_eq!(press("ArrowLeft", Some(2), &folded), Some(Move::Fold(1, true)));
        folded.insert(1);
        assert_eq!(press("ArrowRight", Some(2), &folded), Some(Move::Fold(1, false)));
        assert_eq!(press("End", Some(2), &folded), Some(Move::To(shown.len() - 1)));
        assert_eq!(press("x", Some(2), &folded), None);
        assert_eq!(key_move("ArrowDown", &[], None, &folded, 3), Some(Move::Stay));
    }
}
