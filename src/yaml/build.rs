//! Lists and maps from what they hold, for both ways of reading.

use super::resolve::Scalar;
use super::{Entry, Kind, Node};
use crate::source::Span;
use crate::value::{Texts, go_float32};
use std::sync::Arc;

/// What collections are made of, those of an open collection behind those of the one around it.
pub(super) struct Builder {
    /// Items of sequences.
    pub items: Vec<Node>,
    /// Entries of mappings.
    pub entries: Vec<Entry>,
    /// Keys met before.
    pub keys: Texts,
    /// Whether there was a NaN or an infinity.
    pub infinite: bool,
    /// Keys that are given twice in one mapping: the lost one and the one that holds.
    pub duplicates: Vec<(Span, Span)>,
    /// The keys `0.0` and `-0.0`, once there is one of them: Go takes them for the same key.
    zeros: Option<[Arc<str>; 2]>,
    /// Stands for keys that JSON can't have, once there is one; they may still be overwritten.
    pub unsupported: Option<Arc<str>>,
}

impl Builder {
    /// A builder for about so many keys.
    pub fn new(keys: usize) -> Self {
        Self {
            items: Vec::new(),
            entries: Vec::new(),
            keys: Texts::new(keys),
            infinite: false,
            duplicates: Vec::new(),
            zeros: None,
            unsupported: None,
        }
    }

    /// A scalar as JSON has it.
    pub fn kind(&mut self, scalar: Scalar) -> Kind {
        match scalar {
            Scalar::Null => Kind::Null,
            Scalar::Bool(bool) => Kind::Bool(bool),
            Scalar::Int(int) => Kind::Float(int as f64),
            Scalar::Unsigned(int) => Kind::Float(int as f64),
            Scalar::Float(float) => {
                self.infinite |= !float.is_finite();
                Kind::Float(float)
            }
            Scalar::String(text) => Kind::String(text.into()),
        }
    }

    /// A key as JSON has it.
    pub fn key(&mut self, scalar: &Scalar) -> Arc<str> {
        match scalar {
            Scalar::String(text) => self.keys.shared(text),
            Scalar::Bool(bool) => self.keys.shared(if *bool { "true" } else { "false" }),
            Scalar::Int(int) => self.keys.shared(&int.to_string()),
            Scalar::Float(float) if *float == 0.0 => {
                let zeros = self.zeros.get_or_insert_with(|| [Arc::from("0"), Arc::from("-0")]);
                Arc::clone(&zeros[usize::from(float.is_sign_negative())])
            }
            Scalar::Float(float) => self.keys.shared(&float_key(*float)),
            Scalar::Null | Scalar::Unsigned(_) => {
                Arc::clone(self.unsupported.get_or_insert_with(|| Arc::from("<unsupported>")))
            }
        }
    }

    /// The list of the items from `base` on.
    pub fn list(&mut self, base: usize) -> Kind {
        Kind::List(self.items.drain(base..).collect())
    }

    /// The map of the entries from `base` on.
    pub fn map(&mut self, base: usize) -> Kind {
        self.drop_lost_zeros(base);
        self.sort(base);
        Kind::Map(self.entries.drain(base..).collect())
    }

    /// Of `0.0` and `-0.0` in one mapping the last one holds.
    fn drop_lost_zeros(&mut self, base: usize) {
        let Some(zeros) = &self.zeros else { return };
        let zero = |entry: &Entry| zeros.iter().find(|zero| Arc::ptr_eq(zero, &entry.key)).cloned();
        let Some(last) = self.entries[base..].iter().rev().find_map(zero) else { return };
        let mut at = 0;
        self.entries.retain(|entry| {
            at += 1;
            at <= base || zero(entry).is_none_or(|zero| zero == last)
        });
    }

    /// Sorts the entries from `base` on by key; of several with one key the last remains.
    fn sort(&mut self, base: usize) {
        let entries = &mut self.entries[base..];
        if entries.is_sorted_by(|a, b| a.key < b.key) {
            return;
        }
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        let duplicates = &mut self.duplicates;
        let mut kept = base;
        for at in base + 1..self.entries.len() {
            if self.entries[at].key == self.entries[kept].key {
                duplicates.push((self.entries[kept].key_span, self.entries[at].key_span));
            } else {
                kept += 1;
            }
            self.entries.swap(kept, at);
        }
        self.entries.truncate(kept + 1);
    }
}

/// A float as a key: sigs.k8s.io/yaml prints it with the precision of 32 bits.
pub(super) fn float_key(float: f64) -> String {
    let narrow = float as f32;
    if narrow.is_nan() {
        ".nan".to_owned()
    } else if narrow.is_infinite() {
        if narrow > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        go_float32(narrow)
    }
}
