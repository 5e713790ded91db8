//! Getting dropped, picked and pasted files to the engine without ever holding up the page.
//!
//! The page only lists files; the engine's worker reads them. Both go on in small batches, so that the
//! browser stays free in between and a load can be cancelled at any of them.

use crate::engine::{Engine, Load};
use crate::message::{Batch, Progress, Stage};
use futures_util::future::join_all;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// Files that the page hands over at once.
const BATCH: usize = 100;

/// Folders that the engine takes nothing from and that may hold very many files: not worth a walk.
const SKIPPED_FOLDERS: [&str; 4] = [".git", "node_modules", ".terraform", "__MACOSX"];

/// The files of a `.git` folder that tell the repository's branch and URL.
const GIT_FILES: [&str; 2] = ["HEAD", "config"];

/// Where files come from.
#[derive(Clone)]
pub enum Input {
    /// Dropped folders, files and zips.
    Dropped(Vec<FileSystemEntry>),
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

impl Input {
    /// What was dropped. The browser forgets it when the event is over, so nothing here waits.
    pub fn dropped(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let entries: Vec<FileSystemEntry> = (0..items.length())
            .filter_map(|at| items.get(at))
            .filter_map(|item| item.webkit_get_as_entry().ok().flatten())
            .collect();
        match transfer.files() {
            // Some programs hand over files that are in no folder of their own.
            Some(files) if entries.is_empty() => Self::Picked(files),
            _ => Self::Dropped(entries),
        }
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
    let mut files = Files { engine, cancel, progress: &progress, batch: Vec::new(), done: 0, total: 0 };
    match input {
        Input::Dropped(entries) => files.add_entries(entries).await,
        Input::Picked(list) => files.add_list(&list).await,
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

/// Files on their way to the engine.
struct Files<'a> {
    engine: &'a Engine,
    cancel: &'a Cancel,
    progress: &'a dyn Fn(Progress),
    batch: Vec<(String, Promise)>,
    done: usize,
    total: usize,
}

impl Files<'_> {
    async fn add_list(&mut self, list: &FileList) {
        self.total = list.length() as usize;
        let mut skipped = HashSet::new();
        for at in 0..list.length() {
            let Some(file) = list.get(at) else { continue };
            let path =
                Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
            let path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name());
            if at % 500 == 499 {
                self.flush().await;
            }
            if let Some(folder) = skipped_folder(&path) {
                // One line tells enough about all its files.
                self.done += 1;
                if skipped.insert(folder.to_owned())
                    && !self.push(folder.to_owned(), Promise::resolve(&JsValue::NULL)).await
                {
                    return;
                }
                continue;
            }
            if !self.push(path, Promise::resolve(&JsValue::from(file))).await {
                return;
            }
        }
        self.flush().await;
    }

    /// Walks folders without recursion; they may be nested as deep as a file system likes.
    async fn add_entries(&mut self, entries: Vec<FileSystemEntry>) {
        let mut open: Vec<FileSystemEntry> = entries;
        open.reverse();
        while let Some(entry) = open.pop() {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            if entry.is_file() {
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file = Promise::new(&mut |resolve, reject| {
                    entry.file_with_callback_and_callback(&resolve, &reject);
                });
                if !self.push(path, file).await {
                    return;
                }
            } else if SKIPPED_FOLDERS.contains(&entry.name().as_str()) {
                if !self.push(format!("{path}/"), Promise::resolve(&JsValue::NULL)).await {
                    return;
                }
                if entry.name() == ".git" {
                    let inside = self.children(&entry.unchecked_into()).await;
                    let telling = |entry: &FileSystemEntry| {
                        entry.is_file() && GIT_FILES.contains(&entry.name().as_str())
                    };
                    open.extend(inside.into_iter().filter(telling));
                }
            } else {
                let mut inside = self.children(&entry.unchecked_into()).await;
                inside.sort_by_cached_key(|entry| std::cmp::Reverse(entry.name()));
                open.extend(inside);
            }
            if self.cancel.is_cancelled() {
                return;
            }
        }
        self.flush().await;
    }

    /// The entries of a folder. A folder that can't be read has none.
    async fn children(&self, folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
        let reader: FileSystemDirectoryReader = folder.create_reader();
        let mut children = Vec::new();
        loop {
            let more = Promise::new(&mut |resolve: Function, reject: Function| {
                if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
                    let _ = reject.call1(&JsValue::NULL, &error);
                }
            });
            let Ok(more) = JsFuture::from(more).await else { break };
            let more: Array = more.unchecked_into();
            if more.length() == 0 || self.cancel.is_cancelled() {
                break;
            }
            children.extend(more.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
        }
        children
    }

    /// Adds a file; `false` if the load was cancelled.
    async fn push(&mut self, path: String, file: Promise) -> bool {
        self.batch.push((path, file));
        if self.batch.len() >= BATCH {
            self.flush().await;
        }
        !self.cancel.is_cancelled()
    }

    async fn flush(&mut self) {
        let (paths, promises): (Vec<String>, Vec<Promise>) =
            std::mem::take(&mut self.batch).into_iter().unzip();
        self.done += paths.len();
        if !paths.is_empty() {
            let files = join_all(promises.into_iter().map(JsFuture::from)).await;
            let files: Array = files.into_iter().map(|file| file.unwrap_or(JsValue::UNDEFINED)).collect();
            self.engine.add(Batch { paths, files }, self.progress).await;
        }
        let stage = if self.total == 0 { Stage::Listing } else { Stage::Reading };
        (self.progress)(Progress { stage, done: self.done, total: self.total });
        TimeoutFuture::new(0).await;
    }
}

/// The part of a path up to a folder that is skipped, with a `/` after it.
fn skipped_folder(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    if (folder == ".git" || folder.ends_with("/.git")) && GIT_FILES.contains(&name) {
        return None;
    }
    let mut end = 0;
    for segment in path.split_inclusive('/') {
        end += segment.len();
        if segment.strip_suffix('/').is_some_and(|folder| SKIPPED_FOLDERS.contains(&folder)) {
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
