//! Zip files and gzipped tar files.

use super::{LARGEST_FILE, LARGEST_TOTAL, Loader, MOST_FILES, TOO_LARGE};
use crate::diagnostic::Diagnostic;
use flate2::read::MultiGzDecoder;
use std::io::{Cursor, Read};

/// How many times larger than the archive its content may be. Deflate reaches about 1,000 on
/// nothing but zeros; configuration stays below 50.
const LARGEST_RATIO: u64 = 200;

/// Content below this size is never called a bomb.
const HARMLESS: u64 = 32 * 1024 * 1024;

/// Longest target of a symbolic link.
const LONGEST_LINK: u64 = 4096;

/// Bytes of a gzip stream that one step unpacks: a few milliseconds of work.
const CHUNK: u64 = 1024 * 1024;

/// An archive that is read step by step, one entry or a part of its gzip stream at a time.
pub struct Archive {
    /// Its file name without the ending; its content is loaded below a folder of this name.
    folder: String,
    name: String,
    form: Form,
    packed: u64,
    unpacked: u64,
    done: usize,
}

enum Form {
    Zip(zip::ZipArchive<Cursor<Vec<u8>>>),
    /// A gzip stream of which the beginning is unpacked.
    Gzip {
        reader: Box<MultiGzDecoder<Cursor<Vec<u8>>>>,
        unpacked: Vec<u8>,
    },
    Tar {
        bytes: Vec<u8>,
        at: u64,
    },
}

/// One entry of an archive.
enum Item {
    File(String, Vec<u8>),
    Link(String, String),
    Refused(String, &'static str),
    Nothing,
}

impl Archive {
    /// Whether a file of this name is loaded as an archive.
    pub fn is_archive(name: &str) -> bool {
        stem(name).is_some()
    }

    /// Opens an archive.
    ///
    /// # Errors
    /// If it is broken, of another kind or lists too many files.
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        let packed = bytes.len() as u64;
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let folder = stem(base).unwrap_or(base).to_owned();
        let form = if bytes.starts_with(&[0x1f, 0x8b]) {
            Form::Gzip { reader: Box::new(MultiGzDecoder::new(Cursor::new(bytes))), unpacked: Vec::new() }
        } else if bytes.starts_with(b"PK") {
            let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(name, &error))?;
            if archive.len() > MOST_FILES {
                return Err(bomb(name, &format!("it lists {} files", archive.len())));
            }
            Form::Zip(archive)
        } else {
            let message = format!("{name} is neither a zip file nor a gzipped tar file");
            return Err(
                Diagnostic::error("archive-broken", message).hint("pack the folder again as .zip or .tgz")
            );
        };
        Ok(Self { folder, name: name.to_owned(), form, packed, unpacked: 0, done: 0 })
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of entries, where the archive says it (a tar file does not).
    pub fn total(&self) -> Option<usize> {
        if let Form::Zip(archive) = &self.form { Some(archive.len()) } else { None }
    }

    /// Number of entries read so far.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Goes a step on, which loads at most one entry; `false` when there is none left.
    ///
    /// # Errors
    /// If the archive turns out broken, encrypted or a bomb. Then nothing of it stays loaded, what was
    /// loaded otherwise does.
    pub fn step(&mut self, loader: &mut Loader) -> Result<bool, Diagnostic> {
        loader.archives.insert(self.folder.clone());
        let item = match self.next() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(false),
            Err(problem) => {
                loader.discard(&self.folder);
                return Err(problem);
            }
        };
        let inside = |path: &str| {
            if path.starts_with('/') || path.is_empty() {
                path.to_owned()
            } else {
                format!("{}/{path}", self.folder)
            }
        };
        match item {
            Item::File(path, bytes) => loader.file(&inside(&path), &bytes),
            Item::Link(path, target) => loader.link(&inside(&path), &target),
            Item::Refused(path, reason) => loader.skip(&inside(&path), reason),
            Item::Nothing => {}
        }
        Ok(true)
    }

    /// Loads everything.
    ///
    /// # Errors
    /// As [`Archive::step`].
    pub fn load(mut self, loader: &mut Loader) -> Result<(), Diagnostic> {
        while self.step(loader)? {}
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Item>, Diagnostic> {
        let item = match &mut self.form {
            Form::Zip(archive) if self.done >= archive.len() => return Ok(None),
            Form::Zip(archive) => zip_item(&self.name, archive, self.done)?,
            Form::Gzip { reader, unpacked } => {
                let more = inflate(&self.name, reader, unpacked, self.packed)?;
                if !more {
                    self.form = Form::Tar { bytes: std::mem::take(unpacked), at: 0 };
                }
                return Ok(Some(Item::Nothing));
            }
            Form::Tar { bytes, at } => match tar_item(&self.name, bytes, at)? {
                Some(item) => item,
                None => return Ok(None),
            },
        };
        self.done += 1;
        if let Item::File(_, bytes) = &item {
            self.unpacked += bytes.len() as u64;
            check_size(&self.name, self.packed, self.unpacked)?;
        }
        if self.done > MOST_FILES {
            return Err(bomb(&self.name, &format!("it holds more than {MOST_FILES} files")));
        }
        Ok(Some(item))
    }
}

