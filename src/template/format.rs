//! Numbers and padding of Go's `fmt`: what a verb with its flags makes of one number or text.

use super::quote;
use crate::value::shortest;
use bstr::ByteSlice;

/// Flags, width and precision of a verb.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Flags {
    pub width: Option<usize>,
    pub precision: Option<usize>,
    pub minus: bool,
    pub plus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%+v`
    pub plus_v: bool,
    /// `%#v`
    pub sharp_v: bool,
}

impl Flags {
    fn pad_with(self, out: &mut Vec<u8>, text: &[u8], zero: bool) {
        let fill = self.width.unwrap_or(0).saturating_sub(quote::characters(text).count());
        let byte = if zero && !self.minus { b'0' } else { b' ' };
        if self.minus {
            out.extend_from_slice(text);
        }
        out.resize(out.len() + fill, byte);
        if !self.minus {
            out.extend_from_slice(text);
        }
    }

    /// The text, padded to the width.
    pub fn pad(self, out: &mut Vec<u8>, text: impl AsRef<[u8]>) {
        self.pad_with(out, text.as_ref(), self.zero);
    }

    /// As many characters of the text as the precision allows.
    fn truncated(self, text: &[u8]) -> &[u8] {
        let Some(precision) = self.precision else { return text };
        let length = |char: Result<char, u8>| char.map_or(1, char::len_utf8);
        &text[..quote::characters(text).take(precision).map(length).sum()]
    }

    /// `%s`
    pub fn text(self, out: &mut Vec<u8>, text: &[u8]) {
        self.pad(out, self.truncated(text));
    }

    /// `%q`
    pub fn quoted(self, out: &mut Vec<u8>, text: &[u8]) {
        let text = self.truncated(text);
        let raw_allowed = |char: Result<char, u8>| match char {
            Ok('\u{feff}' | '`' | '\u{7f}') | Err(_) => false,
            Ok(char) => char == '\t' || char >= ' ',
        };
        if self.sharp && quote::characters(text).all(raw_allowed) {
            self.pad(out, [b"`", text, b"`"].concat());
        } else {
            self.pad(out, quote::quote_bytes(text, self.plus));
        }
    }

    /// `%x` and `%X` of a text.
    pub fn hexadecimal(self, out: &mut Vec<u8>, text: &[u8], upper: bool) {
        let text = &text[..self.precision.unwrap_or(usize::MAX).min(text.len())];
        if text.is_empty() {
            self.pad(out, "");
            return;
        }
        let prefix = if !self.sharp {
            ""
        } else if upper {
            "0X"
        } else {
            "0x"
        };
        let mut encoded = prefix.to_owned();
        for (at, byte) in text.iter().enumerate() {
            if self.space && at > 0 {
                encoded.push(' ');
                encoded.push_str(prefix);
            }
            encoded.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        }
        self.pad(out, encoded);
    }

    /// An integer in a base; `verb` is `O` for the octal form with its prefix.
    pub fn integer(self, out: &mut Vec<u8>, negative: bool, magnitude: u64, verb: char) {
        let mut digits = match verb {
            'b' => format!("{magnitude:b}"),
            'o' | 'O' => format!("{magnitude:o}"),
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            _ => magnitude.to_string(),
        };
        let unsigned = Self { zero: false, ..self };
        if self.precision == Some(0) && magnitude == 0 {
            unsigned.pad(out, "");
            return;
        }
        let signed = negative || self.plus || self.space;
        let least = match self.precision {
            Some(precision) => precision,
            None if self.zero && !self.minus => self.width.unwrap_or(0).saturating_sub(usize::from(signed)),
            None => 0,
        };
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        if self.sharp {
            match verb {
                'b' => digits.insert_str(0, "0b"),
                'o' | 'O' if !digits.starts_with('0') => digits.insert(0, '0'),
                'x' => digits.insert_str(0, "0x"),
                'X' => digits.insert_str(0, "0X"),
                _ => {}
            }
        }
        if verb == 'O' {
            digits.insert_str(0, "0o");
        }
        if negative {
            digits.insert(0, '-');
        } else if self.plus {
            digits.insert(0, '+');
        } else if self.space {
            digits.insert(0, ' ');
        }
        unsigned.pad(out, digits);
    }

    /// `%c`
    pub fn character(self, out: &mut Vec<u8>, code: u64) {
        self.pad(out, to_char(code).encode_utf8(&mut [0; 4]));
    }

    /// `%q` of an integer.
    pub fn quoted_character(self, out: &mut Vec<u8>, code: u64) {
        let mut text = String::from('\'');
        quote::escape(&mut text, to_char(code), '\'', self.plus);
        text.push('\'');
        self.pad(out, text);
    }

    /// `%U`
    pub fn code_point(self, out: &mut Vec<u8>, code: u64) {
        let digits = self.precision.unwrap_or(4).max(4);
        let mut text = format!("U+{code:0digits$X}");
        let char = u32::try_from(code).ok().and_then(char::from_u32);
        if let Some(char) = char.filter(|&char| self.sharp && quote::is_printable(char)) {
            text.push_str(&format!(" '{char}'"));
        }
        Self { zero: false, ..self }.pad(out, text);
    }

