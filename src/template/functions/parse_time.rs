//! Go's layouts of dates (package `time`): reading.

use super::calendar::{Civil, Element, MONTHS, WEEKDAYS, days_before, days_in, is_leap, next_element};
use crate::template::value::Time;

/// Why a text is no date: Go's `ParseError`, without layout and text.
enum Failure<'a> {
    /// The element that could not be read, and the text from there on.
    Cannot(&'a [u8], &'a [u8]),
    /// What Go says instead.
    Says(String),
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    /// `PM` or `AM` was read.
    afternoon: Option<bool>,
    utc: bool,
    offset: Option<i64>,
    zone: Vec<u8>,
}

/// An element could not be read, or its number was out of range.
enum Bad {
    Text,
    Range(&'static str),
}

/// Go's `time.ParseInLocation(layout, text, UTC)`.
pub fn parse_time(layout: &[u8], text: &[u8]) -> Result<Time, String> {
    parse(layout, text).map_err(|failure| match failure {
        Failure::Cannot(element, at) => format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text),
            quote(layout),
            quote(at),
            quote(element)
        ),
        Failure::Says(message) => format!("parsing time {}: {message}", quote(text)),
    })
}

/// Package `time` quotes in its own way: bytes that are not printable ASCII are `\x`.
pub fn quote(text: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for &byte in text {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=0x7f => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

fn parse<'a>(layout: &'a [u8], text: &'a [u8]) -> Result<Time, Failure<'a>> {
    let mut reading = Reading::default();
    let (mut layout, mut rest) = (layout, text);
    loop {
        let (before, element, after) = next_element(layout);
        rest = skip(rest, before).map_err(|at| Failure::Cannot(before, at))?;
        let Some((element, written)) = element else { break };
        layout = after;
        let start = rest;
        let mut at = rest;
        match reading.read(element, &mut at, layout) {
            Ok(()) => rest = at,
            Err(Bad::Range(what)) => return Err(Failure::Says(format!("{what} out of range"))),
            Err(Bad::Text) => return Err(Failure::Cannot(written, start)),
        }
    }
    if !rest.is_empty() {
        return Err(Failure::Says(format!("extra text: {}", quote(rest))));
    }
    reading.finish().map_err(|message| Failure::Says(message.to_owned()))
}

/// Skips the text between elements; any number of spaces stands for any other.
fn skip<'a>(mut text: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some(&first) = prefix.first() {
        if first == b' ' {
            if text.first().is_some_and(|&byte| byte != b' ') {
                return Err(text);
            }
            prefix = prefix.trim_ascii_start_spaces();
            text = text.trim_ascii_start_spaces();
            continue;
        }
        match text.split_first() {
            Some((&byte, rest)) if byte == first => text = rest,
            _ => return Err(text),
        }
        prefix = &prefix[1..];
    }
    Ok(text)
}

/// Spaces alone, not tabs.
trait TrimSpaces {
    fn trim_ascii_start_spaces(&self) -> &[u8];
}

impl TrimSpaces for [u8] {
    fn trim_ascii_start_spaces(&self) -> &[u8] {
        &self[self.iter().take_while(|&&byte| byte == b' ').count()..]
    }
}

fn take<'a>(text: &mut &'a [u8], length: usize) -> Result<&'a [u8], Bad> {
    let (taken, rest) = text.split_at_checked(length).ok_or(Bad::Text)?;
    *text = rest;
    Ok(taken)
}

fn digit(text: &[u8], at: usize) -> Option<i64> {
    text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'))
}

/// One or two digits; two where `fixed`.
fn number(text: &mut &[u8], fixed: bool) -> Result<i64, Bad> {
    let first = digit(text, 0).ok_or(Bad::Text)?;
    let Some(second) = digit(text, 1) else {
        if fixed {
            return Err(Bad::Text);
        }
        *text = &text[1..];
        return Ok(first);
    };
    *text = &text[2..];
    Ok(first * 10 + second)
}

