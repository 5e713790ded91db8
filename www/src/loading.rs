//! Getting dropped, picked and pasted files to the engine without ever holding up the page.
//!
//! The engine's worker reads the files. What can be handed over to it whole is (folders as handles, picked
//! files); where a browser has no handles, the page lists folders and opens files. All goes on in small
//! pieces, so that the browser stays free in between and a load can be cancelled at any of them.

use crate::engine::{Engine, Load};
use crate::message::{Batch, Progress, Stage, tells_revision};
use futures_util::StreamExt;
use futures_util::future::{Either, join, join_all, select};
use futures_util::stream;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Date, Function, Promise, Reflect};
use std::cell::Cell;
use std::collections::HashSet;
use std::pin::pin;
use std::rc::Rc;
use strata::report::MOST_FILES;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

/// Files that the page opens at once.
const OPENED: usize = 50;

/// Picked files, which are open, that the page hands over at once.
const PICKED: usize = 1_000;

/// Folders that are listed at once.
const FOLDERS: usize = 16;

/// Milliseconds after which listing lets the browser do other things.
const BUSY: f64 = 10.0;

/// Folders that the engine takes nothing from and that may hold very many files: not worth a walk.
const TOOL_FOLDERS: [&str; 4] = [".git", "node_modules", ".terraform", "__MACOSX"];

/// Milliseconds that the browser has to give handles. It has them at once, except where it asks the user
/// whether a folder of the system may be read.
const HANDLES: u32 = 1_000;

/// Where files come from.
#[derive(Clone)]
pub enum Input {
    /// Dropped folders, files and zips.
    Dropped(Vec<Dropped>),
    /// Picked files, or all files of a picked folder.
    Picked(FileList),
    /// Pasted text, with the path of what stands before the first `# path:` line.
    Pasted {
        /// The path.
        path: String,
        /// The text.
        text: String,
    },
    /// The example platform.
    Example,
}

/// A dropped folder, file or zip.
#[derive(Clone)]
pub struct Dropped {
    entry: FileSystemEntry,
    /// The same as the engine's worker can read it; some browsers have no such thing.
    handle: Option<Promise>,
}

impl Input {
    /// What was dropped. The browser forgets it when the event is over, so nothing here waits.
    pub fn dropped(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let dropped: Vec<Dropped> = (0..items.length())
            .filter_map(|at| items.get(at))
            .filter_map(|item| {
                let entry = item.webkit_get_as_entry().ok().flatten()?;
                Some(Dropped { entry, handle: handle(&item) })
            })
            .collect();
        match transfer.files() {
            // Some programs hand over files that are in no folder of their own.
            Some(files) if dropped.is_empty() => Self::Picked(files),
            _ => Self::Dropped(dropped),
        }
    }
}

fn handle(item: &DataTransferItem) -> Option<Promise> {
    let method: Function = Reflect::get(item, &"getAsFileSystemHandle".into()).ok()?.dyn_into().ok()?;
    method.call0(item).ok()?.dyn_into().ok()
}

/// The handles of everything that was dropped, if all have one.
async fn handles(dropped: &[Dropped]) -> Option<Array> {
    let promises: Array = dropped.iter().map(|one| one.handle.clone()).collect::<Option<_>>()?;
    let all = pin!(JsFuture::from(Promise::all(&promises)));
    match select(all, TimeoutFuture::new(HANDLES)).await {
        Either::Left((handles, _)) => {
            let handles: Array = handles.ok()?.unchecked_into();
            handles.iter().all(|handle| handle.is_object()).then_some(handles)
        }
        Either::Right(_) => None,
    }
}

/// A sign that the user gave up.
#[derive(Clone, Default)]
pub struct Cancel(Rc<Cell<bool>>);

impl Cancel {
    /// Gives the sign.
    pub fn cancel(&self) {
        self.0.set(true);
    }

    /// Whether it was given.
    pub fn is_cancelled(&self) -> bool {
        self.0.get()
    }
}