    /// A float by the verbs `e E f g G b x X`; `precision` where the verb was given none (`None` is
    /// the shortest text that reads back the same).
    pub fn float(self, out: &mut Vec<u8>, number: f64, verb: char, precision: Option<usize>) {
        let precision = self.precision.or(precision);
        let mut text = float_text(number.abs(), verb, precision);
        let negative = number.is_sign_negative() && !number.is_nan();
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        if !number.is_finite() {
            // An infinity has its sign always.
            let sign = if sign.is_empty() && number.is_infinite() { "+" } else { sign };
            let sign = if number.is_infinite() || self.plus || self.space { sign } else { "" };
            Self { zero: false, ..self }.pad(out, format!("{sign}{text}"));
            return;
        }
        if self.sharp && verb != 'b' {
            text = with_point(&text, verb, precision);
        }
        if !sign.is_empty() && self.zero && !self.minus && self.width.unwrap_or(0) > text.len() + 1 {
            out.extend_from_slice(sign.as_bytes());
            Self { width: self.width.map(|width| width - 1), ..self }.pad(out, text);
        } else {
            self.pad(out, format!("{sign}{text}"));
        }
    }
}

fn to_char(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The text of a number that is not negative (Go's `strconv.FormatFloat`).
fn float_text(number: f64, verb: char, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return "Inf".to_owned();
    }
    match verb {
        'f' | 'F' => format!("{number:.*}", precision.unwrap_or(6)),
        'e' | 'E' => exponent(&format!("{number:.*e}", precision.unwrap_or(6)), verb),
        'b' => binary(number),
        'x' | 'X' => hexadecimal(number, verb, precision),
        _ => general(number, verb, precision),
    }
}

/// Rust's `1.5e7` as Go's `1.5e+07`.
fn exponent(text: &str, verb: char) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}{verb}{sign}{digits:0>2}")
}

fn general(number: f64, verb: char, precision: Option<usize>) -> String {
    let (digits, exponent_of_first) = match precision {
        None => {
            let (_, digits, exponent) = shortest(number);
            (digits, exponent)
        }
        Some(precision) => {
            let text = format!("{number:.*e}", precision.max(1) - 1);
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let digits = mantissa.replace('.', "");
            let kept = digits.trim_end_matches('0');
            let kept = if kept.is_empty() { "0" } else { kept };
            (kept.to_owned(), exponent.parse().unwrap_or(0))
        }
    };
    let count = digits.len() as i32;
    let limit = match precision {
        None => 6,
        Some(precision) => {
            let precision = precision.max(1) as i32;
            if precision > count && count > exponent_of_first { count } else { precision }
        }
    };
    if exponent_of_first < -4 || exponent_of_first >= limit {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let letter = if verb == 'G' { 'E' } else { 'e' };
        return exponent(&format!("{first}{point}{rest}e{exponent_of_first}"), 'e')
            .replace('e', &letter.to_string());
    }
    if exponent_of_first < 0 {
        return format!("0.{}{digits}", "0".repeat((-exponent_of_first - 1) as usize));
    }
    let whole = exponent_of_first as usize + 1;
    if digits.len() <= whole {
        format!("{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        format!("{}.{}", &digits[..whole], &digits[whole..])
    }
}

/// The bits of a float: its mantissa and the power of two that it counts.
fn parts(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let mantissa = bits & ((1 << 52) - 1);
    if exponent == 0 { (mantissa, -1074) } else { (mantissa | 1 << 52, exponent - 1075) }
}

fn binary(number: f64) -> String {
    let (mantissa, exponent) = parts(number);
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(number: f64, verb: char, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(number);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() as i32 - 11;
        mantissa <<= shift;
        exponent += 52 - shift;
    }
    if let Some(precision) = precision.filter(|&precision| precision < 13) {
        // Round to even at the last digit kept; the carry may reach the exponent.
        let extra = 4 * (13 - precision as u32);
        let half = 1_u64 << (extra - 1);
        let rest = mantissa & ((1 << extra) - 1);
        mantissa >>= extra;
        if rest > half || rest == half && mantissa & 1 == 1 {
            mantissa += 1;
        }
        mantissa <<= extra;
        if mantissa >> 53 > 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = format!("{:013x}", mantissa & ((1 << 52) - 1));
    let fraction = match precision {
        None => digits.trim_end_matches('0').to_owned(),
        Some(precision) => format!("{digits:0<precision$}")[..precision].to_owned(),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> 52, exponent.abs());
    if verb == 'X' { text.to_uppercase() } else { text }
}

/// The `#` flag: a decimal point always, and the zeros that `%g` leaves out.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let mut wanted = match verb {
        'g' | 'G' | 'x' => precision.map_or(6, |precision| precision as i64),
        _ => 0,
    };
    let is_tail =
        |char: char| matches!(char, 'p' | 'P') || !matches!(verb, 'x' | 'X') && matches!(char, 'e' | 'E');
    let (number, tail) = text.split_at(text.find(is_tail).unwrap_or(text.len()));
    let significant = number.trim_start_matches(['0', '.']).bytes().filter(|&byte| byte != b'.').count();
    wanted -= significant as i64;
    let mut number = number.to_owned();
    if !number.as_bytes().contains_str(".") {
        if number == "0" {
            wanted -= 1;
        }
        number.push('.');
    }
    format!("{number}{}{tail}", "0".repeat(usize::try_from(wanted).unwrap_or(0)))
}
