//! Files and places in them.
//!
//! Every text that the engine reads or makes is a [`File`]: a file of a repository, and just as well a
//! rendered template, an inline `valuesObject` or a `--set` argument. Generated files know the place
//! that they were made from ([`File::parent`]), so "where did this come from" can be asked again and
//! again, up to bytes that somebody typed.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A range of bytes in one file, `start..end`. Which file is said by whoever holds the span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end`. Files are at most 4 GiB long (loading refuses far smaller ones), so
    /// larger offsets are held at the largest one.
    pub fn new(start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }

    /// The empty range at `offset`.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The span as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A text with a name. Immutable and shared.
pub struct File {
    /// Name of the repository (and its revision, where several are loaded) that holds the file; empty
    /// for texts that stand in no repository.
    pub repository: Arc<str>,
    /// Path inside the repository with `/` between segments; for a generated text a name such as
    /// `<inline values>`.
    pub path: Arc<str>,
    /// The text. A byte order mark is kept.
    pub text: Arc<str>,
    /// What the text was made from, if it was generated.
    pub parent: Option<Location>,
    lines: OnceLock<Vec<u32>>,
}

impl File {
    /// A file of a repository.
    pub fn new(
        repository: impl Into<Arc<str>>,
        path: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            repository: repository.into(),
            path: path.into(),
            text: text.into(),
            parent: None,
            lines: OnceLock::new(),
        })
    }

    /// A text that the engine made from the place `parent`.
    pub fn generated(
        name: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
        parent: Option<Location>,
    ) -> Arc<Self> {
        Arc::new(Self {
            repository: parent.as_ref().map_or_else(|| Arc::from(""), |p| Arc::clone(&p.file.repository)),
            path: name.into(),
            text: text.into(),
            parent,
            lines: OnceLock::new(),
        })
    }

    /// A file of bytes that are no UTF-8 as it is shown: `U+FFFD` stands for what is none, and all before
    /// the first of these where it stood. The span is that first one.
    pub fn lossy(
        repository: impl Into<Arc<str>>,
        path: impl Into<Arc<str>>,
        bytes: &[u8],
    ) -> (Arc<Self>, Span) {
        let good = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let span = Span::new(good, good + char::REPLACEMENT_CHARACTER.len_utf8());
        (Self::new(repository, path, String::from_utf8_lossy(bytes)), span)
    }

    /// The whole text as a span.
    pub fn span(&self) -> Span {
        Span::new(0, self.text.len())
    }

    /// Line and column (both from 1; the column counts characters) of a byte offset. An offset past
    /// the end stands for the end; one inside a character for that character.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = starts.partition_point(|&start| start as usize <= offset) - 1;
        let column = self.text[starts[line] as usize..offset].chars().filter(|&c| c != '\u{feff}').count();
        (line as u32 + 1, column as u32 + 1)
    }

    /// The text of a line (from 1) without its line break; empty past the end.
    pub fn line(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let Some(&start) = (line as usize).checked_sub(1).and_then(|index| starts.get(index)) else {
            return "";
        };
        let end = starts.get(line as usize).map_or(self.text.len(), |&next| next as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// Number of lines; a final line break starts no further line.
    pub fn line_count(&self) -> u32 {
        let starts = self.line_starts();
        let open = starts.last().is_some_and(|&start| (start as usize) < self.text.len());
        (starts.len() - usize::from(!open)) as u32
    }

    /// Offsets at which lines start; never empty.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect()
        })
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({self})")
    }
}

/// The file's path with its repository before it.
impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.repository.is_empty() {
            f.write_str(&self.path)
        } else {
            write!(f, "{}/{}", self.repository, self.path)
        }
    }
}

/// A span together with its file.
#[derive(Clone)]
pub struct Location {
    /// The file.
    pub file: Arc<File>,
    /// The bytes in it.
    pub span: Span,
}

impl Location {
    /// The bytes `span` of `file`.
    pub fn new(file: &Arc<File>, span: Span) -> Self {
        Self { file: Arc::clone(file), span }
    }

    /// Line and column (from 1) of the first byte.
    pub fn line_column(&self) -> (u32, u32) {
        self.file.line_column(self.span.start)
    }

    /// The bytes themselves; empty when the span does not lie in the file.
    pub fn text(&self) -> &str {
        self.file.text.get(self.span.range()).unwrap_or_default()
    }
}

/// `repository/path:line:column`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.file)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Two places are equal when they are the same bytes of the same file (not of two equal files).
impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.span == other.span
    }
}

impl Eq for Location {}

/// Something shared that is equal to itself alone: a key by which what was worked out of a file, a layer
/// or a parameter set is found again. It holds what it names, so that no other takes its place in memory.
pub struct Same<T: ?Sized>(pub Arc<T>);

impl<T: ?Sized> Same<T> {
    /// The key of `shared`.
    pub fn of(shared: &Arc<T>) -> Self {
        Self(Arc::clone(shared))
    }
}

impl<T: ?Sized> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Eq for Same<T> {}

impl<T: ?Sized> Hash for Same<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(Arc::as_ptr(&self.0).cast::<()>() as usize);
    }
}

impl<T: ?Sized> fmt::Debug for Same<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p}", Arc::as_ptr(&self.0))
    }
}

/// Hashes addresses, alone or with a few small numbers: these differ enough by themselves, and maps of them
/// are asked for every Application.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing: the multiplication spreads the low bits, the rotation brings them back down.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_right(26);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

/// A map by what is equal to itself alone.
pub type ByAddress<K, V> = HashMap<K, V, BuildHasherDefault<AddressHasher>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_what_a_person_sees() {
        let file = File::new("r", "a.yaml", "\u{feff}é: 1\r\nb: 2\n");
        assert_eq!(file.line_column(3), (1, 1), "the byte order mark has no column");
        assert_eq!(file.line_column(5), (1, 2));
        assert_eq!(file.line_column(10), (2, 1));
        assert_eq!(file.line_column(99), (3, 1));
        assert_eq!(
            (file.line(1), file.line(2), file.line(3), file.line(0)),
            ("\u{feff}é: 1", "b: 2", "", "")
        );
        assert_eq!(file.line_count(), 2);
    }

    #[test]
    fn a_place_prints_as_editors_link_it() {
        let file = File::new("configs", "a/b.yaml", "a: 1\nb: 2\n");
        assert_eq!(Location::new(&file, Span::new(8, 9)).to_string(), "configs/a/b.yaml:2:4");
    }
}
