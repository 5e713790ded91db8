//! Files that the worker reads while messages pass: a file is a matter of the browser, which needs time for
//! each and does several at once.
//!
//! Files are opened and read in groups, a whole group as one `Blob`, and taken in in the order in which they
//! are listed, so that it never matters which of them was the first to be read.

use crate::jobs::{SLICE, for_a_slice};
use crate::message::{Answer, Batch, Progress, Stage, encode, tells_revision};
use futures_util::{StreamExt, stream};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, PromiseState, Uint8Array};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::{Rc, Weak};
use strata::report::{Load, MOST_FILES};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, File, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemHandle, FileSystemHandleKind,
};

/// Folders that are listed at once.
const FOLDERS: usize = 16;

/// Files of a group.
const GROUP: usize = 100;

/// Groups that are read at once.
const GROUPS: usize = 16;

/// Bytes that are read as one.
const TOGETHER: f64 = 4e6;

/// A file with its path: a `File`, a handle that leads to one, or nothing of the kind.
type Listed = (String, JsValue);

/// Files on their way into a load. It ends where the load does.
pub struct Reading {
    scope: DedicatedWorkerGlobalScope,
    request: u32,
    load: Weak<RefCell<Load>>,
    /// When progress was last told.
    told: Cell<f64>,
}

impl Reading {
    /// What a request gives to `load`.
    pub fn new(scope: DedicatedWorkerGlobalScope, request: u32, load: &Rc<RefCell<Load>>) -> Self {
        Self { scope, request, load: Rc::downgrade(load), told: Cell::default() }
    }

    /// Reads files that the page handed over; `None` if the load was given up.
    pub async fn files(&self, batch: Batch) -> Option<()> {
        let mut listed: Vec<Listed> = batch.paths.into_iter().zip(batch.files.iter()).collect();
        let load = self.load.upgrade()?;
        // Asking after a folder without a file lists it as skipped.
        listed.retain(|(path, file)| !file.is_null() || load.borrow_mut().wants(path, 0));
        drop(load);
        self.take_in(listed, |_| {}).await
    }

    /// Reads what handles lead to; `None` if the load was given up.
    pub async fn handles(&self, handles: Array) -> Option<()> {
        let mut listed = Vec::new();
        let handles = handles.iter().map(|handle| {
            let handle: FileSystemHandle = handle.unchecked_into();
            (handle.name(), handle)
        });
        let mut level = self.sort_out(handles.collect(), &mut listed)?;
        while !level.is_empty() && listed.len() <= MOST_FILES {
            let mut below = Vec::new();
            let mut listing = stream::iter(level).map(children).buffered(FOLDERS);
            while let Some(children) = listing.next().await {
                below.extend(self.sort_out(children, &mut listed)?);
                self.progress(Stage::Listing, listed.len(), 0);
            }
            level = below;
        }
        listed.truncate(MOST_FILES + 1);
        let total = listed.len();
        self.answer(Answer::Listed(total));
        self.take_in(listed, |done| self.progress(Stage::Reading, done, total)).await
    }

    /// Puts files to the files; the folders that are to be listed.
    fn sort_out(
        &self,
        mut handles: Vec<(String, FileSystemHandle)>,
        files: &mut Vec<Listed>,
    ) -> Option<Vec<(String, FileSystemDirectoryHandle)>> {
        let load = self.load.upgrade()?;
        handles.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut folders = Vec::new();
        for (path, handle) in handles {
            if handle.kind() == FileSystemHandleKind::File {
                files.push((path, handle.into()));
            } else if load.borrow_mut().wants(&format!("{path}/"), 0) || handle.name() == ".git" {
                folders.push((path, handle.unchecked_into()));
            }
        }
        Some(folders)
    }

    /// Takes files in, and unpacks what is packed.
    async fn take_in(&self, listed: Vec<Listed>, told: impl Fn(usize)) -> Option<()> {
        let mut done = 0;
        let groups: Vec<Vec<Listed>> = listed.chunks(GROUP).map(<[Listed]>::to_vec).collect();
        drop(listed);
        let mut read = stream::iter(groups).map(|group| self.read(group)).buffered(GROUPS);
        while let Some(group) = read.next().await {
            done += group.len();
            for (path, content) in group {
                let load = self.load.upgrade()?;
                match content {
                    Content::Bytes(bytes) => load.borrow_mut().add(&path, bytes),
                    Content::Unreadable => load.borrow_mut().unreadable(&path),
                    Content::Unwanted => {}
                }
            }
            self.unpack().await?;
            told(done);
        }
        self.load.upgrade().map(|_| ())
    }

    async fn unpack(&self) -> Option<()> {
        loop {
            let load = self.load.upgrade()?;
            let more = for_a_slice(|| load.borrow_mut().unpack());
            let unpacking = load.borrow().unpacking();
            drop(load);
            if let Some((done, total)) = unpacking {
                self.progress(Stage::Unpacking, done, total);
            }
            if !more {
                return Some(());
            }
            TimeoutFuture::new(0).await;
        }
    }

