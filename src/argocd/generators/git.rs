//! Directories and files of a Git repository (spec sheet sections 2.2 to 2.5).

use super::Run;
use crate::argocd::failure::{Failure, TOO_DEEP, is_too_deep};
use crate::argocd::memo::Caller;
use crate::argocd::parameters::{Data, Generator, Items, Origin, Parameter, Parameters, Values};
use crate::argocd::typed::Object;
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::repository::glob::{Doublestar, PathMatch, Pathspec};
use crate::repository::{Checkout, Content, Found, Tree};
use crate::source::{File, Location, Span};
use crate::yaml::{self, Documents, Kind, Node};
use std::collections::BTreeMap;
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
        insert_path(run, generator, &mut set, directory, None, &origin);
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
    let mut files: BTreeMap<Arc<str>, Matched> = BTreeMap::new();
    let mut silent = Vec::new();
    // Before 3.1 the field didn't exist, and the item was one like any other.
    let knows_exclude = globbing == Globbing::Artifact || run.context.profile.argocd.excludes_git_files();
    let excludes = |item: &&Object| knows_exclude && item.flag("exclude");
    for item in generator.objects("files").filter(|item| !excludes(item)) {
        let found = matching(generator, item, checkout, globbing)?;
        if found.is_empty() {
            silent.push(item);
        }
        files.extend(found.into_iter().map(|found| (Arc::clone(&found.path), found)));
    }
    for item in generator.objects("files").filter(excludes) {
        for found in matching(generator, item, checkout, globbing)? {
            files.remove(&found.path);
        }
    }
    let sets = sets_of_files(run, generator, &files.into_values().collect::<Vec<_>>(), kind, caller)?;
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
struct Matched {
    path: Arc<str>,
    /// The text, behind links; `None` if there is none to read.
    file: Result<Arc<File>, String>,
    span: Span,
}

