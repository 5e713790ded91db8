//! The order of keys: go-yaml's, in which numbers inside keys count as numbers.

use super::GoYaml;
use regex::Regex;
use std::cell::OnceCell;
use std::sync::Arc;

type Entry<'k, T> = (&'k Arc<str>, T);

/// The entries in the order in which they are written.
///
/// go-yaml's comparison is no order in the strict sense (`9` is before `10`, `10` before `1a` and `1a`
/// before `9`), so that Helm prints such keys now in one order and now in another. Ours is always the
/// same: what a quicksort with Go's choice of pivots makes of the bytewise order.
pub(super) fn sorted<T>(entries: Vec<Entry<'_, T>>, library: GoYaml) -> Vec<Entry<'_, T>> {
    let order = Order { library, letters: OnceCell::new(), digits: OnceCell::new() };
    if entries.is_sorted_by(|a, b| !order.less(b.0, a.0)) {
        return entries;
    }
    let mut sorted = Vec::with_capacity(entries.len());
    // Halving is what a good pivot does; after so many bad ones a sort that needs none takes over.
    let patience = 2 * entries.len().ilog2();
    let mut open = vec![(entries, patience)];
    while let Some((mut part, patience)) = open.pop() {
        if part.len() <= 1 {
            sorted.append(&mut part);
        } else if patience == 0 {
            sorted.append(&mut order.merge_sort(part));
        } else {
            let pivot = part.remove(order.pivot(&part));
            let (below, above) = part.into_iter().partition(|entry| order.less(entry.0, pivot.0));
            open.push((above, patience - 1));
            open.push((vec![pivot], 1));
            open.push((below, patience - 1));
        }
    }
    sorted
}

/// The comparison, with what it takes to know letters and digits beyond ASCII.
struct Order {
    library: GoYaml,
    letters: OnceCell<Option<Regex>>,
    digits: OnceCell<Option<Regex>>,
}

impl Order {
    /// The place of the median of three.
    fn pivot<T>(&self, entries: &[Entry<T>]) -> usize {
        let quarter = entries.len() / 4;
        let [mut a, mut b, mut c] = [quarter, 2 * quarter, 3 * quarter];
        let swap = |a: &mut usize, b: &mut usize| {
            if self.less(entries[*b].0, entries[*a].0) {
                std::mem::swap(a, b);
            }
        };
        swap(&mut a, &mut b);
        swap(&mut b, &mut c);
        swap(&mut a, &mut b);
        b
    }

    fn merge_sort<'k, T>(&self, entries: Vec<Entry<'k, T>>) -> Vec<Entry<'k, T>> {
        let mut runs: Vec<_> = entries.into_iter().map(|entry| vec![entry]).collect();
        while runs.len() > 1 {
            let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
            let mut pairs = runs.into_iter();
            while let Some(left) = pairs.next() {
                merged.push(self.merge(left, pairs.next().unwrap_or_default()));
            }
            runs = merged;
        }
        runs.pop().unwrap_or_default()
    }

    fn merge<'k, T>(&self, left: Vec<Entry<'k, T>>, right: Vec<Entry<'k, T>>) -> Vec<Entry<'k, T>> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let mut left = left.into_iter().peekable();
        for entry in right {
            while let Some(before) = left.next_if(|before| !self.less(entry.0, before.0)) {
                merged.push(before);
            }
            merged.push(entry);
        }
        merged.extend(left);
        merged
    }

    fn less(&self, a: &str, b: &str) -> bool {
        let mut left = a.char_indices();
        let mut right = b.chars();
        loop {
            match (left.next(), right.next()) {
                (Some((at, x)), Some(y)) if x != y => return self.less_at(a, b, at, x, y),
                (Some(_), Some(_)) => {}
                (None, Some(_)) => return true,
                (_, None) => return false,
            }
        }
    }

    /// Compares texts that are equal before `at`, where the one has `x` and the other `y`.
    fn less_at(&self, a: &str, b: &str, at: usize, x: char, y: char) -> bool {
        // go-yaml 3 ends a number before a letter, so that `1a` is before `10`.
        let inside_number =
            self.library == GoYaml::V3 && a[..at].chars().next_back().is_some_and(|c| self.is_digit(c));
        match (self.is_letter(x), self.is_letter(y)) {
            (true, true) => return x < y,
            (true, false) => return inside_number,
            (false, true) => return !inside_number,
            (false, false) => {}
        }
        // Leading zeros: they count when the number began before them.
        let mut begun = a[..at].chars().rev().take_while(|&c| self.is_digit(c));
        let seed = i64::from((x == '0' || y == '0') && begun.any(|c| c != '0'));
        let number = |text: &str| {
            let digits = text[at..].chars().take_while(|&c| self.is_digit(c));
            digits.fold((seed, 0), |(number, length), digit| {
                let digit = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
                (number.wrapping_mul(10).wrapping_add(digit), length + 1)
            })
        };
        (number(a), x) < (number(b), y)
    }

    fn is_letter(&self, c: char) -> bool {
        if c.is_ascii() { c.is_ascii_alphabetic() } else { is_in(&self.letters, r"\p{L}", c) }
    }

    fn is_digit(&self, c: char) -> bool {
        if c.is_ascii() { c.is_ascii_digit() } else { is_in(&self.digits, r"\p{Nd}", c) }
    }
}

/// Whether a character is in a Unicode class, whose pattern is kept.
fn is_in(class: &OnceCell<Option<Regex>>, pattern: &str, c: char) -> bool {
    let regex = class.get_or_init(|| Regex::new(pattern).ok());
    regex.as_ref().is_some_and(|regex| regex.is_match(c.encode_utf8(&mut [0; 4])))
}
