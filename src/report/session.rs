//! A platform that is looked at: loaded, evaluated, asked. The page and the command line both hold one.

use super::load::Load;
use super::problems::Problems;
use super::rendered::Rendered;
use super::{
    ApplicationReport, Cascade, Comparing, FileReport, Hit, ManifestsReport, NamespaceReport, ObjectReport,
    Overview, Place, Problem, ProfileComparison, Trace,
};
use super::{application, overview, search, trace};
use crate::argocd::fixtures::Fixtures;
use crate::diagnostic::Diagnostic;
use crate::platform::{Detail, Evaluation, Platform};
use crate::profile::Profile;
use crate::repository::Repositories;
use crate::source::File;
use crate::work::{Alone, Workers};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Applications that are handled between two reports of progress.
const PORTION: usize = 64;

/// A platform with what came of it.
pub struct Session {
    platform: Platform,
    evaluation: Evaluation,
    load_problems: Vec<Diagnostic>,
    /// Where the findings are, once somebody has asked; it lasts until the next step.
    problems: OnceLock<Problems>,
    /// What was put aside for the example, while that is looked at.
    aside: Option<Box<Aside>>,
    /// What was there before the last change.
    before: Option<Box<Session>>,
}

/// Files of the user that are not looked at, since the example is.
#[derive(Clone, Default)]
struct Aside {
    repositories: Repositories,
    fixtures: Option<Fixtures>,
    load_problems: Vec<Diagnostic>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Repositories::default(), Fixtures::default(), Profile::default())
    }
}

impl Session {
    /// A session on these repositories; nothing is evaluated yet but what sets yield.
    pub fn new(repositories: Repositories, fixtures: Fixtures, profile: Profile) -> Self {
        Self::with(&Alone, repositories, fixtures, profile)
    }

    /// The same with somebody who does what can be done at once.
    pub fn with(
        workers: &'static dyn Workers,
        repositories: Repositories,
        fixtures: Fixtures,
        profile: Profile,
    ) -> Self {
        let mut platform = Platform { repositories, fixtures, profile };
        let evaluation = Evaluation::new(&mut platform, workers);
        Self {
            platform,
            evaluation,
            load_problems: Vec::new(),
            problems: OnceLock::new(),
            aside: None,
            before: None,
        }
    }

    /// Starts to take files in.
    pub fn begin(&self) -> Load {
        Load::default()
    }

    /// Makes what was taken in part of the platform and tells what could not be.
    ///
    /// # Errors
    /// If there is nothing usable in it; what was loaded before stays as it is then.
    pub fn commit(&mut self, mut load: Load) -> Result<Vec<Problem>, Vec<Problem>> {
        while load.unpack() {}
        let alone = load.is_empty() && load.problems.is_empty();
        if let Some(file) = load.fixtures.as_ref().filter(|_| alone) {
            return self.set_fixtures(&file.path, &file.text).map(|()| Vec::new());
        }
        let loaded = load.loader.finish();
        let mut problems: Vec<Diagnostic> = load.problems.into_iter().chain(loaded.problems).collect();
        let fixtures = load.fixtures.and_then(|file| match Fixtures::read(&file) {
            Ok(fixtures) => Some(fixtures),
            Err(wrong) => {
                problems.extend(wrong);
                None
            }
        });
        let told = problems.iter().map(Problem::of).collect();
        if loaded.repositories.is_empty() {
            return Err(told);
        }
        let (mut platform, mut load_problems) = self.own();
        if load.dropped {
            platform.repositories.add(loaded.repositories);
        } else {
            platform.repositories.add_files(loaded.repositories);
        }
        if let Some(fixtures) = fixtures {
            platform.fixtures = fixtures;
        }
        load_problems.extend(problems);
        self.change(platform, load_problems, None);
        Ok(told)
    }

