//! Directories and files of a Git repository (spec sheet sections 2.2 to 2.5).

use super::Run;
use super::path::{PathNames, Replaced};
use crate::argocd::failure::{Failure, TOO_DEEP, is_too_deep};
use crate::argocd::memo::Caller;
use crate::argocd::parameters::{Generator, Origin, Parameters};
use crate::argocd::typed::Object;
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::repository::glob::{Doublestar, PathMatch, Pathspec};
use crate::repository::{Checkout, Content, Entry, Found, Tree};
use crate::source::{File, Location, Span};
use crate::yaml::{self, Documents, Kind, Node};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The parameter sets of a git generator.
///
/// # Errors
/// A repository that is not loaded, a file that can't be read, neither files nor directories asked for.
pub fn generate(run: &mut Run, generator: &Object, caller: &Caller) -> Result<Vec<Arc<Parameters>>, Failure> {
    run.check_project()?;
    let directories = !generator.list("directories").is_empty();
    if !directories && generator.list("files").is_empty() {
        return Err(Failure::at("ApplicationSet is empty", generator.span)
            .hint("a git generator needs `directories` or `files`"));
    }
    let checkout = checkout(run, generator, "appset-unknown-repository")?;
    let sets = if directories {
        directories_of(run, generator, &checkout, Generator::GitDirectories)
            .map(|sets| run.shared(caller, sets))
    } else {
        let globbing =
            if run.context.settings.new_git_file_globbing { Globbing::New } else { Globbing::Default };
        files_of(run, generator, &checkout, Generator::GitFiles, globbing, caller)
    };
    sets.map_err(|failure| failure.within("error generating params from git"))
}

/// The repository at the revision that the generator names.
pub fn checkout<'a>(
    run: &mut Run<'a>,
    generator: &Object,
    code: &'static str,
) -> Result<Checkout<'a>, Failure> {
    let (url, revision) = (generator.text("repoURL"), generator.text("revision"));
    let checkout = run.context.repositories.checkout(url, revision).map_err(|error| {
        let hint = error.hint();
        Failure::at(error.to_string(), generator.span_of("repoURL")).code(code).hint(hint)
    })?;
    if checkout.stands_in {
        let name = &checkout.repository.name;
        let message = format!("only one revision of {name} is loaded; it stands for {revision:?}");
        let told = Diagnostic::note("appset-revision-stands-in", message);
        let told = told.at(Location::new(run.file, generator.span_of("revision")));
        if !run.findings.list.contains(&told) {
            run.findings.list.push(told);
        }
    }
    Ok(checkout)
}

/// One set for each directory that an item includes and none excludes, in the order of a walk.
pub fn directories_of(
    run: &mut Run,
    generator: &Object,
    checkout: &Checkout,
    kind: Generator,
) -> Result<Vec<Parameters>, Failure> {
    struct Item {
        pattern: Option<PathMatch>,
        exclude: bool,
        span: Span,
    }
    let items: Vec<Item> = generator
        .objects("directories")
        .map(|item| Item {
            // Argo CD logs a malformed pattern and goes on; nothing matches it.
            pattern: PathMatch::new(item.text("path")).ok(),
            exclude: item.flag("exclude"),
            span: item.span_of("path"),
        })
        .collect();
    let names = PathNames::new(generator, run.renderer.is_go());
    let mut sets = Vec::new();
    let mut excluded = Vec::new();
    let mut hidden: Option<&str> = None;
    for directory in checkout.tree().directories() {
        if hidden.is_some_and(|above| directory.strip_prefix(above).is_some_and(|rest| rest.starts_with('/')))
        {
            continue;
        }
        let name = directory.rsplit('/').next().unwrap_or(directory);
        if name.starts_with('.') && !run.context.settings.include_hidden_directories {
            hidden = Some(directory);
            continue;
        }
        let matches = |item: &&Item| item.pattern.as_ref().is_some_and(|pattern| pattern.matches(directory));
        let Some(included) = items.iter().filter(|item| !item.exclude).find(matches) else { continue };
        if let Some(item) = items.iter().filter(|item| item.exclude).find(matches) {
            excluded.push((directory, item.span));
            continue;
        }
        let origin = Origin::at(kind, run.file, included.span);
        let mut set = Parameters::default();
        run.findings.list.extend(names.insert(&mut set, directory, None, &origin).map(|one| one.told()));
        run.add_values(generator, kind, &mut set).map_err(|failure| {
            failure.within("failed to append templated values").within("error generating params from apps")
        })?;
        sets.push(set);
    }
    tell_excluded(run, &excluded);
    if sets.is_empty() {
        let reasons = generator.objects("directories").filter(|item| !item.flag("exclude")).map(|item| {
            let pattern = item.text("path");
            let told =
                Diagnostic::warning("appset-no-parameters", format!("no directory matches {pattern:?}"))
                    .at(Location::new(run.file, item.span_of("path")));
            with_near_directory(told, pattern, checkout.tree())
        });
        let reasons = reasons.collect();
        run.findings.nothing_from(generator, reasons);
    }
    Ok(sets)
}