    /// Reads a group of files; what the engine takes nothing from is not even opened.
    async fn read(&self, group: Vec<Listed>) -> Vec<(String, Content)> {
        let (paths, files): (Vec<String>, Vec<JsValue>) = group.into_iter().unzip();
        let files = opened(files).await;
        let mut contents: Vec<Content> = Vec::with_capacity(files.len());
        let mut wanted: Vec<(usize, File)> = Vec::new();
        for (at, file) in files.into_iter().enumerate() {
            let (path, load) = (&paths[at], self.load.upgrade());
            let wants = |size| load.is_some_and(|load| load.borrow_mut().wants(path, size));
            contents.push(match file.dyn_into::<File>() {
                Ok(file) if wants(file.size() as u64) => {
                    wanted.push((at, file));
                    Content::Unreadable
                }
                Err(nothing) if nothing.is_undefined() => Content::Unreadable,
                _ => Content::Unwanted,
            });
        }
        for run in runs(&wanted) {
            let run = &wanted[run];
            for ((at, _), bytes) in run.iter().zip(read_all(run).await) {
                contents[*at] = bytes.map_or(Content::Unreadable, Content::Bytes);
            }
        }
        paths.into_iter().zip(contents).collect()
    }

    /// Tells progress, though not more often than anybody sees.
    fn progress(&self, stage: Stage, done: usize, total: usize) {
        let now = js_sys::Date::now();
        if now - self.told.get() >= SLICE || done == total {
            self.told.set(now);
            self.answer(Answer::Progress(Progress { stage, done, total }));
        }
    }

    fn answer(&self, answer: Answer) {
        // Posting fails only for values that can't be cloned; plain data can.
        let _ = self.scope.post_message(&encode(self.request, answer));
    }
}

enum Content {
    Bytes(Vec<u8>),
    Unreadable,
    /// Nothing that the engine takes, which it knows by now.
    Unwanted,
}

/// What lies in a folder, of Git's own only what tells something. A folder that can't be read has nothing.
async fn children((path, folder): (String, FileSystemDirectoryHandle)) -> Vec<(String, FileSystemHandle)> {
    let Ok(all) = Array::from_async(&folder.values()) else { return Vec::new() };
    let Ok(all) = JsFuture::from(all).await else { return Vec::new() };
    let mut children: Vec<FileSystemHandle> = all.iter().map(JsCast::unchecked_into).collect();
    if folder.name() == ".git" {
        children.retain(|child| child.kind() == FileSystemHandleKind::File && tells_revision(&child.name()));
    }
    children.into_iter().map(|child| (format!("{path}/{}", child.name()), child)).collect()
}

/// The browser's `File` where there is a handle; `undefined` where it leads to nothing.
async fn opened(files: Vec<JsValue>) -> Vec<JsValue> {
    let promises: Array = files
        .into_iter()
        .map(|file| match file.dyn_into::<FileSystemFileHandle>() {
            Ok(handle) => handle.get_file().into(),
            Err(file) => file,
        })
        .collect();
    let Ok(states) = JsFuture::from(Promise::all_settled(&promises)).await else { return Vec::new() };
    let value =
        |state: JsValue| state.unchecked_into::<PromiseState>().get_value().unwrap_or(JsValue::UNDEFINED);
    states.unchecked_into::<Array>().iter().map(value).collect()
}

/// Ranges of files that are read as one: not too much at once, and at least one file.
fn runs(files: &[(usize, File)]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0.0;
    for (at, (_, file)) in files.iter().enumerate() {
        bytes += file.size();
        match runs.last_mut() {
            Some(run) if bytes <= TOGETHER => run.end = at + 1,
            _ => {
                runs.push(at..at + 1);
                bytes = file.size();
            }
        }
    }
    runs
}

/// Reads files as one, which is much less to do for the browser than one by one. If that fails, one of them
/// can't be read: then each is read by itself.
async fn read_all(files: &[(usize, File)]) -> Vec<Option<Vec<u8>>> {
    let parts: Array = files.iter().map(|(_, file)| file).collect();
    let together = match Blob::new_with_blob_sequence(&parts) {
        Ok(blob) => content(&blob).await,
        Err(_) => None,
    };
    let mut contents = Vec::with_capacity(files.len());
    let mut start = 0;
    for (_, file) in files {
        let end = start + file.size() as u32;
        contents.push(match &together {
            Some(bytes) => Some(bytes.subarray(start, end).to_vec()),
            None => content(file).await.map(|bytes| bytes.to_vec()),
        });
        start = end;
    }
    contents
}

async fn content(blob: &Blob) -> Option<Uint8Array> {
    let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer))
}
