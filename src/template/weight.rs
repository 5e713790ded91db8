//! How much there is in values, asked before a function goes through all of it: a few lists that hold
//! one another several times stand for more items than any machine can copy or print.

use super::functions::{MOST_ITEMS, MOST_LEVELS};
use super::value::{Kind, Value};

/// Bytes of a text that count as one item.
const BYTES: usize = 16;

/// The items in the values, each as often as it is reached, and pieces of 16 bytes of texts; `None` if
/// there are more than [`MOST_ITEMS`]. For a `shallow` function only the items of the lists themselves
/// count.
pub fn weight(values: &[Value], shallow: bool) -> Option<u64> {
    let mut left = MOST_ITEMS;
    for value in values {
        weigh(value, if shallow { 0 } else { MOST_LEVELS }, shallow, &mut left)?;
    }
    Some(MOST_ITEMS - left)
}

/// What a result costs whose making was not weighed before.
pub fn of_result(value: &Value) -> u64 {
    size(value, true) as u64
}

/// Items of a value itself, without what they hold; maps have none for a `shallow` function.
fn size(value: &Value, shallow: bool) -> usize {
    match &value.kind {
        Kind::String(text) => text.len() / BYTES,
        Kind::Bytes(bytes) => bytes.len() / BYTES,
        Kind::List(list) => list.len(),
        Kind::Map(map) if !shallow => map.len(),
        Kind::Struct(value) if !shallow => value.fields.len(),
        _ => 0,
    }
}

fn weigh(value: &Value, levels: usize, shallow: bool, left: &mut u64) -> Option<()> {
    let size = size(value, shallow);
    *left = left.checked_sub(size as u64)?;
    // What nests deeper is refused by whoever goes through it.
    let Some(levels) = levels.checked_sub(1) else { return Some(()) };
    if size == 0 {
        return Some(());
    }
    let mut each = |value: &Value| weigh(value, levels, shallow, left);
    match &value.kind {
        Kind::List(list) => list.iter().try_for_each(each),
        Kind::Map(map) => map.entries().values().try_for_each(each),
        Kind::Struct(value) => value.fields.iter().try_for_each(&mut each),
        _ => Some(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_items_count_wherever_they_stand() {
        let mut list = Value::list(vec![Value::int(1)]);
        for _ in 0..3 {
            list = Value::list(vec![list.clone(), list.clone()]);
        }
        assert_eq!(weight(std::slice::from_ref(&list), false), Some(2 + 4 + 8 + 8));
        assert_eq!(weight(std::slice::from_ref(&list), true), Some(2));
        for _ in 0..300 {
            list = Value::list(vec![list.clone(), list.clone()]);
        }
        assert_eq!(weight(std::slice::from_ref(&list), false), None);
    }

    #[test]
    fn a_map_in_itself_comes_to_an_end() {
        let map = Value::map::<&str>([]);
        let inner = map.as_map().expect("it is one");
        inner.set("self", map.clone()).expect("it is not nil");
        assert_eq!(weight(std::slice::from_ref(&map), false), Some(MOST_LEVELS as u64 + 1));
        inner.remove("self");
    }
}
