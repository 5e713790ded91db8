//! A chart from its files: a folder, or a `.tgz` archive.

use super::ignore::Ignore;
use super::metadata::Metadata;
use super::{Chart, ChartFile, Data};
use crate::diagnostic::Diagnostic;
use crate::merge::{Content, Kind, Layer};
use crate::profile::Helm;
use crate::repository::{self, Entry, Found, Tree};
use crate::source::{File, Location};
use crate::template::quote::quote;
use crate::yaml::{self, Document};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Charts in charts, at most.
const DEEPEST: usize = 30;
/// Links to folders followed on the way to one file, at most.
const MOST_LINKS: usize = 10;
/// Helm's limits on archives, in bytes.
const LARGEST_ARCHIVE: u64 = 100 << 20;
const LARGEST_FILE: u64 = 5 << 20;

type Outcome<T = ()> = Result<T, Diagnostic>;

impl Chart {
    /// The chart of files by their paths in its folder; `.helmignore` is heeded.
    ///
    /// # Errors
    /// As for [`Chart::load`].
    pub fn from_files(files: Vec<ChartFile>, helm: Helm) -> Outcome<Self> {
        Self::load(without_ignored(files)?, helm)
    }

    /// The chart of these files, by their paths in its folder, as Helm loads them from an archive.
    ///
    /// # Errors
    /// When `Chart.yaml`, `values.yaml` or a chart in `charts/` is missing or malformed; the message is
    /// Helm's.
    pub fn load(files: Vec<ChartFile>, helm: Helm) -> Outcome<Self> {
        let mut loader = Loader { helm, next: 0 };
        loader.chart(files, 0)
    }
}

/// The files of a chart's folder that Helm loads: those that its `.helmignore` does not cover.
///
/// # Errors
/// When `.helmignore` is malformed, or a link leads nowhere, even one that would be ignored (Helm's
/// `sympath.Walk` follows it before).
pub fn folder_files(tree: &Tree, folder: &str) -> Outcome<Vec<ChartFile>> {
    let mut found = Collected::default();
    found.collect(tree, folder, "", MOST_LINKS);
    let ignore = ignored(&found.files)?;
    if let Some(link) = found.dangling.iter().find(|link| !ignore.covers_folder_of(&link.name)) {
        let message = format!(
            "error evaluating symlink {folder}/{}: lstat {}: no such file or directory",
            link.name, link.target
        );
        let file = tree.named(&link.path);
        return Err(Diagnostic::error("chart-link", message)
            .at(Location::new(&file, file.span()))
            .hint("Helm stops here: load what the link leads to, or remove it"));
    }
    found.files.retain(|file| !ignore.covers(&file.name));
    Ok(found.files)
}

fn without_ignored(mut files: Vec<ChartFile>) -> Outcome<Vec<ChartFile>> {
    let ignore = ignored(&files)?;
    files.retain(|file| !ignore.covers(&file.name));
    Ok(files)
}

/// What the `.helmignore` among the files says.
fn ignored(files: &[ChartFile]) -> Outcome<Ignore> {
    let rules = files.iter().find(|file| &*file.name == ".helmignore").and_then(ChartFile::text);
    let text = rules.map_or("", |file| &file.text);
    Ignore::read(text).map_err(|message| {
        let diagnostic = Diagnostic::error("chart-ignore", message)
            .hint("each line of .helmignore is a pattern such as *.tmp or docs/; ** is not supported");
        match rules {
            Some(file) => diagnostic.at(Location::new(file, file.span())),
            None => diagnostic,
        }
    })
}

/// What stands below a folder.
#[derive(Default)]
struct Collected {
    /// Files by their path in it.
    files: Vec<ChartFile>,
    dangling: Vec<Dangling>,
}

/// A link that leads nowhere.
struct Dangling {
    /// Its path in the folder.
    name: String,
    /// Its path in the tree.
    path: Arc<str>,
    /// Where it should lead.
    target: Arc<str>,
}