fn in_range(number: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Result<i64, Bad> {
    if range.contains(&number) { Ok(number) } else { Err(Bad::Range(what)) }
}

/// A signed number, nothing else.
fn all_digits(text: &[u8]) -> Result<i64, Bad> {
    let text = std::str::from_utf8(text).map_err(|_| Bad::Text)?;
    text.parse().map_err(|_| Bad::Text)
}

/// Which of the names, of which `letters` count, stands here; case doesn't matter.
fn name(text: &mut &[u8], names: &[&str], letters: usize) -> Result<i64, Bad> {
    for (at, name) in names.iter().enumerate() {
        let name = &name[..letters.min(name.len())];
        if text.len() >= name.len() && text[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            *text = &text[name.len()..];
            return Ok(at as i64);
        }
    }
    Err(Bad::Text)
}

/// A separator and digits: nanoseconds, of which nine digits count.
fn fraction(text: &mut &[u8], length: usize) -> Result<u32, Bad> {
    let taken = take(text, length)?;
    if !matches!(taken.first(), Some(b'.' | b',')) {
        return Err(Bad::Text);
    }
    let digits = &taken[1..taken.len().min(10)];
    let number = all_digits(digits)?;
    if number < 0 {
        return Err(Bad::Range("fractional second"));
    }
    Ok(number as u32 * 10_u32.pow(9 - digits.len() as u32))
}

fn fraction_length(text: &[u8]) -> usize {
    1 + text.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count()
}

impl Reading {
    fn read(&mut self, element: Element, text: &mut &[u8], rest_of_layout: &[u8]) -> Result<(), Bad> {
        match element {
            Element::Year => {
                let year = all_digits(take(text, 2)?)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Element::LongYear => {
                digit(text, 0).ok_or(Bad::Text)?;
                self.year = all_digits(take(text, 4)?)?;
            }
            Element::Month => self.month = Some(name(text, &MONTHS, 3)? + 1),
            Element::LongMonth => self.month = Some(name(text, &MONTHS, 9)? + 1),
            Element::NumberMonth | Element::ZeroMonth => {
                let month = number(text, element == Element::ZeroMonth)?;
                self.month = Some(in_range(month, 1..=12, "month")?);
            }
            Element::Weekday => _ = name(text, &WEEKDAYS, 3)?,
            Element::LongWeekday => _ = name(text, &WEEKDAYS, 9)?,
            Element::Day | Element::SpaceDay | Element::ZeroDay => {
                if element == Element::SpaceDay {
                    *text = text.strip_prefix(b" ").unwrap_or(text);
                }
                self.day = Some(number(text, element == Element::ZeroDay)?);
            }
            Element::SpaceYearDay | Element::ZeroYearDay => self.read_day_of_year(element, text)?,
            Element::Hour => self.hour = in_range(number(text, false)?, 0..=23, "hour")?,
            Element::Hour12 | Element::ZeroHour12 => {
                self.hour = in_range(number(text, element == Element::ZeroHour12)?, 0..=12, "hour")?;
            }
            Element::Minute | Element::ZeroMinute => {
                self.minute = in_range(number(text, element == Element::ZeroMinute)?, 0..=59, "minute")?;
            }
            Element::Second | Element::ZeroSecond => {
                self.second = in_range(number(text, element == Element::ZeroSecond)?, 0..=59, "second")?;
                // A fraction may follow though the layout has none.
                let follows = matches!(text.first(), Some(b'.' | b',')) && digit(text, 1).is_some();
                let (_, next, _) = next_element(rest_of_layout);
                if follows && !matches!(next, Some((Element::Fraction { .. }, _))) {
                    self.nanoseconds = fraction(text, fraction_length(text))?;
                }
            }
            Element::HalfDay { small } => {
                self.afternoon = Some(match (take(text, 2)?, small) {
                    (b"PM", false) | (b"pm", true) => true,
                    (b"AM", false) | (b"am", true) if self.afternoon == Some(true) => true,
                    (b"AM", false) | (b"am", true) => false,
                    _ => return Err(Bad::Text),
                });
            }
            Element::Offset { z: true, .. } if text.starts_with(b"Z") => {
                *text = &text[1..];
                self.utc = true;
            }
            Element::Offset { colon, parts, .. } => self.read_offset(text, colon, parts)?,
            Element::ZoneName if text.starts_with(b"UTC") => {
                *text = &text[3..];
                self.utc = true;
            }
            Element::ZoneName => self.zone = take(text, zone_length(text).ok_or(Bad::Text)?)?.to_vec(),
            Element::Fraction { trims: false, digits, .. } => self.nanoseconds = fraction(text, 1 + digits)?,
            Element::Fraction { .. } => {
                if matches!(text.first(), Some(b'.' | b',')) && digit(text, 1).is_some() {
                    self.nanoseconds = fraction(text, fraction_length(text))?;
                }
            }
        }
        Ok(())
    }

    fn read_day_of_year(&mut self, element: Element, text: &mut &[u8]) -> Result<(), Bad> {
        let fixed = element == Element::ZeroYearDay;
        for _ in 0..2 {
            if !fixed {
                *text = text.strip_prefix(b" ").unwrap_or(text);
            }
        }
        let digits = text.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || (fixed && digits != 3) {
            return Err(Bad::Text);
        }
        self.day_of_year = Some(all_digits(take(text, digits)?)?);
        Ok(())
    }

    fn read_offset(&mut self, text: &mut &[u8], colon: bool, parts: usize) -> Result<(), Bad> {
        let step = if colon { 3 } else { 2 };
        let taken = take(text, 1 + 2 * parts + if colon { parts - 1 } else { 0 })?;
        let mut numbers = [Ok(0), Ok(0), Ok(0)];
        for (part, number_of_part) in numbers.iter_mut().enumerate().take(parts) {
            let start = 1 + part * step;
            if colon && part > 0 && taken[start - 1] != b':' {
                return Err(Bad::Text);
            }
            let mut digits = &taken[start..start + 2];
            *number_of_part = number(&mut digits, true);
        }
        // Go looks at the ranges before it looks whether all were numbers.
        let [hour, minute, second] = numbers;
        let hours = hour.as_ref().ok().copied();
        let minutes = minute.as_ref().ok().copied().filter(|_| hours.is_some());
        let seconds = second.as_ref().ok().copied().filter(|_| minutes.is_some());
        for (number, most, what) in [
            (seconds, 60, "time zone offset second"),
            (minutes, 60, "time zone offset minute"),
            (hours, 24, "time zone offset hour"),
        ] {
            if number.is_some_and(|number| number > most) {
                return Err(Bad::Range(what));
            }
        }
        let (Some(hours), Some(minutes), Some(seconds)) = (hours, minutes, seconds) else {
            return Err(Bad::Text);
        };
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = match taken[0] {
            b'+' => Some(offset),
            b'-' => Some(-offset),
            _ => return Err(Bad::Text),
        }
        // Go takes -1 for none.
        .filter(|&offset| offset != -1);
        Ok(())
    }

    fn finish(mut self) -> Result<Time, &'static str> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        if let Some(day_of_year) = self.day_of_year {
            self.place_day_of_year(day_of_year)?;
        }
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let second_of_day = (self.hour * 60 + self.minute) * 60 + self.second;
        let seconds = Civil { year: self.year, month, day, second_of_day }.seconds();
        if self.utc {
            return Ok(Time::utc(seconds, self.nanoseconds));
        }
        let zoned = |offset: i64, known: bool| {
            let zone = self.zone.clone().into();
            let seconds = if known { seconds - offset } else { seconds };
            Time { seconds, nanoseconds: self.nanoseconds, offset: offset as i32, zone }
        };
        Ok(match self.offset {
            Some(0) if self.zone.is_empty() => Time::utc(seconds, self.nanoseconds),
            Some(offset) => zoned(offset, true),
            None if self.zone.is_empty() => Time::utc(seconds, self.nanoseconds),
            // Only of `GMT+1` is the offset known, though Go doesn't reckon with it.
            None => {
                zoned(all_digits(self.zone.strip_prefix(b"GMT").unwrap_or(b"0")).unwrap_or(0) * 3600, false)
            }
        })
    }

    fn place_day_of_year(&mut self, day_of_year: i64) -> Result<(), &'static str> {
        if !(1..=if is_leap(self.year) { 366 } else { 365 }).contains(&day_of_year) {
            return Err("day-of-year out of range");
        }
        let month = (1..=12).rfind(|&month| days_before(month, self.year) < day_of_year).unwrap_or(1);
        let day = day_of_year - days_before(month, self.year);
        if self.month.is_some_and(|read| read != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|read| read != day) {
            return Err("day-of-year does not match day");
        }
        (self.month, self.day) = (Some(month), Some(day));
        Ok(())
    }
}

