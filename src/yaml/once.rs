//! Files that several readers need, read once.

use super::documents::{self, Chunk};
use super::json::{self, Target};
use super::{Document, Error, Kind, document, parse, unmarshal_values};
use crate::profile::Helm;
use crate::source::{ByAddress, File, Same};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first documents of files that were read. Several threads may ask at once.
#[derive(Debug, Default)]
pub struct Documents(Mutex<ByAddress<Same<File>, First>>);

/// The first document of a file.
#[derive(Clone, Debug)]
struct First {
    document: Result<Document, Error>,
    /// Why it is no mapping, if it is none.
    no_mapping: Option<Error>,
}

impl Documents {
    /// [`super::unmarshal`] into `interface{}`, once for each file.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn read(&self, file: &Arc<File>) -> Result<Document, Error> {
        if let Some(known) = self.lock().get(&Same::of(file)) {
            return known.document.clone();
        }
        let first = First::of(file);
        self.lock().entry(Same::of(file)).or_insert(first).document.clone()
    }

    /// [`unmarshal_values`]; a file that was read before is not read again.
    ///
    /// # Errors
    /// If the file can't be read, or is no mapping.
    pub fn values(&self, file: &Arc<File>, helm: Helm) -> Result<Document, Error> {
        let known = self.lock().get(&Same::of(file)).cloned();
        match known {
            Some(First { document: Ok(document), no_mapping: None })
                if matches!(document.root.kind, Kind::Map(_)) && is_one_piece(&file.text, helm) =>
            {
                Ok(document)
            }
            _ => unmarshal_values(file, helm),
        }
    }

    /// Forgets a file.
    pub fn forget(&self, file: &Same<File>) {
        self.lock().remove(file);
    }

    /// Forgets the files for which this does not hold.
    pub fn retain(&self, keep: impl Fn(&Same<File>) -> bool) {
        self.lock().retain(|file, _| keep(file));
    }

    /// Nothing is done under the lock that could leave the map half changed.
    fn lock(&self) -> MutexGuard<'_, ByAddress<Same<File>, First>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl First {
    fn of(file: &Arc<File>) -> Self {
        let parsed = parse(&Chunk::whole(&file.text));
        let (checked, no_mapping) = match &parsed {
            Ok((decoded, _)) => (json::check(decoded, Target::Any), json::check(decoded, Target::Map).err()),
            Err(_) => (Ok(()), None),
        };
        Self { document: parsed.and_then(|parsed| checked.map(|()| document(file, parsed))), no_mapping }
    }
}

/// Whether Helm reads a text as one document and all of it: Helm 4 takes it apart before.
fn is_one_piece(text: &str, helm: Helm) -> bool {
    if !helm.reads_all_documents() {
        return true;
    }
    let pieces = documents::split(text, helm.loses_unended_lines());
    matches!(&pieces[..], [Ok(piece)] if !piece.moves() && piece.text.len() == text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_is_what_would_be_read() {
        for text in [
            "a: 1\nb: {c: [x, null]}\n",
            "a: 1",
            "a: 1\r\nb: 2\r\n",
            "a: 1\na: 2 # twice\n",
            "---\na: 1\n",
            "a: 1\n---\nb: 2\n",
            "a: 1\n--- no\n",
            "- a\n",
            "text",
            "# nothing\n",
            "",
            "null\n",
            "a: .nan\n",
            "a: [\n",
        ] {
            let file = File::new("r", "values.yaml", text);
            for helm in [Helm::V3_22, Helm::V4_3] {
                let documents = Documents::default();
                let _ = documents.read(&file);
                let (known, fresh) = (documents.values(&file, helm), unmarshal_values(&file, helm));
                assert_eq!(format!("{known:?}"), format!("{fresh:?}"), "{text:?} {helm:?}");
            }
            let documents = Documents::default();
            let (known, fresh) = (documents.read(&file), super::super::unmarshal(&file, Target::Any));
            assert_eq!(format!("{known:?}"), format!("{fresh:?}"), "{text:?}");
        }
    }
}
