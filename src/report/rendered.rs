//! What is found only when every Application is rendered.

use super::Problem;
use super::application;
use super::key_path;
use super::manifests::{Leaf, leaves, names, unset};
use super::objects::{NamespaceReport, ObjectReport, Objects};
use super::rows::Numbering;
use crate::argocd::sources::{Helm, Source, SourceKind};
use crate::diagnostic::Diagnostic;
use crate::platform::{Application, Detail, Evaluation, HelmSource, Identity, Outcome, not_rendered};
use crate::source::{File, Location, Same, Span};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Where a value is written.
type Written = (Same<File>, Span);

/// What rendering one Application after the other has found so far.
#[derive(Default)]
pub struct Rendered {
    /// Number of Applications that were rendered.
    done: usize,
    /// Findings, each with the position of its Application.
    problems: Vec<(usize, Diagnostic)>,
    /// The objects that came of it.
    objects: Objects,
    /// The values of users' layers that no template took so far, with their place.
    unread: HashMap<Written, (String, Location)>,
    /// Those that some template took.
    read: HashSet<Written>,
    /// Keys that a template asked for and that its Application did not set.
    unset: HashMap<(Written, String), Unset>,
    /// Paths that some Application sets, by their charts; paths by their hashes.
    set: HashMap<ChartOf, HashSet<u64>>,
}

/// A chart, by its `Chart.yaml`.
type ChartOf = Option<Same<File>>;

/// A key that a template asked for.
struct Unset {
    chart: ChartOf,
    path: u64,
    asked: Location,
}

impl Rendered {
    /// Number of Applications that were rendered so far.
    pub fn len(&self) -> usize {
        self.done
    }

    /// Whether none was rendered so far.
    pub fn is_empty(&self) -> bool {
        self.done == 0
    }

    /// Renders the Application at a position.
    pub(super) fn add(
        &mut self,
        position: usize,
        application: &Application,
        detail: &Detail,
        evaluation: &Evaluation,
    ) {
        self.done += 1;
        let to = application.destination(evaluation.fixtures());
        for (at, (source, outcome)) in detail.sources.iter().enumerate() {
            match (&source.kind, outcome) {
                (SourceKind::Helm(named), Outcome::Helm(helm)) => {
                    self.helm(position, ((at, source), named, helm), to);
                }
                (SourceKind::Directory(directory), Outcome::Plain(None)) => {
                    let told = match self.objects.add_directory(position, (at, source), to, directory) {
                        Ok(told) => told,
                        Err(problem) => vec![problem],
                    };
                    self.problems.extend(told.into_iter().map(|problem| (position, problem)));
                }
                _ => self.problems.extend(not_rendered(source).map(|note| (position, note))),
            }
        }
    }

    fn helm(
        &mut self,
        position: usize,
        (source, named, helm): ((usize, &Source), &Helm, &HelmSource),
        to: (&str, &str),
    ) {
        let rendering = match helm.render(named, true) {
            Ok(rendering) => rendering,
            Err(problem) => {
                // What fails before anything is rendered is told without rendering too.
                if helm.failure.is_none() {
                    self.problems.push((position, problem));
                }
                return;
            }
        };
        self.objects.add_rendering(position, (source, !named.skips.crds), to, &rendering);
        let layers = application::layers(helm);
        let numbering = Numbering(&layers);
        let Some(read) = &rendering.read else { return };
        let file = helm.chart.as_ref().and_then(|chart| chart.metadata_file.as_ref());
        let chart = file.map(Same::of);
        for leaf in leaves(read, helm) {
            self.set(&chart, &leaf);
            self.leaf(&leaf, &numbering);
        }
        for (path, asked) in unset(read) {
            let key = (written(asked), key_path::print(&path));
            let path = hash(path.iter().map(String::as_str));
            let unset = || Unset { chart: chart.clone(), path, asked: asked.clone() };
            self.unset.entry(key).or_insert_with(unset);
        }
    }