impl Collected {
    /// Links are followed as Helm follows them.
    fn collect(&mut self, tree: &Tree, folder: &str, prefix: &str, links: usize) {
        for entry in tree.under(folder) {
            let inside = entry.path.strip_prefix(folder).unwrap_or(&entry.path).trim_start_matches('/');
            let name = format!("{prefix}{inside}");
            let repository::Content::Link(target) = &entry.content else {
                push(tree, &mut self.files, name, entry);
                continue;
            };
            match tree.find(&entry.path) {
                Found::File(target) => push(tree, &mut self.files, name, target),
                Found::Directory(path) if links > 0 => {
                    self.collect(tree, &path, &format!("{name}/"), links - 1);
                }
                Found::Directory(_) => {}
                Found::Missing | Found::Outside | Found::Loop => {
                    self.dangling.push(Dangling {
                        name,
                        path: Arc::clone(&entry.path),
                        target: Arc::clone(target),
                    });
                }
            }
        }
    }
}

fn push(tree: &Tree, files: &mut Vec<ChartFile>, name: String, entry: &Entry) {
    let data = match &entry.content {
        repository::Content::Text(file) => Data::Text(without_mark(file)),
        repository::Content::Binary(bytes) => Data::Binary(tree.named(&entry.path), Arc::clone(bytes)),
        repository::Content::Link(_) | repository::Content::Skipped(_) => return,
    };
    files.push(ChartFile { name: name.into(), data });
}

/// The text as Helm loads it: without a byte order mark. Lines and columns stay the same.
pub(super) fn without_mark(file: &Arc<File>) -> Arc<File> {
    match file.text.strip_prefix('\u{feff}') {
        Some(text) => File::new(Arc::clone(&file.repository), Arc::clone(&file.path), text),
        None => Arc::clone(file),
    }
}

struct Loader {
    helm: Helm,
    /// Number of the next chart.
    next: usize,
}

impl Loader {
    fn chart(&mut self, files: Vec<ChartFile>, depth: usize) -> Outcome<Chart> {
        if depth > DEEPEST {
            let message = format!("more than {DEEPEST} charts in one another, which is not supported here");
            let problem =
                Diagnostic::error("chart-depth", message).hint("does a chart hold itself in charts/?");
            return Err(Diagnostic { location: files.first().map(ChartFile::start), ..problem });
        }
        let number = self.next;
        self.next += 1;
        let first = files.first().map(ChartFile::start);
        let mut chart = Chart { number, ..Chart::default() };
        let mut metadata = metadata(&mut chart, &files, self.helm)?;
        let mut packed: BTreeMap<Arc<str>, Vec<ChartFile>> = BTreeMap::new();
        for file in files {
            let name = Arc::clone(&file.name);
            match &*name {
                "Chart.yaml" => {}
                "Chart.lock" => check_lock(&file, self.helm)?,
                "values.yaml" => chart.values = Some(self.values(&file)?),
                "values.schema.json" => chart.schema = Some(file.schema()),
                "requirements.yaml" | "requirements.lock" => {
                    let of_first_kind =
                        metadata.as_ref().is_some_and(|metadata| metadata.api_version == "v1");
                    if &*name == "requirements.yaml" {
                        read_metadata(metadata.get_or_insert_default(), &file, self.helm)?;
                    } else {
                        check_lock(&file, self.helm)?;
                    }
                    if of_first_kind {
                        chart.files.push(file);
                    }
                }
                _ if name.starts_with("templates/") => chart.templates.push(file),
                _ if name.starts_with("charts/") && !name.ends_with(".prov") => {
                    let inside = &name["charts/".len()..];
                    let (first, rest) = inside.split_once('/').unwrap_or((inside, ""));
                    let file = ChartFile { name: rest.into(), data: file.data };
                    packed.entry(first.into()).or_default().push(file);
                }
                _ => chart.files.push(file),
            }
        }
        let Some(mut metadata) = metadata else {
            let hint = if depth == 0 {
                "a chart is a folder with a Chart.yaml that gives apiVersion, name and version"
            } else {
                "every folder in charts/ is taken for a chart: add its Chart.yaml, or move the folder elsewhere"
            };
            let problem = Diagnostic::error("chart-missing", "Chart.yaml file is missing").hint(hint);
            return Err(Diagnostic { location: first, ..problem });
        };
        metadata.validate().map_err(|message| {
            let diagnostic = Diagnostic::error("chart-metadata", message)
                .hint("Chart.yaml needs apiVersion, a name without slashes and a version such as 1.2.3");
            match &chart.metadata_file {
                Some(file) => diagnostic.at(Location::new(file, file.span())),
                None => diagnostic,
            }
        })?;
        chart.metadata = metadata;
        for (name, files) in packed {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let subchart = self.packed(&chart.metadata.name, &name, files, depth)?;
            chart.charts.push(Arc::new(subchart));
        }
        if let Some(defaults) = chart.values.as_mut().and_then(Arc::get_mut) {
            defaults.label = match number {
                0 => "Chart defaults".into(),
                _ => format!("Subchart {}", chart.metadata.name).into(),
            };
        }
        Ok(chart)
    }

