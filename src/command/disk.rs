//! Reads what the command line names into repositories.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use strata::diagnostic::Diagnostic;
use strata::repository::load::{Archive, Argument, Loader, Target};
use strata::repository::{Repositories, Repository};

/// The repositories of all paths, and what could not be taken in.
///
/// # Errors
/// When a path does not exist or can't be read at all; one sentence about it.
pub fn read(paths: &[String]) -> Result<(Repositories, Vec<Diagnostic>), String> {
    let mut repositories = Repositories::default();
    let mut problems = Vec::new();
    for text in paths {
        let argument = Argument::parse(text);
        let (loaded, found) = load(Path::new(&argument.path), argument.target)?;
        repositories.add(loaded);
        problems.extend(found);
    }
    Ok((repositories, problems))
}

fn load(path: &Path, target: Target) -> Result<(Vec<Repository>, Vec<Diagnostic>), String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let whole = matches!(target, Target::Repository { .. });
    let mut loader = Loader::new(target);
    if fs::metadata(path).map_err(|error| named(&error))?.is_dir() {
        // `.` has no name of its own, and a folder's name tells which repository it is.
        let full = path.canonicalize().map_err(|error| named(&error))?;
        let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        folder(&mut loader, &full, if whole { "" } else { &name }).map_err(|error| named(&error))?;
    } else {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = fs::read(path).map_err(|error| named(&error))?;
        if Archive::is_archive(&name) {
            Archive::open(&name, bytes)
                .and_then(|archive| archive.load(&mut loader))
                .map_err(|error| named(&error))?;
        } else {
            loader.file(&name, &bytes);
            return taken(loader).map_err(|reason| named(&reason));
        }
    }
    let loaded = loader.finish();
    Ok((loaded.repositories, loaded.problems))
}

/// A file that was named itself is not skipped in silence, as one in a folder is.
fn taken(loader: Loader) -> Result<(Vec<Repository>, Vec<Diagnostic>), Arc<str>> {
    let loaded = loader.finish();
    let mut revisions = loaded.repositories.iter().flat_map(|repository| &repository.revisions);
    match revisions.find_map(|revision| revision.skipped.first()) {
        Some(skipped) => Err(Arc::clone(&skipped.reason)),
        None => Ok((loaded.repositories, loaded.problems)),
    }
}

/// Reads a folder's files, in the order of their names; `inside` is its path for the loader.
fn folder(loader: &mut Loader, disk: &Path, inside: &str) -> std::io::Result<()> {
    let mut open = vec![(disk.to_path_buf(), inside.to_owned())];
    if !inside.is_empty() {
        loader.folder(inside);
    }
    while let Some((folder, inside)) = open.pop() {
        let mut entries = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                loader.link(&path, &target.to_string_lossy());
            } else if kind.is_dir() {
                // Of `.git` only what names the branch and the remote is of use.
                if name == ".git" {
                    for file in ["HEAD", "config"] {
                        if let Ok(bytes) = fs::read(entry.path().join(file)) {
                            loader.file(&format!("{path}/{file}"), &bytes);
                        }
                    }
                    loader.wants(&format!("{path}/"), 0);
                } else if loader.wants(&format!("{path}/"), 0) {
                    open.push((entry.path(), path));
                }
            } else if loader.wants(&path, entry.metadata()?.len()) {
                match fs::read(entry.path()) {
                    Ok(bytes) => loader.file(&path, &bytes),
                    Err(error) => {
                        loader.problem(Diagnostic::warning("file-unreadable", format!("{path}: {error}")));
                    }
                }
            }
        }
    }
    Ok(())
}