fn check_size(name: &str, packed: u64, unpacked: u64) -> Result<(), Diagnostic> {
    let megabytes = |bytes: u64| bytes / 1024 / 1024;
    if unpacked > LARGEST_TOTAL {
        return Err(bomb(name, &format!("it unpacks to more than {} MB", megabytes(LARGEST_TOTAL))));
    }
    if unpacked > HARMLESS && unpacked / LARGEST_RATIO > packed {
        let text = format!("its {packed} bytes unpack to more than {} MB", megabytes(unpacked));
        return Err(bomb(name, &text));
    }
    Ok(())
}

fn bomb(name: &str, what: &str) -> Diagnostic {
    Diagnostic::error("archive-bomb", format!("{name} was not loaded: {what}"))
        .hint("if it is a real repository, unpack it and load the folder")
}

fn broken(name: &str, why: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("archive-broken", format!("{name} can't be read: {why}"))
        .hint("download or pack it again; nothing of it was loaded")
}

/// The name of an archive without its ending, if it has one of an archive.
fn stem(name: &str) -> Option<&str> {
    [".zip", ".tgz", ".tar.gz"].iter().find_map(|ending| {
        let split = name.len().checked_sub(ending.len()).filter(|&split| split > 0)?;
        let (stem, own) = (name.get(..split)?, name.get(split..)?);
        own.eq_ignore_ascii_case(ending).then_some(stem)
    })
}

fn zip_item(
    name: &str,
    archive: &mut zip::ZipArchive<Cursor<Vec<u8>>>,
    index: usize,
) -> Result<Item, Diagnostic> {
    let (path, encrypted, is_directory, is_link, size) = {
        let entry = archive.by_index_data(index).map_err(|error| broken(name, &error))?;
        let path = entry.name().map_err(|error| broken(name, &error))?.into_owned();
        (path, entry.encrypted(), entry.is_dir(), entry.is_symlink(), entry.size())
    };
    if encrypted {
        let message = format!("{name} was not loaded: {path} in it is encrypted");
        return Err(Diagnostic::error("archive-encrypted", message)
            .hint("unpack it with its password and load the folder"));
    }
    if is_directory {
        return Ok(Item::Nothing);
    }
    if size > LARGEST_FILE {
        return Ok(Item::Refused(path, TOO_LARGE));
    }
    let entry = archive.by_index(index).map_err(|error| broken(name, &error))?;
    let limit = if is_link { LONGEST_LINK } else { LARGEST_FILE };
    read_item(name, path, is_link, limit, entry)
}

/// Reads an entry up to its limit: what it says about its size need not be true.
fn read_item(
    name: &str,
    path: String,
    is_link: bool,
    limit: u64,
    entry: impl Read,
) -> Result<Item, Diagnostic> {
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).map_err(|error| broken(name, &error))?;
    if bytes.len() as u64 > limit {
        return Ok(Item::Refused(path, TOO_LARGE));
    }
    if is_link {
        return Ok(Item::Link(path, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(Item::File(path, bytes))
}

/// Unpacks some more of a gzip stream, up to the limits; `false` at its end.
fn inflate(name: &str, reader: impl Read, unpacked: &mut Vec<u8>, packed: u64) -> Result<bool, Diagnostic> {
    let count = reader.take(CHUNK).read_to_end(unpacked).map_err(|error| broken(name, &error))?;
    check_size(name, packed, unpacked.len() as u64)?;
    Ok(count as u64 == CHUNK)
}

/// Reads the entry at an offset of a tar file and moves on to the next.
fn tar_item(name: &str, bytes: &[u8], at: &mut u64) -> Result<Option<Item>, Diagnostic> {
    let rest = bytes.get(*at as usize..).unwrap_or_default();
    let mut archive = tar::Archive::new(rest);
    let mut entries = archive.entries().map_err(|error| broken(name, &error))?;
    let Some(entry) = entries.next() else { return Ok(None) };
    let mut entry = entry.map_err(|error| broken(name, &error))?;
    let size = entry.size();
    // Entries are padded to blocks of 512 bytes.
    *at += entry.raw_file_position() + size.div_ceil(512) * 512;
    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let kind = entry.header().entry_type();
    if kind.is_hard_link() {
        return Ok(Some(Item::Refused(path, "a hard link")));
    }
    if kind.is_symlink() {
        let target = entry.link_name_bytes().unwrap_or_default();
        return Ok(Some(Item::Link(path, String::from_utf8_lossy(&target).into_owned())));
    }
    if !kind.is_file() {
        return Ok(Some(Item::Nothing));
    }
    if size > LARGEST_FILE {
        return Ok(Some(Item::Refused(path, TOO_LARGE)));
    }
    read_item(name, path, false, LARGEST_FILE, &mut entry).map(Some)
}