    fn values(&self, file: &ChartFile) -> Outcome<Arc<Layer>> {
        let text = file.required_text(self.helm)?;
        let layer = Layer::read(Kind::ChartDefaults, &text, self.helm);
        match layer.content {
            Content::Broken(problem) => Err(cannot_load("values.yaml", problem)),
            _ => Ok(Arc::new(layer)),
        }
    }

    /// A chart of `charts/`: a folder or an archive.
    fn packed(&mut self, parent: &str, name: &str, files: Vec<ChartFile>, depth: usize) -> Outcome<Chart> {
        let result = if Path::new(name).extension().is_some_and(|extension| extension == "tgz") {
            match files.into_iter().next() {
                Some(file) if file.name.is_empty() => {
                    unpack(&file).and_then(|files| self.chart(files, depth + 1))
                }
                file => {
                    let got = file.as_ref().map(|file| format!("{name}/{}", file.name)).unwrap_or_default();
                    let message =
                        format!("error unpacking subchart tar in {parent}: expected {name}, got {got}");
                    let problem = Diagnostic::error("chart-archive", message)
                        .hint("a name that ends with .tgz is an archive's: give the folder another one");
                    return Err(Diagnostic { location: file.as_ref().map(ChartFile::start), ..problem });
                }
            }
        } else {
            // Files that lie in charts/ itself are no charts.
            self.chart(files.into_iter().filter(|file| !file.name.is_empty()).collect(), depth + 1)
        };
        result.map_err(|mut diagnostic| {
            diagnostic.message =
                format!("error unpacking subchart {name} in {parent}: {}", diagnostic.message);
            diagnostic
        })
    }
}

/// What `Chart.yaml` says, if there is one.
fn metadata(chart: &mut Chart, files: &[ChartFile], helm: Helm) -> Outcome<Option<Metadata>> {
    let Some(file) = files.iter().find(|file| &*file.name == "Chart.yaml") else {
        return Ok(None);
    };
    let mut metadata = Metadata::default();
    read_metadata(&mut metadata, file, helm)?;
    if metadata.api_version.is_empty() {
        "v1".clone_into(&mut metadata.api_version);
    }
    chart.metadata_file = file.text().cloned();
    Ok(Some(metadata))
}

/// What a lock says counts for nothing here, but one that is no lock stops Helm.
fn check_lock(file: &ChartFile, helm: Helm) -> Outcome {
    let document = document(file, helm)?;
    super::metadata::check_lock(&document, helm).map_err(|problem| cannot_load(&file.name, problem))
}

fn read_metadata(metadata: &mut Metadata, file: &ChartFile, helm: Helm) -> Outcome {
    let document = document(file, helm)?;
    metadata.read(&document, helm).map_err(|problem| cannot_load(&file.name, problem))
}

fn document(file: &ChartFile, helm: Helm) -> Outcome<Document> {
    let text = file.required_text(helm)?;
    yaml::unmarshal(&text, yaml::Target::Any)
        .map_err(|error| Diagnostic { message: error.to_string(), ..error.diagnostic(&text) })
        .map_err(|problem| cannot_load(&file.name, problem))
}