fn tell_excluded(run: &mut Run, excluded: &[(&str, Span)]) {
    let mut by_item: BTreeMap<Span, Vec<&str>> = BTreeMap::new();
    for (directory, span) in excluded {
        by_item.entry(*span).or_default().push(directory);
    }
    for (span, directories) in by_item {
        let shown = directories[..directories.len().min(5)].join(", ");
        let more = directories.len().checked_sub(5).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let message = format!("excluded here: {shown}{more}");
        let told = Diagnostic::note("appset-excluded", message).at(Location::new(run.file, span));
        if !run.findings.list.contains(&told) {
            run.findings.list.push(told);
        }
    }
}

/// How patterns of files are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Globbing {
    /// As `git ls-files` reads pathspecs.
    Default,
    /// As the library doublestar expands globs in a checkout (`--enable-new-git-file-globbing`).
    New,
    /// The same over the files of an artifact.
    Artifact,
}

/// One set for each document that a file holds; files in the order of their paths.
pub fn files_of(
    run: &mut Run,
    generator: &Object,
    checkout: &Checkout,
    kind: Generator,
    globbing: Globbing,
    caller: &Caller,
) -> Result<Vec<Arc<Parameters>>, Failure> {
    let mut files: Vec<Matched> = Vec::new();
    let mut silent = Vec::new();
    // Before 3.1 the field didn't exist, and the item was one like any other.
    let knows_exclude = globbing == Globbing::Artifact || run.context.profile.argocd.excludes_git_files();
    let excludes = |item: &&Object| knows_exclude && item.flag("exclude");
    for item in generator.objects("files").filter(|item| !excludes(item)) {
        let found = matching(run, generator, item, checkout, globbing)?;
        if found.is_empty() {
            silent.push(item);
        }
        files.extend(found);
    }
    // Of several items that match a file the last one counts.
    files.reverse();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup_by(|next, kept| next.path == kept.path);
    for item in generator.objects("files").filter(excludes) {
        let found = matching(run, generator, item, checkout, globbing)?;
        let gone: HashSet<&Arc<str>> = found.iter().map(|found| &found.path).collect();
        files.retain(|kept| !gone.contains(&kept.path));
    }
    let sets = sets_of_files(run, generator, &files, kind, caller)?;
    if sets.is_empty() {
        let reasons = silent.into_iter().map(|item| {
            let pattern = item.text("path");
            let told = Diagnostic::warning("appset-no-parameters", format!("no file matches {pattern:?}"))
                .at(Location::new(run.file, item.span_of("path")));
            with_near_file(told, pattern, checkout.tree())
        });
        let reasons = reasons.collect();
        run.findings.nothing_from(generator, reasons);
    }
    Ok(sets)
}

/// A file that an item matched.
#[derive(Clone)]
struct Matched {
    path: Arc<str>,
    /// The text, behind links; `None` if there is none to read.
    file: Result<Arc<File>, String>,
    span: Span,
}

fn matching(
    run: &Run,
    generator: &Object,
    item: &Object,
    checkout: &Checkout,
    globbing: Globbing,
) -> Result<Vec<Matched>, Failure> {
    let (pattern, span) = (item.text("path"), item.span_of("path"));
    let tree = checkout.tree();
    let matched = |path: Arc<str>| {
        let file = read_through(tree, &path);
        Matched { path, file, span }
    };
    if globbing == Globbing::Default {
        let pathspec = Pathspec::new(pattern).map_err(|error| {
            let (url, revision) = (generator.text("repoURL"), generator.text("revision"));
            Failure::at(
                format!(
                    "error retrieving Git files: rpc error: code = Internal desc = unable to list files. repo {url} with \
                     revision {revision} pattern {pattern}: `git ls-files --full-name -z -- {pattern}` failed exit \
                     status 128: {}",
                    words_of_git(pattern, &error.0)
                ),
                span,
            )
        })?;
        let prefix = pathspec.literal_prefix();
        let folder = prefix.rfind('/').map_or("", |at| &prefix[..at]);
        let found = |entries: &[Entry]| {
            let found = entries.iter().filter(|entry| pathspec.matches(&entry.path));
            let found = found.map(|entry| match entry.file() {
                Some(file) => Matched { path: Arc::clone(&entry.path), file: Ok(Arc::clone(file)), span },
                None => matched(Arc::clone(&entry.path)),
            });
            found.collect::<Vec<_>>()
        };
        let mut all = run.means.workers.parts(tree.under(folder), found).concat();
        all.extend(tree.get(folder).into_iter().flat_map(|entry| found(std::slice::from_ref(entry))));
        return Ok(all);
    }
    let glob = Doublestar::new(pattern).and_then(|glob| glob.expand(tree));
    let found = glob.map_err(|error| {
        let context = "error retrieving Git files: rpc error: code = Internal desc = unable to list files";
        Failure::at(error.0, span).within(context)
    })?;
    let mut files = Vec::with_capacity(found.len());
    for path in found {
        if tree.find(&path).is_directory() {
            if globbing == Globbing::Artifact {
                continue;
            }
            return Err(Failure::at(format!("unable to read files: read {path}: is a directory"), span)
                .hint("the new globbing matches directories too: let the pattern end with a file's name"));
        }
        files.push(matched(path.into()));
    }
    Ok(files)
}