    /// Shows the example, which has nothing to do with the user's files: these are put aside, and are there
    /// again after [`Session::close_example`] or with what is loaded next.
    pub fn open_example(&mut self, load: Load) {
        let loaded = load.loader.finish();
        let aside = self.aside.clone().unwrap_or_else(|| {
            let own = !self.platform.repositories.is_empty();
            Box::new(Aside {
                repositories: self.platform.repositories.clone(),
                fixtures: own.then(|| self.platform.fixtures.clone()),
                load_problems: self.load_problems.clone(),
            })
        });
        let mut platform = Platform { profile: self.platform.profile, ..Platform::default() };
        platform.repositories.add(loaded.repositories);
        self.change(platform, loaded.problems, Some(aside));
    }

    /// Shows the user's files again, if the example is shown.
    pub fn close_example(&mut self) {
        if self.aside.is_some() {
            let (platform, load_problems) = self.own();
            self.change(platform, load_problems, None);
        }
    }

    /// The user's files with what there was to say about them. The rules that were chosen stay; so do
    /// fixtures that were written while there were no files but the example's.
    fn own(&self) -> (Platform, Vec<Diagnostic>) {
        let mut platform = self.platform.clone();
        let Some(aside) = self.aside.as_deref().cloned() else {
            return (platform, self.load_problems.clone());
        };
        platform.repositories = aside.repositories;
        platform.fixtures = aside.fixtures.unwrap_or(platform.fixtures);
        (platform, aside.load_problems)
    }

