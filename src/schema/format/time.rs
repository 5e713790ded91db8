//! Dates and times: Go's `time.Parse` with the layouts that the libraries use, and RFC 3339's durations.

use super::names::integer;

/// `2006-01-02`.
pub fn date(text: &str) -> bool {
    let Some((year, month, day)) = date_parts(text) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn date_parts(text: &str) -> Option<(u32, u32, u32)> {
    let bytes = text.as_bytes();
    let dashes = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    if !dashes || !text.is_ascii() {
        return None;
    }
    Some((fixed(&text[..4])?, fixed(&text[5..7])?, fixed(&text[8..])?))
}

/// Digits and nothing else.
fn fixed(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `15:04:05` at the start, as `time.Parse` reads it: the hour may have one digit, and a fraction may
/// follow the seconds. Gives what is left.
fn clock(text: &str) -> Option<&str> {
    let two = text.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let (hour, rest) = text.split_at_checked(if two { 2 } else { 1 })?;
    let rest = rest.strip_prefix(':')?;
    let (minute, rest) = rest.split_at_checked(2)?;
    let rest = rest.strip_prefix(':')?;
    let (second, rest) = rest.split_at_checked(2)?;
    if fixed(hour)? > 23 || fixed(minute)? > 59 || fixed(second)? > 59 {
        return None;
    }
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let digits = fraction.len() - fraction.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some(if digits == 0 { rest } else { &fraction[digits..] })
}

/// `Z07:00`, whole.
fn zone(text: &str) -> bool {
    let offset = || {
        let (hour, minute) = text.strip_prefix(['+', '-'])?.split_once(':')?;
        let two = hour.len() == 2 && minute.len() == 2;
        (two && fixed(hour)? <= 24 && fixed(minute)? <= 60).then_some(())
    };
    text == "Z" || offset().is_some()
}

/// `15:04:05`, with or without a zone.
pub fn lenient_time(text: &str) -> bool {
    clock(text).is_some_and(|rest| rest.is_empty() || zone(rest))
}

/// A date, a time, or both with a zone.
pub fn lenient_date_time(text: &str) -> bool {
    let both = || {
        let (day, time) = text.split_at_checked(10)?;
        let rest = clock(time.strip_prefix('T')?)?;
        (date(day) && zone(rest)).then_some(())
    };
    date(text) || lenient_time(text) || both().is_some()
}

/// RFC 3339's full time, leap seconds included.
pub fn time(text: &str) -> bool {
    time_parts(text).is_some()
}

fn time_parts(text: &str) -> Option<()> {
    let bytes = text.as_bytes();
    if bytes.len() < 9 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    let number = |text: &str| integer(text).filter(|&number| number >= 0);
    let hour = number(text.get(..2)?)?;
    let minute = number(text.get(3..5)?)?;
    let second = number(text.get(6..8)?)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(8..)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return None;
        }
    }
    let mut day_minute = hour * 60 + minute;
    if rest != "z" && rest != "Z" {
        if rest.len() != 6 || rest.as_bytes()[3] != b':' {
            return None;
        }
        let sign = match rest.as_bytes()[0] {
            b'+' => -1,
            b'-' => 1,
            _ => return None,
        };
        let (hours, minutes) = (number(rest.get(1..3)?)?, number(rest.get(4..)?)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        day_minute += sign * (hours * 60 + minutes);
        if day_minute < 0 {
            day_minute += 24 * 60;
        }
    }
    (second < 60 || day_minute == 24 * 60 - 1).then_some(())
}

/// RFC 3339's date and time.
pub fn date_time(text: &str) -> bool {
    let parts = || {
        let (day, rest) = text.split_at_checked(10)?;
        let (separator, clock) = rest.split_at_checked(1)?;
        Some(matches!(separator, "t" | "T") && date(day) && time(clock))
    };
    text.len() >= 20 && parts().unwrap_or(false)
}

/// RFC 3339's duration, e.g. `P1DT2H` or `P3W`.
pub fn duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P').filter(|rest| !rest.is_empty()) else { return false };
    if let Some(weeks) = text.strip_suffix('W') {
        return !weeks.is_empty() && weeks.bytes().all(|byte| byte.is_ascii_digit());
    }
    let mut parts = text.split('T');
    let days = parts.next().unwrap_or_default();
    let hours = parts.next();
    parts.next().is_none()
        && elements(days, "YMD")
        && hours.is_none_or(|hours| !hours.is_empty() && elements(hours, "HMS"))
}

/// Numbers with units, the units in the order of `units`.
fn elements(mut text: &str, mut units: &str) -> bool {
    while !text.is_empty() {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(unit) = rest.chars().next().filter(|_| rest.len() < text.len()) else { return false };
        let Some(at) = units.find(unit) else { return false };
        units = &units[at + 1..];
        text = &rest[1..];
    }
    true
}

/// ISO 8601's period: two of date-time and duration, not both durations.
pub fn period(text: &str) -> bool {
    let Some((start, end)) = text.split_once('/') else { return false };
    if start.starts_with('P') {
        duration(start) && date_time(end)
    } else {
        date_time(start) && if end.starts_with('P') { duration(end) } else { date_time(end) }
    }
}