/// The length of an abbreviation of a zone, if one stands here.
fn zone_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(offset) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_length(offset));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_length(text)).filter(|&length| length > 0);
    }
    match text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        3 => Some(3),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        5 if text[4] == b'T' => Some(5),
        _ => None,
    }
}

/// The length of a sign with a number of hours; 0 if it is none.
fn signed_length(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let digits = &text[1..][..text[1..].iter().take_while(|byte| byte.is_ascii_digit()).count()];
    match all_digits(digits) {
        Ok(0..=23) => 1 + digits.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(layout: &str, text: &str) -> String {
        parse_time(layout.as_bytes(), text.as_bytes())
            .map_or_else(|error| error, |time| String::from_utf8_lossy(&time.string()).into_owned())
    }

    #[test]
    fn dates_are_read_as_in_go() {
        for (layout, text, read_as) in [
            ("2006-01-02", "2024-02-29", "2024-02-29 00:00:00 +0000 UTC"),
            ("2006-01-02 15:04:05 -0700", "2021-07-04 01:02:03 +0530", "2021-07-04 01:02:03 +0530 +0530"),
            ("2006-01-02T15:04:05Z07:00", "2023-12-31T23:59:59.5Z", "2023-12-31 23:59:59.5 +0000 UTC"),
            ("02 Jan 06 15:04 MST", "05 mar 70 07:08 CET", "1970-03-05 07:08:00 +0000 CET"),
            ("3:04PM", "12:05AM", "0000-01-01 00:05:00 +0000 UTC"),
            ("2006 002", "2024 060", "2024-02-29 00:00:00 +0000 UTC"),
        ] {
            assert_eq!(read(layout, text), read_as);
        }
    }

    #[test]
    fn errors_are_those_of_go() {
        for (layout, text, error) in [
            (
                "20060102150405",
                "1.5",
                r#"parsing time "1.5" as "20060102150405": cannot parse "1.5" as "2006""#,
            ),
            ("2006-01-02", "2023-02-29", r#"parsing time "2023-02-29": day out of range"#),
            ("2006-01-02", "2023-13-01", r#"parsing time "2023-13-01": month out of range"#),
            ("2006", "2023 x", r#"parsing time "2023 x": extra text: " x""#),
            ("Jan 2", "é", r#"parsing time "\xc3\xa9" as "Jan 2": cannot parse "\xc3\xa9" as "Jan""#),
        ] {
            assert_eq!(read(layout, text), error);
        }
    }
}