    /// Takes back the last change: what was there before it is there again.
    pub fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            *self = *before;
        }
    }

    /// What was there before the last change, until that is settled: whoever has not seen what came of the
    /// change yet asks about that.
    pub fn settled(&self) -> &Session {
        self.before.as_deref().unwrap_or(self)
    }

    /// Forgets what was there before the last change.
    pub fn settle(&mut self) {
        self.before = None;
    }

    /// Sets the text of one file, or takes the file away (`None`); `false` if there is no such repository
    /// and revision. Only Applications that read the file are evaluated again.
    pub fn edit(&mut self, repository: &str, revision: &str, path: &str, text: Option<&str>) -> bool {
        let mut platform = self.platform.clone();
        let known = platform.repositories.edit(repository, revision, path, text);
        if known {
            self.change(platform, self.load_problems.clone(), self.aside.clone());
        }
        known
    }

    /// Takes a repository out.
    pub fn remove(&mut self, repository: &str) {
        let mut platform = self.platform.clone();
        platform.repositories.remove(repository);
        self.change(platform, self.load_problems.clone(), self.aside.clone());
    }

    /// Says which `repoURL` a repository stands for.
    pub fn set_url(&mut self, repository: &str, url: &str) {
        let mut platform = self.platform.clone();
        platform.repositories.set_url(repository, url);
        self.change(platform, self.load_problems.clone(), self.aside.clone());
    }

    /// Says of which branch, tag or commit a folder or archive is; empty for all that are not there.
    ///
    /// # Errors
    /// If the repository has another revision of that name; one sentence about it.
    pub fn set_revision(&mut self, repository: &str, revision: &str, name: &str) -> Result<(), String> {
        let mut platform = self.platform.clone();
        platform.repositories.set_revision(repository, revision, name)?;
        self.change(platform, self.load_problems.clone(), self.aside.clone());
        Ok(())
    }

    /// Says what no repository holds: a fixtures file in place of the one before.
    ///
    /// # Errors
    /// If it is no such file; what is wrong with it. Then the one before stays.
    pub fn set_fixtures(&mut self, name: &str, text: &str) -> Result<(), Vec<Problem>> {
        let fixtures = Fixtures::read(&File::new("", name, text))
            .map_err(|problems| problems.iter().map(Problem::of).collect::<Vec<_>>())?;
        let platform = Platform { fixtures, ..self.platform.clone() };
        self.change(platform, self.load_problems.clone(), self.aside.clone());
        Ok(())
    }

    /// Says whose rules apply.
    ///
    /// # Errors
    /// If there is no such profile; one sentence about it.
    pub fn set_profile(&mut self, name: &str) -> Result<(), String> {
        let platform = Platform { profile: name.parse()?, ..self.platform.clone() };
        self.change(platform, self.load_problems.clone(), self.aside.clone());
        Ok(())
    }

    /// Goes on with another platform and keeps this one for [`Session::undo`].
    fn change(&mut self, mut platform: Platform, load_problems: Vec<Diagnostic>, aside: Option<Box<Aside>>) {
        let evaluation = Evaluation::after(&mut platform, (&self.platform, &self.evaluation));
        let problems = OnceLock::new();
        let now = Self { platform, evaluation, load_problems, problems, aside, before: None };
        let mut before = std::mem::replace(self, now);
        before.before = None;
        self.before = Some(Box::new(before));
    }

    /// Computes the values of some more applications; `false` when all are done.
    pub fn step(&mut self) -> bool {
        self.problems.take();
        self.evaluation.step(&self.platform, PORTION)
    }

    /// Computes the values of all applications.
    pub fn complete(&mut self) {
        self.problems.take();
        self.evaluation.complete(&self.platform);
    }

    /// Number of Applications.
    pub fn len(&self) -> usize {
        self.evaluation.applications.len()
    }

    /// Whether there is no Application.
    pub fn is_empty(&self) -> bool {
        self.evaluation.applications.is_empty()
    }

    /// How many applications of those that have to be computed are, and how many these are.
    pub fn progress(&self) -> (usize, usize) {
        self.evaluation.progress()
    }

    /// The platform.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// What came of it.
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// Repositories, sets, Applications and problems.
    pub fn overview(&self) -> Overview {
        let problems = (0..self.problems().len()).filter_map(|at| self.problem(at));
        Overview { problems: problems.collect(), ..self.outline() }
    }

    /// The overview without its problems.
    pub fn outline(&self) -> Overview {
        let example = self.aside.as_ref().map(|aside| !aside.repositories.is_empty());
        Overview { example, ..overview::overview(&self.platform, &self.evaluation) }
    }

    /// The problems of the overview, each as a list shows it: a problem of single Applications comes without
    /// its excerpts, related places and hints, which [`Session::problem`] tells.
    pub fn problem_lines(&self) -> impl Iterator<Item = Problem> {
        let problems = self.problems();
        (0..problems.len()).filter_map(|at| problems.get(at, false, &self.evaluation, &self.load_problems))
    }

    /// A problem in full, by its position in the overview.
    pub fn problem(&self, at: usize) -> Option<Problem> {
        self.problems().get(at, true, &self.evaluation, &self.load_problems)
    }

    fn problems(&self) -> &Problems {
        self.problems.get_or_init(|| Problems::of(&self.evaluation, &self.load_problems))
    }

    /// The applications in a range with their values, and nothing checked. Several threads may do a share
    /// each.
    pub fn merged(&self, range: Range<usize>) -> impl Iterator<Item = Detail> {
        self.evaluation.merged(&self.platform, range)
    }

    /// One Application as the engine has it.
    pub fn detail(&self, position: usize) -> Option<Detail> {
        self.evaluation.detail(&self.platform, position)
    }

    /// One Application in full.
    pub fn application(&self, position: usize) -> Option<ApplicationReport> {
        let detail = self.detail(position)?;
        Some(application::report(self.evaluation.applications.get(position)?, &detail, &self.evaluation))
    }

    /// How one Application comes about, from its generator to the files of its layers.
    pub fn trace(&self, position: usize) -> Option<Trace> {
        let detail = self.detail(position)?;
        let application = self.evaluation.applications.get(position)?;
        Some(trace::trace(&self.platform, &self.evaluation, application, &detail))
    }

    /// Everything that was ever written at one path of the source at a position in `spec.sources`.
    pub fn cascade(&self, position: usize, source: usize, path: &[String]) -> Option<Cascade> {
        let detail = self.detail(position)?;
        let (source, outcome) = detail.sources.iter().find(|(candidate, _)| candidate.index == source)?;
        application::cascade(source, outcome, path)
    }

    /// Renders the Applications in a range and looks for what is found only so: errors of templates, objects
    /// that an Application yields twice, values that no template of any Application reads, and keys that are
    /// read and that none of them sets. It takes a while for many Applications; several threads may do a share
    /// each.
    pub fn render(&self, range: Range<usize>) -> Rendered {
        let mut rendered = Rendered::default();
        for position in range {
            self.render_one(&mut rendered, position);
        }
        rendered
    }

    /// Renders the Application after those that were; `false` when all were.
    pub fn render_step(&self, rendered: &mut Rendered) -> bool {
        self.render_one(rendered, rendered.len())
    }

    fn render_one(&self, rendered: &mut Rendered, position: usize) -> bool {
        let Some(application) = self.evaluation.applications.get(position) else { return false };
        let Some(detail) = self.detail(position) else { return false };
        rendered.add(position, application, &detail, &self.evaluation);
        true
    }

    /// What rendering has found: each finding once, with the Applications that it touches.
    pub fn render_problems(&self, rendered: &mut Rendered) -> Vec<Problem> {
        rendered.problems(&self.evaluation)
    }

    /// The namespaces of all clusters into which what was rendered goes.
    pub fn namespaces(&self, rendered: &mut Rendered) -> Vec<NamespaceReport> {
        rendered.namespaces(&self.evaluation)
    }

    /// The objects of one namespace; of an empty name those that lie in none.
    pub fn objects(&self, rendered: &mut Rendered, cluster: &str, namespace: &str) -> Vec<ObjectReport> {
        rendered.objects(cluster, namespace)
    }

    /// The manifests of the source at a position in `spec.sources`, with what wrote each part of a line
    /// and from which values.
    pub fn manifests(&self, position: usize, source: usize) -> Option<ManifestsReport> {
        let detail = self.detail(position)?;
        let (source, outcome) = detail.sources.iter().find(|(candidate, _)| candidate.index == source)?;
        Some(application::manifests(source, outcome))
    }

    /// Begins to compare with what another profile makes of the same files; go on with
    /// [`Session::compare_step`].
    pub fn compare(&self, profile: Profile) -> Comparing {
        Comparing::new(&self.platform, &self.evaluation, profile)
    }

    /// Compares some more Applications; `false` when all are done.
    pub fn compare_step(&self, comparing: &mut Comparing) -> bool {
        comparing.step(&self.platform, &self.evaluation, PORTION)
    }

    /// Compares one Application, by its position, alone.
    pub fn compare_one(&self, comparing: &mut Comparing, position: usize) {
        comparing.compare(&self.platform, &self.evaluation, position);
    }

    /// What a comparison has found so far.
    pub fn comparison(&self, comparing: &Comparing) -> ProfileComparison {
        comparing.report(&self.evaluation)
    }

    /// One file of a repository.
    pub fn file(&self, repository: &str, path: &str) -> Option<FileReport> {
        let files = self.files();
        let file = files.into_iter().find(|file| &*file.repository == repository && &*file.path == path)?;
        Some(self.file_report(file))
    }

    fn files(&self) -> Vec<&Arc<File>> {
        let repositories = self.platform.repositories.all().iter();
        let revisions = repositories.flat_map(|repository| &repository.revisions);
        let files = revisions.flat_map(|revision| revision.tree.files());
        files.chain(&self.platform.fixtures.file).collect()
    }

    fn file_report(&self, file: &Arc<File>) -> FileReport {
        let applications = self.evaluation.applications.iter().enumerate();
        let readers = applications.filter(|(_, one)| one.files().iter().any(|read| Arc::ptr_eq(read, file)));
        FileReport {
            repository: file.repository.to_string(),
            path: file.path.to_string(),
            text: file.text.to_string(),
            parent: file.parent.as_ref().map(Place::of),
            applications: readers.map(|(position, _)| position).collect(),
        }
    }

    /// Applications, keys, values and files that hold a text, at most `limit`.
    pub fn search(&self, text: &str, limit: usize) -> Vec<Hit> {
        search::search(self, text, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const SET: &str = "
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: by-cluster}
spec:
  generators: [{clusters: {selector: {matchLabels: {env: prod}}}}]
  template:
    metadata: {name: 'web-{{name}}'}
    spec:
      project: default
      destination: {server: '{{server}}', namespace: web}
      source: {repoURL: https://h/o/team.git, path: web}
";

    fn commit(session: &mut Session, files: &[(&str, &[u8])]) -> Result<Vec<Problem>, Vec<Problem>> {
        let mut load = session.begin();
        for (path, bytes) in files {
            load.add(path, bytes.to_vec());
        }
        session.commit(load)
    }

    #[test]
    fn a_lone_fixtures_file_describes_what_a_set_asks_for() {
        let mut session = Session::default();
        commit(&mut session, &[("team/set.yaml", SET.as_bytes())]).expect("there is a file");
        let overview = session.overview();
        assert_eq!(overview.applications.len(), 0);
        assert!(overview.starter_fixtures.contains("env: prod"), "{}", overview.starter_fixtures);
        let starter = overview.starter_fixtures.replace("cluster-1", "moon");
        commit(&mut session, &[("clusters.yaml", starter.as_bytes())]).expect("it is a fixtures file");
        let overview = session.overview();
        assert_eq!(overview.applications[0].name, "web-moon");
        assert_eq!((overview.fixtures, overview.repositories.len()), (starter, 1));
        let told = commit(&mut session, &[("my-fixtures.yaml", b"clusters: [{nam: x}]")]);
        let told = told.expect_err("the key is wrong");
        assert_eq!(told[0].place.as_ref().map(|place| place.line), Some(1));
        assert_eq!(session.overview().applications.len(), 1, "what was there stays");
        commit(&mut session, &[("values.yaml", b"replicas: 1")]).expect("any other file is just that");
        assert_eq!(session.overview().repositories.len(), 2);
    }

    #[test]
    fn the_example_puts_ones_own_files_aside() {
        let example = |session: &mut Session| {
            let mut load = session.begin();
            load.add("sample/app.yaml", b"a: 1".to_vec());
            session.open_example(load);
        };
        let shown = |session: &Session| {
            let overview = session.overview();
            let names: Vec<String> = overview.repositories.into_iter().map(|one| one.name).collect();
            (names.join(" "), overview.example)
        };
        let mut session = Session::default();
        example(&mut session);
        assert_eq!(shown(&session), ("sample".to_owned(), Some(false)));
        session
            .set_fixtures("fixtures.yaml", "clusters: [{name: moon, server: https://moon}]")
            .expect("it is a fixtures file");
        commit(&mut session, &[("team/a.yaml", b"a: 1")]).expect("there is a file");
        assert_eq!(shown(&session), ("team".to_owned(), None), "the example gives way");
        assert!(session.overview().fixtures.contains("moon"), "what the user wrote stays");
        for _ in 0..2 {
            example(&mut session);
            assert_eq!(shown(&session), ("sample".to_owned(), Some(true)));
        }
        session.undo();
        session.close_example();
        assert_eq!(shown(&session), ("team".to_owned(), None));
        assert!(session.overview().fixtures.contains("moon"));
        example(&mut session);
        commit(&mut session, &[("other/a.yaml", b"a: 1")]).expect("there is a file");
        assert_eq!(shown(&session), ("other team".to_owned(), None), "what was loaded stays");
    }

    #[test]
    fn archives_are_unpacked_step_by_step() {
        let mut tar = tar::Builder::new(Vec::new());
        for name in ["a.yaml", "b.yaml"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(4);
            header.set_mode(0o644);
            tar.append_data(&mut header, format!("team/{name}"), &b"a: 1"[..]).expect("memory is large");
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar.into_inner().expect("memory is large")).expect("memory is large");
        let mut session = Session::default();
        let mut load = session.begin();
        load.add("team.tgz", gzip.finish().expect("memory is large"));
        let mut steps = 1;
        while load.unpack() {
            assert_eq!(load.len(), steps - 1);
            steps += 1;
        }
        assert_eq!((steps, load.len()), (4, 2), "gzip, two files, the end");
        assert!(load.unpacking().is_none());
        session.commit(load).expect("there are files");
        assert_eq!(session.overview().repositories[0].files, 2);
    }
}