/// Loads `input` and evaluates it. `None` if it was cancelled.
pub async fn load(
    engine: &Engine,
    input: Input,
    cancel: &Cancel,
    progress: impl Fn(Progress),
) -> Option<Load> {
    engine.begin().await;
    let mut files = Files { engine, cancel, progress: &progress, done: 0, total: 0 };
    match input {
        Input::Dropped(dropped) => files.add_dropped(dropped).await,
        Input::Picked(list) => files.add_picked(&list).await,
        Input::Pasted { path, text } => engine.paste(path, text).await,
        Input::Example => engine.add_example().await,
    }
    if cancel.is_cancelled() {
        engine.cancel().await;
        return None;
    }
    let load = engine.commit(&progress).await;
    // Giving up may have come too late; then the load counts.
    (load.platform.is_some() || !cancel.is_cancelled()).then_some(load)
}

impl Batch {
    fn push(&mut self, path: String, file: &JsValue) {
        self.paths.push(path);
        self.files.push(file);
    }
}

/// Files on their way to the engine.
struct Files<'a> {
    engine: &'a Engine,
    cancel: &'a Cancel,
    progress: &'a dyn Fn(Progress),
    done: usize,
    total: usize,
}

/// A dropped file with its path; the path of a folder that is skipped, with a `/` after it.
type Listed = (String, Option<FileSystemFileEntry>);

impl Files<'_> {
    async fn add_dropped(&mut self, dropped: Vec<Dropped>) {
        let entries = dropped.iter().map(|one| one.entry.clone()).collect();
        let Some(handles) = handles(&dropped).await else {
            let listed = self.list(entries, true).await;
            return self.add_listed(listed).await;
        };
        let (read, listed) =
            join(self.engine.add_handles(handles, self.progress), self.list(entries, false)).await;
        // Handles leave names out that mean something on some system, such as aux.yaml: then the page opens
        // the files.
        if read != listed.iter().filter(|(_, file)| file.is_some()).count() && !self.cancel.is_cancelled() {
            self.engine.begin().await;
            self.add_listed(listed).await;
        }
    }

    async fn add_picked(&mut self, list: &FileList) {
        self.total = list.length() as usize;
        let mut skipped = HashSet::new();
        for start in (0..list.length()).step_by(PICKED) {
            let mut batch = Batch::default();
            for file in (start..list.length()).take(PICKED).filter_map(|at| list.get(at)) {
                let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
                let path = path.and_then(|path| path.as_string()).filter(|path| !path.is_empty());
                let path = path.unwrap_or_else(|| file.name());
                match skipped_folder(&path) {
                    None => batch.push(path, &file),
                    // One line tells enough about all its files.
                    Some(folder) if skipped.insert(folder.to_owned()) => {
                        batch.push(folder.to_owned(), &JsValue::NULL);
                    }
                    Some(_) => {}
                }
            }
            self.done = (start as usize + PICKED).min(self.total);
            if !self.hand_over(batch).await {
                return;
            }
        }
    }

    /// Opens files and hands them over.
    async fn add_listed(&mut self, listed: Vec<Listed>) {
        self.total = listed.len();
        for some in listed.chunks(OPENED) {
            let files = join_all(some.iter().map(|(_, file)| open(file.as_ref()))).await;
            let mut batch = Batch::default();
            for ((path, _), file) in some.iter().zip(files) {
                batch.push(path.clone(), &file);
            }
            self.done += some.len();
            if !self.hand_over(batch).await {
                return;
            }
        }
    }

    /// Has the engine read files; `false` if the load was cancelled.
    async fn hand_over(&mut self, batch: Batch) -> bool {
        self.engine.add(batch, self.progress).await;
        (self.progress)(Progress { stage: Stage::Reading, done: self.done, total: self.total });
        TimeoutFuture::new(0).await;
        !self.cancel.is_cancelled()
    }

    /// The files among entries and in folders, level by level; folders may be nested as deep as a file
    /// system likes. Stops where there are more than the engine takes.
    async fn list(&self, entries: Vec<FileSystemEntry>, tell: bool) -> Vec<Listed> {
        let mut files = Vec::new();
        let mut level = sort_out(entries, &mut files);
        let mut rested = Date::now();
        while !level.is_empty() {
            let mut below = Vec::new();
            let mut listing = stream::iter(level).map(children).buffered(FOLDERS);
            while let Some(children) = listing.next().await {
                below.extend(sort_out(children, &mut files));
                if tell {
                    (self.progress)(Progress { stage: Stage::Listing, done: files.len(), total: 0 });
                }
                if Date::now() - rested > BUSY {
                    TimeoutFuture::new(0).await;
                    rested = Date::now();
                }
                if self.cancel.is_cancelled() || files.len() > MOST_FILES {
                    files.truncate(MOST_FILES + 1);
                    return files;
                }
            }
            level = below;
        }
        files
    }
}