fn cannot_load(name: &str, mut problem: Diagnostic) -> Diagnostic {
    problem.message = format!("cannot load {name}: {}", problem.message);
    problem
}

impl ChartFile {
    /// The text as YAML's readers decode it; bytes that are no text are an error.
    fn required_text(&self, helm: Helm) -> Outcome<Arc<File>> {
        match &self.data {
            Data::Text(file) => Ok(Arc::clone(file)),
            Data::Binary(name, bytes) => {
                yaml::decode_file(name, bytes, helm).map_err(|problem| cannot_load(&self.name, problem))
            }
        }
    }

    /// The text of a schema: Go's JSON takes `\u{fffd}` for what is no text.
    fn schema(&self) -> Arc<File> {
        match &self.data {
            Data::Text(file) => Arc::clone(file),
            Data::Binary(name, bytes) => {
                File::lossy(Arc::clone(&name.repository), Arc::clone(&name.path), bytes).0
            }
        }
    }
}

/// The files of a `.tgz` archive, without the folder that holds them.
///
/// # Errors
/// When the archive is malformed or leaves its own folder; the message is Helm's.
pub fn unpack(archive: &ChartFile) -> Outcome<Vec<ChartFile>> {
    let bytes: &[u8] = match &archive.data {
        Data::Binary(_, bytes) => bytes,
        Data::Text(file) => file.text.as_bytes(),
    };
    let start = archive.start();
    let fail = |message: String| {
        Diagnostic::error("chart-archive", message)
            .at(start.clone())
            .hint("make the archive anew with `helm package`, or unpack it into a folder in charts/")
    };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(fail("gzip: invalid header".to_owned()));
    }
    let named = |name: &str, text: &str| {
        File::new(Arc::clone(&start.file.repository), format!("{}/{name}", start.file.path), text)
    };
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut files = Vec::new();
    let mut left = LARGEST_ARCHIVE;
    let too_large =
        || fail(format!("decompressed chart is larger than the maximum file size {LARGEST_ARCHIVE}"));
    for entry in tar.entries().map_err(|error| fail(error.to_string()))? {
        let entry = entry.map_err(|error| fail(error.to_string()))?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() || kind.is_pax_local_extensions() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = inside(&path).map_err(fail)?;
        let size = entry.size();
        if size > left {
            return Err(too_large());
        }
        if size > LARGEST_FILE {
            let path = quote(&path);
            return Err(fail(format!(
                "decompressed chart file {path} is larger than the maximum file size {LARGEST_FILE}"
            )));
        }
        let mut bytes = Vec::new();
        entry.take(left).read_to_end(&mut bytes).map_err(|error| fail(error.to_string()))?;
        left -= bytes.len() as u64;
        if left == 0 || (bytes.len() as u64) < size {
            return Err(too_large());
        }
        let data = match String::from_utf8(bytes) {
            Ok(text) => Data::Text(without_mark(&named(&name, &text))),
            Err(binary) => Data::Binary(named(&name, ""), binary.into_bytes().into()),
        };
        files.push(ChartFile { name: name.into(), data });
    }
    if files.is_empty() {
        return Err(fail("no files in chart archive".to_owned()));
    }
    Ok(files)
}

/// The path of an archive's entry without the folder that holds all; Helm's checks.
fn inside(path: &str) -> Result<String, String> {
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (first, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err("chart illegally contains absolute paths".to_owned());
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in rest.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let name = segments.join("/");
    if name.is_empty() {
        let path = quote(path);
        return Err(format!("chart illegally contains content outside the base directory: {path}"));
    }
    if name.starts_with("..") {
        return Err("chart illegally references parent directory".to_owned());
    }
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == b":/" {
        return Err("chart contains illegally named files".to_owned());
    }
    if first == "Chart.yaml" {
        return Err("chart yaml not in base directory".to_owned());
    }
    Ok(name)
}
