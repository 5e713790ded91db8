//! The entries of a map, in the order of their keys.

use super::value::{Str, Value};
use std::collections::BTreeMap;

/// How many entries stand one after the other.
const FEW: usize = 64;

/// Entries by key. Most maps have few, and these take one piece of memory and no search worth the name. A
/// template may also add key after key to a large one, which must not move all others each time.
#[derive(Clone, Debug)]
pub enum Entries {
    /// At most [`FEW`], sorted.
    Few(Vec<(Str, Value)>),
    /// More.
    Many(BTreeMap<Str, Value>),
}

impl Entries {
    /// The value at a key.
    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Few(entries) => place(entries, key).ok().map(|at| &entries[at].1),
            Self::Many(entries) => entries.get(key),
        }
    }

    /// Puts a value at a key, whatever was there.
    pub fn insert(&mut self, key: Str, value: Value) {
        let entries = match self {
            Self::Few(entries) => entries,
            Self::Many(entries) => return drop(entries.insert(key, value)),
        };
        // Most that are made from something are made in order.
        let at = match entries.last() {
            Some((last, _)) if *last >= key => place(entries, &key),
            _ => Err(entries.len()),
        };
        match at {
            Ok(at) => entries[at].1 = value,
            Err(at) if entries.len() < FEW => entries.insert(at, (key, value)),
            Err(_) => {
                let few = std::mem::take(entries);
                *self = Self::Many(few.into_iter().chain([(key, value)]).collect());
            }
        }
    }

    /// Takes out what is at a key.
    pub fn remove(&mut self, key: &[u8]) {
        match self {
            Self::Few(entries) => drop(place(entries, key).map(|at| entries.remove(at))),
            Self::Many(entries) => drop(entries.remove(key)),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(entries) => entries.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &Value)> {
        let (few, many) = match self {
            Self::Few(entries) => (&entries[..], None),
            Self::Many(entries) => (&[][..], Some(entries)),
        };
        few.iter().map(|(key, value)| (key, value)).chain(many.into_iter().flatten())
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, taken out.
    pub fn into_values(self) -> impl Iterator<Item = Value> {
        let (few, many) = match self {
            Self::Few(entries) => (entries, BTreeMap::new()),
            Self::Many(entries) => (Vec::new(), entries),
        };
        few.into_iter().map(|(_, value)| value).chain(many.into_values())
    }
}

/// Where a key is, or would be.
fn place(entries: &[(Str, Value)], key: &[u8]) -> Result<usize, usize> {
    entries.binary_search_by(|(known, _)| (***known).cmp(key))
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl FromIterator<(Str, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let (least, most) = pairs.size_hint();
        let mut entries = Self::Few(Vec::with_capacity(most.unwrap_or(least).min(FEW)));
        for (key, value) in pairs {
            entries.insert(key, value);
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_the_same_map() {
        let mut entries = Entries::default();
        let mut expected = BTreeMap::new();
        for round in 0..3 * FEW as i64 {
            let key = Str::from(format!("{}", round * 37 % 101));
            entries.insert(key.clone(), Value::int(round));
            expected.insert(key, round);
            if round % 5 == 0 {
                let key = Str::from(format!("{}", round * 11 % 101));
                entries.remove(&key);
                expected.remove(&key);
            }
            let shown: Vec<_> =
                entries.iter().map(|(key, value)| (key.clone(), format!("{value:?}"))).collect();
            let wanted = |(key, value): (&Str, &i64)| (key.clone(), format!("{:?}", Value::int(*value)));
            assert_eq!(shown, expected.iter().map(wanted).collect::<Vec<_>>());
            assert_eq!(entries.len(), expected.len());
            assert!(expected.keys().all(|key| entries.get(key).is_some()) && entries.get(b"x").is_none());
        }
        assert!(matches!(entries, Entries::Many(_)));
    }
}
