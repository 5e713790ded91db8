//! Files on their way into a platform.

use crate::argocd::fixtures::Fixtures;
use crate::diagnostic::Diagnostic;
use crate::repository::load::{Archive, Loader};
use crate::source::File;
use std::sync::Arc;

/// Files that are being taken in. They become the platform when they are committed.
#[derive(Default)]
pub struct Load {
    pub(super) loader: Loader,
    pub(super) problems: Vec<Diagnostic>,
    /// Whether more than pasted text was taken in.
    pub(super) dropped: bool,
    /// Archives that are not unpacked yet, the next one last.
    archives: Vec<Archive>,
    /// A fixtures file among what was given.
    pub(super) fixtures: Option<Arc<File>>,
}

impl Load {
    /// Whether a file is worth reading at all; if not, it is listed as skipped. Ask with a final `/`
    /// before walking into a folder.
    pub fn wants(&mut self, path: &str, size: u64) -> bool {
        Self::unpacks(path) || self.loader.wants(path, size)
    }

    /// Whether a file is an archive that is unpacked: one that lies in no folder.
    fn unpacks(path: &str) -> bool {
        !path.contains('/') && Archive::is_archive(path)
    }

    /// A file that whoever reads the files could not read.
    pub fn unreadable(&mut self, path: &str) {
        let problem = Diagnostic::warning("repository-unreadable", format!("{path} could not be read"));
        self.problems
            .push(problem.hint("it may have been changed or moved away meanwhile: drop it once more"));
    }

    /// Takes in a file. One that is itself a zip or tgz (and does not lie in a dropped folder) is
    /// unpacked by [`Load::unpack`]; a lone fixtures file is one, and belongs to no repository.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.dropped = true;
        if Self::unpacks(path) {
            match Archive::open(path, bytes) {
                Ok(archive) => self.archives.push(archive),
                Err(problem) => self.problems.push(problem),
            }
        } else if let Some(fixtures) = fixtures_file(path, &bytes) {
            self.fixtures = Some(fixtures);
        } else {
            self.loader.file(path, &bytes);
        }
    }

    /// Goes a step on with unpacking, which takes milliseconds; `false` when nothing is left to unpack.
    /// A broken archive is told and costs nothing but itself.
    pub fn unpack(&mut self) -> bool {
        let Some(archive) = self.archives.last_mut() else { return false };
        match archive.step(&mut self.loader) {
            Ok(true) => return true,
            Ok(false) => {}
            Err(problem) => self.problems.push(problem),
        }
        self.archives.pop();
        !self.archives.is_empty()
    }

    /// Entries of the archive at hand that are unpacked, and the number of all, 0 where that is not
    /// known; `None` if there is none.
    pub fn unpacking(&self) -> Option<(usize, usize)> {
        self.archives.last().map(|archive| (archive.done(), archive.total().unwrap_or_default()))
    }

    /// Takes pasted text in: one file at `path`, or several, each after a line `# path: a/b.yaml`. If nothing
    /// else is taken in, the files go into the repositories of these names that are loaded.
    pub fn paste(&mut self, path: &str, text: &str) {
        match fixtures_file(path, text.as_bytes()) {
            Some(fixtures) => self.fixtures = Some(fixtures),
            None => self.loader.paste(path, text),
        }
    }

    /// Tells a problem of whoever reads the files.
    pub fn problem(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Number of files taken in so far.
    pub fn len(&self) -> usize {
        self.loader.len()
    }

    /// Whether nothing was taken in so far.
    pub fn is_empty(&self) -> bool {
        self.loader.is_empty()
    }
}

/// A file that lies in no folder and is a fixtures file, by its name or by what stands in it.
fn fixtures_file(path: &str, bytes: &[u8]) -> Option<Arc<File>> {
    let stem = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml"))?;
    if path.contains('/') {
        return None;
    }
    let file = File::new("", path, std::str::from_utf8(bytes).ok()?);
    (stem.ends_with("fixtures") || Fixtures::describes(&file)).then_some(file)
}