/// What Git says about an absolute path, which it looks for outside of the repository.
fn words_of_git(pattern: &str, otherwise: &str) -> String {
    match pattern.strip_prefix('/') {
        Some(rest) => {
            let first = rest.split('/').next().unwrap_or(rest);
            format!("fatal: Invalid path '/{first}': No such file or directory")
        }
        None => otherwise.to_owned(),
    }
}

fn read_through(tree: &Tree, path: &str) -> Result<Arc<File>, String> {
    match tree.find(path) {
        Found::File(entry) => match &entry.content {
            Content::Text(file) => Ok(Arc::clone(file)),
            Content::Binary(bytes) => {
                // Of Helm's versions those that decode as Argo CD does.
                let problem = match yaml::decode_bytes(bytes, Helm::V3_22) {
                    Ok(text) if !text.contains('\0') => {
                        return Ok(File::new(Arc::clone(&tree.named(path).repository), path, text));
                    }
                    Ok(_) => "control characters are not allowed",
                    Err(problem) => problem,
                };
                Err(format!("error converting YAML to JSON: yaml: {problem}"))
            }
            Content::Skipped(reason) => Err(format!("the file was not loaded: {reason}")),
            Content::Link(_) => Err("too many links".to_owned()),
        },
        Found::Directory(_) => Err("is a directory".to_owned()),
        Found::Missing | Found::Outside | Found::Loop => Err("the link leads nowhere".to_owned()),
    }
}

fn sets_of_files(
    run: &mut Run,
    generator: &Object,
    files: &[Matched],
    kind: Generator,
    caller: &Caller,
) -> Result<Vec<Arc<Parameters>>, Failure> {
    let known = |matched: &Matched| {
        let file = matched.file.as_ref().ok().filter(|_| !run.merging)?;
        run.pieces.of_file(caller, file, &matched.path)
    };
    let known: Vec<_> = files.iter().map(known).collect();
    let open: Vec<&Matched> =
        files.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(matched, _)| matched).collect();
    let (documents, is_go) = (run.means.documents, run.renderer.is_go());
    let reader = Reader { documents, kind, is_go, names: PathNames::new(generator, is_go) };
    let read = run
        .means
        .workers
        .parts(&open, |part| part.iter().map(|matched| reader.read(matched)).collect::<Vec<_>>());
    let mut read = read.into_iter().flatten();
    let mut sets = Vec::new();
    for (matched, known) in files.iter().zip(known) {
        if let Some(known) = known {
            sets.extend(known);
            continue;
        }
        let told = run.findings.list.len();
        let read = read.next().unwrap_or_else(|| reader.read(matched));
        let read = read.and_then(|read| with_values(run, generator, kind, read));
        let read = read.map_err(|failure| {
            let (path, url) = (&matched.path, generator.text("repoURL"));
            failure.within(&format!("unable to process file '{path}' from repository '{url}'"))
        })?;
        if let (Ok(file), true) = (&matched.file, told == run.findings.list.len() && !run.merging) {
            run.pieces.keep_file(caller, file, &matched.path, &read);
        }
        sets.extend(read);
    }
    Ok(sets)
}

/// Reads the files of a generator.
struct Reader<'a> {
    documents: &'a Documents,
    kind: Generator,
    is_go: bool,
    names: PathNames<'a>,
}

/// A set of a file, and the parameter that those of its path replaced.
type FileSet = (Parameters, Option<Replaced>);