    /// Notes that a value, and all that it stands in, is set.
    fn set(&mut self, chart: &ChartOf, leaf: &Leaf) {
        let known = self.set.entry(chart.clone()).or_default();
        let names = names(&leaf.path);
        for length in (1..=names.len()).rev() {
            if !known.insert(hash(names[..length].iter().map(String::as_str))) {
                break;
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf, numbering: &Numbering<'_>) {
        let write = leaf.cell.last_write().filter(|write| write.layer.as_user().is_some());
        let Some(location) = write.and_then(|write| numbering.location(write)) else { return };
        let written = written(&location);
        if leaf.taken {
            self.read.insert(written);
            return;
        }
        self.unread.entry(written).or_insert_with(|| (key_path::print(&names(&leaf.path)), location));
    }

    /// Takes in what rendering the next Applications has found.
    pub fn join(&mut self, next: Self) {
        self.done += next.done;
        self.problems.extend(next.problems);
        self.objects.join(next.objects);
        for (written, unread) in next.unread {
            self.unread.entry(written).or_insert(unread);
        }
        self.read.extend(next.read);
        for (key, unset) in next.unset {
            self.unset.entry(key).or_insert(unset);
        }
        for (chart, paths) in next.set {
            self.set.entry(chart).or_default().extend(paths);
        }
    }

    /// What was found: in single Applications, in their order; objects that are yielded more than once; the
    /// values that no Application reads, and the keys that are read and that none of them sets.
    pub fn diagnostics(mut self, evaluation: &Evaluation) -> Vec<Diagnostic> {
        self.objects.sort();
        let objects = self.objects.problems(evaluation).into_iter().map(|(_, problem)| problem);
        let (unread, unset) = (self.unread(), self.unset());
        let own = self.problems.into_iter().map(|(_, problem)| problem);
        own.chain(objects).chain(unread).chain(unset).collect()
    }

    /// The same for views: each finding once, with the Applications that it touches.
    pub(super) fn problems(&mut self, evaluation: &Evaluation) -> Vec<Problem> {
        let mut known: HashMap<Identity<'_>, usize> = HashMap::new();
        let mut problems: Vec<Problem> = Vec::new();
        for (position, diagnostic) in &self.problems {
            let at = *known.entry(Identity::of(diagnostic)).or_insert_with(|| {
                problems.push(Problem::of(diagnostic));
                problems.len() - 1
            });
            if problems[at].applications.last() != Some(position) {
                problems[at].applications.push(*position);
            }
        }
        self.objects.sort();
        let objects = self.objects.problems(evaluation);
        problems.extend(
            objects
                .into_iter()
                .map(|(applications, problem)| Problem { applications, ..Problem::of(&problem) }),
        );
        problems.extend(self.unread().iter().chain(&self.unset()).map(Problem::of));
        problems
    }

    /// The namespaces of all clusters in which there are objects.
    pub(super) fn namespaces(&mut self, evaluation: &Evaluation) -> Vec<NamespaceReport> {
        self.objects.sort();
        self.objects.namespaces(evaluation)
    }

    /// The objects of a namespace.
    pub(super) fn objects(&mut self, cluster: &str, namespace: &str) -> Vec<ObjectReport> {
        self.objects.sort();
        self.objects.of(cluster, namespace)
    }

    fn unread(&self) -> Vec<Diagnostic> {
        let unread = self.unread.iter().filter(|(written, _)| !self.read.contains(*written));
        let mut unread: Vec<&(String, Location)> = unread.map(|(_, unread)| unread).collect();
        unread.sort_by(|(_, a), (_, b)| by_place(a, b));
        let told = |(path, location): &&(String, Location)| {
            let message = format!("{path} is set here, and no template of any Application reads it");
            Diagnostic::note("value-unread", message).at(location.clone())
        };
        unread.iter().map(told).collect()
    }

    fn unset(&self) -> Vec<Diagnostic> {
        let is_set = |one: &Unset| self.set.get(&one.chart).is_some_and(|known| known.contains(&one.path));
        let unset = self.unset.iter().filter(|(_, one)| !is_set(one));
        let mut unset: Vec<(&String, &Location)> = unset.map(|((_, path), one)| (path, &one.asked)).collect();
        unset.sort_by(|(path, a), (other, b)| by_place(a, b).then_with(|| path.cmp(other)));
        let told = |(path, asked): &(&String, &Location)| {
            let message = format!("{path} is read here, and no layer of any Application sets it");
            Diagnostic::note("value-unset", message).at((*asked).clone())
        };
        unset.iter().map(told).collect()
    }
}

fn written(location: &Location) -> Written {
    (Same::of(&location.file), location.span)
}

fn by_place(a: &Location, b: &Location) -> std::cmp::Ordering {
    let place = |of: &Location| (Arc::clone(&of.file.repository), Arc::clone(&of.file.path), of.span.start);
    place(a).cmp(&place(b))
}

fn hash<'a>(path: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.for_each(|name| name.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use crate::report::{Rendered, Session};

    const APPLICATION: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME}
spec:
  project: default
  destination: {server: https://kubernetes.default.svc, namespace: web}
  source: {repoURL: https://h/o/team, path: chart, helm: {valueFiles: [NAME.yaml]}}
";

    #[test]
    fn what_no_application_reads_or_sets_is_told_once() {
        let mut session = Session::default();
        let mut load = session.begin();
        let pod = "kind: Pod\nname: {{ .Values.name }}\na: {{ .Values.one }}\nb: {{ .Values.none }}\n";
        for (path, text) in [
            (".gitignore", ""),
            ("a.yaml", &*APPLICATION.replace("NAME", "a")),
            ("b.yaml", &*APPLICATION.replace("NAME", "b")),
            ("chart/Chart.yaml", "{apiVersion: v2, name: chart, version: 1.0.0}"),
            ("chart/values.yaml", "name: x"),
            ("chart/a.yaml", "{one: 1, spare: 2}"),
            ("chart/b.yaml", "spare: 3"),
            ("chart/templates/pod.yaml", pod),
        ] {
            load.add(&format!("team/{path}"), text.as_bytes().to_vec());
        }
        session.commit(load).expect("there is something to load");
        let mut rendered = Rendered::default();
        while session.render_step(&mut rendered) {}
        assert_eq!(rendered.len(), 2);
        let told: Vec<String> =
            session.render_problems(&mut rendered).into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            told,
            [
                "spare is set here, and no template of any Application reads it",
                "spare is set here, and no template of any Application reads it",
                "none is read here, and no layer of any Application sets it",
            ]
        );
    }
}
