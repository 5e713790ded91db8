//! Keywords that Go's libraries read in a way of their own.
//!
//! The translation gives them names that no schema has; their values are the written ones.

use super::format::{self, Check};
use super::instance;
use super::pattern::Pattern;
use crate::value::Value;
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::Value as Json;
use std::sync::Arc;

/// What the names begin with.
pub const PREFIX: &str = "go:";
/// `multipleOf`, exact in decimal.
pub const MULTIPLE_OF: &str = "go:multipleOf";
/// `pattern`, in Go's dialect.
pub const PATTERN: &str = "go:pattern";
/// `format`, as jsonschema v6 checks it.
pub const FORMAT: &str = "go:format";
/// `format`, as gojsonschema checks it.
pub const OLD_FORMAT: &str = "go:format of gojsonschema";
/// A boolean `additionalItems`, which stands beside the keyword it became: its failure has other words.
/// It is no rule of its own.
pub const FURTHER_ITEMS: &str = "go:additionalItems";
/// Stands beside a `$ref` that is written as `$dynamicRef` or `$recursiveRef`.
pub const DYNAMIC: &str = "go:$dynamicRef";
/// A `$ref` that comes back to where it started.
pub const CYCLE: &str = "go:$ref";

/// The crate's options.
pub type Options<'i> = ValidationOptions<'i, Arc<dyn jsonschema::Retrieve>>;

type Checker = Box<dyn for<'i> Keyword<'i>>;

/// The options with these keywords.
pub fn with_keywords(options: Options<'_>) -> Options<'_> {
    options
        .with_keyword(MULTIPLE_OF, |_, value, _| {
            Ok(Rule::boxed(Decimal::new(value.as_str().unwrap_or_default()), multiple_of))
        })
        .with_keyword(PATTERN, |_, value, _| {
            let pattern =
                Pattern::new(value.as_str().unwrap_or_default()).map_err(ValidationError::schema)?;
            Ok(Rule::boxed(pattern, |pattern, value| value.as_str().is_none_or(|text| pattern.matches(text))))
        })
        .with_keyword(FORMAT, |_, value, _| Ok(format_rule(format::of_jsonschema_v6, value, false)))
        .with_keyword(OLD_FORMAT, |_, value, _| Ok(format_rule(format::of_gojsonschema, value, true)))
        .with_keyword(CYCLE, |_, _, _| Ok(Rule::boxed((), |(), _| false)))
}

/// A checker with what it was made from.
struct Rule<T> {
    rule: T,
    holds: fn(&T, &Json) -> bool,
}

impl<T: Send + Sync + 'static> Rule<T> {
    fn boxed(rule: T, holds: fn(&T, &Json) -> bool) -> Checker {
        Box::new(Self { rule, holds })
    }
}

impl<'i, T: Send + Sync> Keyword<'i> for Rule<T> {
    fn validate(&self, instance: &'i Json) -> Result<(), ValidationError<'i>> {
        // The words are chosen later, by the keyword.
        if (self.holds)(&self.rule, instance) { Ok(()) } else { Err(ValidationError::custom("")) }
    }

    fn is_valid(&self, instance: &'i Json) -> bool {
        (self.holds)(&self.rule, instance)
    }
}

/// A format; `numbers_fail`: gojsonschema 1.2 hands numbers to its checkers, and they refuse them.
fn format_rule(known: fn(&str) -> Option<Check>, name: &Json, numbers_fail: bool) -> Checker {
    let check = name.as_str().and_then(known);
    Rule::boxed((check, numbers_fail), |(check, numbers_fail), value| match (check, value) {
        (Some(check), Json::String(text)) => check(text),
        (Some(_), Json::Number(_)) => !numbers_fail,
        _ => true,
    })
}

/// A decimal number: `digits` times ten to the power of `exponent`; digits end in no zero.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decimal {
    digits: u128,
    exponent: i64,
}

/// More digits than this (of a schema's number) are cut off.
const MOST_DIGITS: u128 = 10_u128.pow(37);

impl Decimal {
    /// The magnitude of a JSON number.
    fn new(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let mut number = Self { digits: 0, exponent: exponent.parse().unwrap_or(0) };
        let mut fraction = false;
        for byte in mantissa.bytes() {
            match byte {
                b'.' => fraction = true,
                b'0'..=b'9' if number.digits < MOST_DIGITS / 10 => {
                    number.digits = number.digits * 10 + u128::from(byte - b'0');
                    number.exponent -= i64::from(fraction);
                }
                b'0'..=b'9' => number.exponent += i64::from(!fraction),
                _ => {}
            }
        }
        while number.digits != 0 && number.digits.is_multiple_of(10) {
            number.digits /= 10;
            number.exponent += 1;
        }
        number
    }
}

/// Whether a value is a multiple of a JSON number (or no number at all).
pub fn is_multiple(value: &Value, divisor: &str) -> bool {
    multiple_of(&Decimal::new(divisor), &instance::to_json(value))
}

/// Whether a number is a multiple, as rational numbers and not as doubles.
fn multiple_of(divisor: &Decimal, value: &Json) -> bool {
    let Json::Number(number) = value else { return true };
    let number = Decimal::new(&instance::written(number));
    if number.digits == 0 || divisor.digits == 0 {
        return number.digits == 0;
    }
    // number / divisor = (digits * 10^shift) / divisor.digits
    let shift = number.exponent.saturating_sub(divisor.exponent);
    if shift < 0 {
        return false;
    }
    let mut remainder = number.digits % divisor.digits;
    // Powers of two and five in the divisor are used up within its 128 bits; after that nothing changes.
    for _ in 0..shift.min(128) {
        if remainder == 0 {
            break;
        }
        remainder = remainder * 10 % divisor.digits;
    }
    remainder == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_exact_in_decimal() {
        let multiple = |value: f64, of: &str| is_multiple(&Value::Float(value), of);
        assert!(multiple(0.3, "0.1") && multiple(19.99, "0.01") && multiple(1e300, "0.1"));
        assert!(
            multiple(-4.5, "1.5") && multiple(0.0, "7") && multiple(1e22, "1e21") && multiple(1e300, "1024")
        );
        assert!(
            !multiple(0.35, "0.1") && !multiple(10.0, "3") && !multiple(1e300, "3") && !multiple(1.0, "1e1")
        );
        assert!(is_multiple(&Value::from("x"), "2"));
    }
}