/// Puts files to the files; the folders that are to be listed. Folders of tools may hold very many files
/// and are not worth a walk.
fn sort_out(entries: Vec<FileSystemEntry>, files: &mut Vec<Listed>) -> Vec<FileSystemDirectoryEntry> {
    let path = |entry: &FileSystemEntry| entry.full_path().trim_start_matches('/').to_owned();
    let mut entries: Vec<(String, FileSystemEntry)> =
        entries.into_iter().map(|entry| (path(&entry), entry)).collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut folders = Vec::new();
    for (path, entry) in entries {
        if entry.is_file() {
            files.push((path, Some(entry.unchecked_into())));
            continue;
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let of_tool = TOOL_FOLDERS.contains(&name);
        if !of_tool || name == ".git" {
            folders.push(entry.unchecked_into());
        }
        if of_tool {
            files.push((format!("{path}/"), None));
        }
    }
    folders
}

/// The entries of a folder, of Git's own only those that tell something. A folder that can't be read has
/// none.
async fn children(folder: FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut children: Vec<FileSystemEntry> = Vec::new();
    loop {
        let more = Promise::new(&mut |resolve: Function, reject: Function| {
            if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
                let _ = reject.call1(&JsValue::NULL, &error);
            }
        });
        let Ok(more) = JsFuture::from(more).await else { break };
        let more: Array = more.unchecked_into();
        if more.length() == 0 || children.len() > MOST_FILES {
            break;
        }
        children.extend(more.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    if folder.name() == ".git" {
        children.retain(|entry| entry.is_file() && tells_revision(&entry.name()));
    }
    children
}

/// The browser's `File`; `undefined` for one that can't be opened, `null` where there is none to open.
async fn open(file: Option<&FileSystemFileEntry>) -> JsValue {
    let Some(file) = file else { return JsValue::NULL };
    let opened = Promise::new(&mut |resolve, reject| file.file_with_callback_and_callback(&resolve, &reject));
    JsFuture::from(opened).await.unwrap_or(JsValue::UNDEFINED)
}

/// The part of a path up to a folder that is skipped, with a `/` after it.
fn skipped_folder(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    if (folder == ".git" || folder.ends_with("/.git")) && tells_revision(name) {
        return None;
    }
    let mut end = 0;
    for segment in path.split_inclusive('/') {
        end += segment.len();
        if segment.strip_suffix('/').is_some_and(|folder| TOOL_FOLDERS.contains(&folder)) {
            return Some(&path[..end]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::skipped_folder;

    #[test]
    fn folders_of_tools_are_skipped_and_files_of_their_names_are_not() {
        assert_eq!(skipped_folder("configs/.git/refs/heads/main"), Some("configs/.git/"));
        assert_eq!(skipped_folder("node_modules/a/node_modules/b"), Some("node_modules/"));
        assert_eq!(skipped_folder("configs/.github/x.yaml"), None);
        assert_eq!(skipped_folder("configs/.git"), None);
        assert_eq!(skipped_folder("configs/.git/HEAD"), None, "tells the branch");
    }
}