impl Reader<'_> {
    /// What a file says, one set for each of its documents, with the parameters of its path.
    fn read(&self, matched: &Matched) -> Result<Vec<FileSet>, Failure> {
        let at_item = |message: &str| Failure::at(format!("unable to parse file: {message}"), matched.span);
        let file = matched.file.as_ref().map_err(|message| at_item(message))?;
        let document = self
            .documents
            .read(file)
            .map_err(|error| at_item(&error.to_string()).place(Location::new(file, error.span)))?;
        if is_too_deep(&document.root) {
            return Err(at_item(TOO_DEEP).place(Location::new(file, document.root.span)));
        }
        let not = |node: &Node, of: &str| {
            let found = node.json_kind();
            at_item(&format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {of}"
            ))
            .place(Location::new(file, node.span))
        };
        let documents = match &document.root.kind {
            Kind::Map(_) | Kind::Null => std::slice::from_ref(&document.root),
            Kind::List(items) => items,
            _ => return Err(not(&document.root, "[]map[string]interface {}")),
        };
        let (directory, name) = matched.path.rsplit_once('/').unwrap_or((".", &matched.path));
        let origin = Origin::at(self.kind, file, Span::at(0));
        let set = |node: &Node| {
            if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
                return Err(not(node, "map[string]interface {}"));
            }
            let written = Parameters::from_node(node, self.kind, file);
            let mut set = if self.is_go { written } else { written.flatten(true) };
            let replaced = self.names.insert(&mut set, directory, Some(name), &origin);
            Ok((set, replaced))
        };
        documents.iter().map(set).collect()
    }
}

/// The sets of a file with the generator's `values`.
fn with_values(
    run: &mut Run,
    generator: &Object,
    kind: Generator,
    sets: Vec<FileSet>,
) -> Result<Vec<Arc<Parameters>>, Failure> {
    let mut complete = Vec::with_capacity(sets.len());
    for (mut set, replaced) in sets {
        run.findings.list.extend(replaced.map(|replaced| replaced.told()));
        run.add_values(generator, kind, &mut set)
            .map_err(|failure| failure.within("failed to append templated values"))?;
        complete.push(Arc::new(set));
    }
    Ok(complete)
}

fn with_near_file(told: Diagnostic, pattern: &str, tree: &Tree) -> Diagnostic {
    let wanted = pattern.rsplit('/').next().unwrap_or(pattern);
    let fixed = fixed_folder(pattern);
    if !fixed.is_empty() && !tree.is_directory(fixed) {
        return with_missing_folder(told, fixed, tree);
    }
    let near = tree.under(fixed).iter().filter_map(|entry| {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let score = likeness(pattern, &entry.path) + usize::from(name == wanted) * 10;
        Some((score, entry.file()?))
    });
    match near.max_by_key(|(score, file)| (*score, std::cmp::Reverse(file.path.len()))) {
        Some((_, file)) => told
            .with(Location::new(file, Span::at(0)), "the nearest file")
            .hint(format!("nearest is {}", file.path)),
        None => told.hint("the repository has no such folder"),
    }
}

fn with_near_directory(told: Diagnostic, pattern: &str, tree: &Tree) -> Diagnostic {
    if pattern.starts_with('/') || pattern.ends_with('/') {
        return told.hint("a pattern of directories neither starts nor ends with `/`");
    }
    if pattern.split('/').any(|segment| segment.starts_with('.')) {
        return told.hint("directories whose names start with a dot are skipped");
    }
    let fixed = fixed_folder(pattern);
    if !fixed.is_empty() && !tree.is_directory(fixed) {
        return with_missing_folder(told, fixed, tree);
    }
    let near = tree.directories().into_iter().max_by_key(|directory| likeness(pattern, directory));
    match near {
        Some(directory) => told.hint(format!("nearest is {directory}")),
        None => told.hint("the repository has no directories"),
    }
}

/// The folders of a pattern before its first wildcard.
fn fixed_folder(pattern: &str) -> &str {
    let wildcard = pattern.find(['*', '?', '[', '{', '\\']).unwrap_or(pattern.len());
    pattern[..wildcard].rfind('/').map_or("", |at| &pattern[..at])
}

fn with_missing_folder(told: Diagnostic, folder: &str, tree: &Tree) -> Diagnostic {
    let mut there = folder;
    while !there.is_empty() && !tree.is_directory(there) {
        there = there.rfind('/').map_or("", |at| &there[..at]);
    }
    let names = tree.list(there).into_iter().filter(|(_, folder)| *folder).map(|(name, _)| name);
    let names: Vec<_> = names.take(8).collect();
    let place = if there.is_empty() { "the root" } else { there };
    told.hint(format!("there is no folder {folder}; {place} has {}", names.join(", ")))
}

/// How many segments two paths have in common from the front and from the back; a wildcard is like
/// anything.
fn likeness(pattern: &str, path: &str) -> usize {
    let like =
        |(one, other): &(&str, &str)| one.contains(['*', '?', '[', '{']) || one.eq_ignore_ascii_case(other);
    let front = pattern.split('/').zip(path.split('/')).take_while(like).count();
    let back = pattern.rsplit('/').zip(path.rsplit('/')).take_while(like).count();
    front + back
}