fn matching(
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
        let candidates = tree.under(folder).iter().chain(tree.get(folder));
        let found = candidates.filter(|entry| pathspec.matches(&entry.path));
        return Ok(found.map(|entry| matched(Arc::clone(&entry.path))).collect());
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
    let (documents, flat) = (run.means.documents, !run.renderer.is_go());
    let read = run.means.workers.parts(&open, |part| {
        part.iter().map(|matched| read_file(documents, matched, kind, flat)).collect::<Vec<_>>()
    });
    let mut read = read.into_iter().flatten();
    let mut sets = Vec::new();
    for (matched, known) in files.iter().zip(known) {
        if let Some(known) = known {
            sets.extend(known);
            continue;
        }
        let told = run.findings.list.len();
        let read = read.next().unwrap_or_else(|| read_file(documents, matched, kind, flat));
        let read = read.and_then(|read| with_path_and_values(run, generator, matched, kind, read));
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

/// What a file says: one set for each of its documents.
fn read_file(
    documents: &Documents,
    matched: &Matched,
    kind: Generator,
    flat: bool,
) -> Result<Vec<Parameters>, Failure> {
    let at_item = |message: &str| Failure::at(format!("unable to parse file: {message}"), matched.span);
    let file = matched.file.as_ref().map_err(|message| at_item(message))?;
    let document = documents
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
    let set = |node: &Node| {
        if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
            return Err(not(node, "map[string]interface {}"));
        }
        let written = Parameters::from_node(node, kind, file);
        Ok(if flat { written.flatten(true) } else { written })
    };
    documents.iter().map(set).collect()
}

/// The sets of a file with the parameters of its path, and the generator's `values`.
fn with_path_and_values(
    run: &mut Run,
    generator: &Object,
    matched: &Matched,
    kind: Generator,
    sets: Vec<Parameters>,
) -> Result<Vec<Arc<Parameters>>, Failure> {
    let (directory, name) = matched.path.rsplit_once('/').unwrap_or((".", &matched.path));
    let mut complete = Vec::with_capacity(sets.len());
    for mut set in sets {
        let file = matched.file.as_ref().map_err(|message| Failure::at(message, matched.span))?;
        let origin = Origin::at(kind, file, Span::at(0));
        insert_path(run, generator, &mut set, directory, Some(name), &origin);
        run.add_values(generator, kind, &mut set)
            .map_err(|failure| failure.within("failed to append templated values"))?;
        complete.push(Arc::new(set));
    }
    Ok(complete)
}

/// The parameters of a path (section 2.5): they replace what a file says under the same name.
fn insert_path(
    run: &mut Run,
    generator: &Object,
    set: &mut Parameters,
    directory: &str,
    filename: Option<&str>,
    origin: &Origin,
) {
    let prefix = generator.text("pathParamPrefix");
    let basename = directory.rsplit('/').next().unwrap_or(directory);
    let text = |text: &str| Parameter::string(text, origin.clone());
    let mut named =
        vec![("basename", text(basename)), ("basenameNormalized", text(&sanitize_name(basename)))];
    if let Some(filename) = filename {
        named.push(("filename", text(filename)));
        named.push(("filenameNormalized", text(&sanitize_name(filename))));
    }
    let segments: Vec<&str> = directory.split('/').collect();
    if run.renderer.is_go() {
        named.push(("path", text(directory)));
        let segments = segments.into_iter().map(text).collect();
        named.push((
            "segments",
            Parameter { data: Data::List(Items::Texts, segments), origin: origin.clone() },
        ));
        let pairs = named.into_iter().map(|(name, parameter)| (Arc::from(name), parameter));
        let path = Arc::new(pairs.collect::<Parameters>());
        let path = Parameter { data: Data::Map(Values::Any, path), origin: origin.clone() };
        let replaced = if prefix.is_empty() {
            set.insert("path", path.clone())
        } else {
            let inner = Arc::new([(Arc::from("path"), path.clone())].into_iter().collect::<Parameters>());
            set.insert(prefix, Parameter { data: Data::Map(Values::Any, inner), origin: origin.clone() })
        };
        if let Some(replaced) = replaced {
            tell_replaced(run, if prefix.is_empty() { "path" } else { prefix }, &replaced);
        }
        return;
    }
    let name = if prefix.is_empty() { "path".to_owned() } else { format!("{prefix}.path") };
    for (key, parameter) in named {
        set.insert(format!("{name}.{key}"), parameter);
    }
    for (at, segment) in segments.into_iter().enumerate().filter(|(_, segment)| !segment.is_empty()) {
        set.insert(format!("{name}[{at}]"), text(segment));
    }
    if let Some(replaced) = set.insert(name.as_str(), text(directory)) {
        tell_replaced(run, &name, &replaced);
    }
}

fn tell_replaced(run: &mut Run, name: &str, replaced: &Parameter) {
    let message = format!("the key `{name}` of the file is replaced by the parameters of its path");
    let mut told = Diagnostic::warning("appset-parameter-overwritten", message)
        .hint("rename the key, or give the generator another pathParamPrefix");
    told.location.clone_from(&replaced.origin.place);
    run.findings.list.push(told);
}

/// A name that Kubernetes takes: lower case, what is not `a-z`, `0-9`, `-` or `.` becomes `-`, at most
/// 253 bytes, no `-` or `.` at the ends.
pub fn sanitize_name(name: &str) -> String {
    let keep = |character: char| {
        if matches!(character, 'a'..='z' | '0'..='9' | '-' | '.') { character } else { '-' }
    };
    let mut name: String = name.chars().flat_map(go_lowercase).map(keep).collect();
    // All of it is ASCII now.
    name.truncate(253);
    name.trim_matches(['-', '.']).to_owned()
}

/// Go's `unicode.ToLower`: one character for one.
fn go_lowercase(character: char) -> impl Iterator<Item = char> {
    let mut lower = character.to_lowercase();
    lower.next().into_iter()
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
