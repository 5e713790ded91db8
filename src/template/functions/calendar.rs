//! Days, years and Go's layouts of dates (package `time`): printing.

use crate::template::value::Time;

/// Months as Go writes them; the first three letters are the short names.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Days of the week as Go writes them, from Sunday.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A date and time of day, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year; Go has a year 0 and negative ones.
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
    /// Seconds since midnight.
    pub second_of_day: i64,
}

/// Whether the year has a 29th of February.
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month, from 1.
pub fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of a year before a month.
pub fn days_before(month: i64, year: i64) -> i64 {
    (1..month).map(|month| days_in(month, year)).sum()
}

impl Civil {
    /// The moment in UTC, in seconds since 1970.
    pub fn seconds(&self) -> i64 {
        // Years begin in March, so that the leap day is the last.
        let (year, month) =
            if self.month > 2 { (self.year, self.month - 3) } else { (self.year - 1, self.month + 9) };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * month + 2) / 5 + self.day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
        days * DAY + self.second_of_day
    }

    /// The date and time of day of a moment in UTC.
    pub fn of(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            second_of_day: seconds.rem_euclid(DAY),
        }
    }

    /// The day of the year, from 1.
    pub fn day_of_year(&self) -> i64 {
        days_before(self.month, self.year) + self.day
    }
}

/// What a part of a layout stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// `January`
    LongMonth,
    /// `Jan`
    Month,
    /// `1`
    NumberMonth,
    /// `01`
    ZeroMonth,
    /// `Monday`
    LongWeekday,
    /// `Mon`
    Weekday,
    /// `2`
    Day,
    /// `_2`
    SpaceDay,
    /// `02`
    ZeroDay,
    /// `__2`
    SpaceYearDay,
    /// `002`
    ZeroYearDay,
    /// `15`
    Hour,
    /// `3`
    Hour12,
    /// `03`
    ZeroHour12,
    /// `4`
    Minute,
    /// `04`
    ZeroMinute,
    /// `5`
    Second,
    /// `05`
    ZeroSecond,
    /// `2006`
    LongYear,
    /// `06`
    Year,
    /// `PM` or `pm`
    HalfDay {
        /// `pm`
        small: bool,
    },
    /// `MST`
    ZoneName,
    /// `-0700`, `Z07:00` and the like.
    Offset {
        /// Begins with `Z`, which stands for UTC.
        z: bool,
        /// Has colons.
        colon: bool,
        /// 1: hours, 2: and minutes, 3: and seconds.
        parts: usize,
    },
    /// `.000` or `,999`
    Fraction {
        /// Zeros at the end are left out.
        trims: bool,
        /// Digits.
        digits: usize,
        /// `.` or `,`
        separator: u8,
    },
}

/// Layout elements that are told by their letters alone, longest first where one begins another.
const FIXED: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Monday", Element::LongWeekday),
    ("MST", Element::ZoneName),
    ("002", Element::ZeroYearDay),
    ("01", Element::ZeroMonth),
    ("02", Element::ZeroDay),
    ("03", Element::ZeroHour12),
    ("04", Element::ZeroMinute),
    ("05", Element::ZeroSecond),
    ("06", Element::Year),
    ("15", Element::Hour),
    ("1", Element::NumberMonth),
    ("2006", Element::LongYear),
    ("2", Element::Day),
    ("__2", Element::SpaceYearDay),
    ("_2", Element::SpaceDay),
    ("3", Element::Hour12),
    ("4", Element::Minute),
    ("5", Element::Second),
    ("PM", Element::HalfDay { small: false }),
    ("pm", Element::HalfDay { small: true }),
];

/// Offsets without their sign, longest first.
const OFFSETS: &[(&str, bool, usize)] =
    &[("070000", false, 3), ("07:00:00", true, 3), ("0700", false, 2), ("07:00", true, 2), ("07", false, 1)];

fn element_at(layout: &[u8]) -> Option<(Element, usize)> {
    let ends_word = |length: usize| !layout.get(length).is_some_and(u8::is_ascii_lowercase);
    if layout.starts_with(b"January") {
        return Some((Element::LongMonth, 7));
    }
    if layout.starts_with(b"Jan") && ends_word(3) {
        return Some((Element::Month, 3));
    }
    if layout.starts_with(b"Mon") && !layout.starts_with(b"Monday") && ends_word(3) {
        return Some((Element::Weekday, 3));
    }
    match layout.first()? {
        // The underscore is itself before a year.
        b'_' if layout.starts_with(b"_2006") => return None,
        &sign @ (b'-' | b'Z') => {
            return OFFSETS.iter().find(|(text, ..)| layout[1..].starts_with(text.as_bytes())).map(
                |&(text, colon, parts)| (Element::Offset { z: sign == b'Z', colon, parts }, 1 + text.len()),
            );
        }
        &separator @ (b'.' | b',') => {
            let digit = *layout.get(1).filter(|digit| matches!(digit, b'0' | b'9'))?;
            let digits = layout[1..].iter().take_while(|&&byte| byte == digit).count();
            if layout.get(1 + digits).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            return Some((Element::Fraction { trims: digit == b'9', digits, separator }, 1 + digits));
        }
        _ => {}
    }
    let found = FIXED.iter().find(|(text, _)| layout.starts_with(text.as_bytes()))?;
    Some((found.1, found.0.len()))
}

/// An element with its text in the layout.
pub type Written<'a> = (Element, &'a [u8]);

/// The text before the first element of a layout, the element, and the rest.
pub fn next_element(layout: &[u8]) -> (&[u8], Option<Written<'_>>, &[u8]) {
    for at in 0..layout.len() {
        if let Some((element, length)) = element_at(&layout[at..]) {
            let (text, rest) = layout[at..].split_at(length);
            return (&layout[..at], Some((element, text)), rest);
        }
    }
    (layout, None, b"")
}

impl Time {
    /// A moment in UTC.
    pub fn utc(seconds: i64, nanoseconds: u32) -> Self {
        Self { seconds, nanoseconds, offset: 0, zone: "UTC".into() }
    }

    /// The date and time of day in the zone.
    pub fn civil(&self) -> Civil {
        Civil::of(self.seconds.wrapping_add(self.offset.into()))
    }

    /// Go's `Time.Format`.
    pub fn format(&self, layout: &[u8]) -> Vec<u8> {
        let civil = self.civil();
        let mut text = Vec::new();
        let mut rest = layout;
        loop {
            let (before, element, after) = next_element(rest);
            text.extend(before);
            let Some((element, _)) = element else { return text };
            text.extend(self.print(element, &civil).into_bytes());
            rest = after;
        }
    }

    /// Go's `Time.String`.
    pub fn string(&self) -> Vec<u8> {
        self.format(b"2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// The text in JSON, without quotes. Fails for years of other than four digits.
    pub fn json(&self) -> Result<Vec<u8>, String> {
        if !(0..=9999).contains(&self.civil().year) {
            let what = "Time.MarshalJSON: year outside of range [0,9999]";
            return Err(format!("json: error calling MarshalJSON for type time.Time: {what}"));
        }
        Ok(self.format(b"2006-01-02T15:04:05.999999999Z07:00"))
    }

    fn print(&self, element: Element, civil: &Civil) -> String {
        let (hour, minute, second) =
            (civil.second_of_day / 3600, civil.second_of_day / 60 % 60, civil.second_of_day % 60);
        let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
        let month = MONTHS[(civil.month - 1).rem_euclid(12) as usize];
        // 1970 began on a Thursday.
        let days = civil.seconds().div_euclid(DAY);
        let weekday = WEEKDAYS[(days + 4).rem_euclid(7) as usize];
        match element {
            Element::LongMonth => month.to_owned(),
            Element::Month => month[..3].to_owned(),
            Element::NumberMonth => civil.month.to_string(),
            Element::ZeroMonth => format!("{:02}", civil.month),
            Element::LongWeekday => weekday.to_owned(),
            Element::Weekday => weekday[..3].to_owned(),
            Element::Day => civil.day.to_string(),
            Element::SpaceDay => format!("{:2}", civil.day),
            Element::ZeroDay => format!("{:02}", civil.day),
            Element::SpaceYearDay => format!("{:3}", civil.day_of_year()),
            Element::ZeroYearDay => format!("{:03}", civil.day_of_year()),
            Element::Hour => format!("{hour:02}"),
            Element::Hour12 => hour12.to_string(),
            Element::ZeroHour12 => format!("{hour12:02}"),
            Element::Minute => minute.to_string(),
            Element::ZeroMinute => format!("{minute:02}"),
            Element::Second => second.to_string(),
            Element::ZeroSecond => format!("{second:02}"),
            Element::LongYear if civil.year < 0 => format!("-{:04}", -civil.year),
            Element::LongYear => format!("{:04}", civil.year),
            Element::Year => format!("{:02}", civil.year.max(0) % 100),
            Element::HalfDay { small } => match (hour >= 12, small) {
                (false, false) => "AM",
                (false, true) => "am",
                (true, false) => "PM",
                (true, true) => "pm",
            }
            .to_owned(),
            Element::ZoneName if self.zone.is_empty() => print_offset(self.offset, false, 2),
            Element::ZoneName => self.zone.to_string(),
            Element::Offset { z: true, .. } if self.offset == 0 => "Z".to_owned(),
            Element::Offset { colon, parts, .. } => print_offset(self.offset, colon, parts),
            Element::Fraction { trims, digits, separator } => {
                let all = format!("{:09}", self.nanoseconds);
                let kept = &all[..digits.min(9)];
                let kept = if trims { kept.trim_end_matches('0') } else { kept };
                if kept.is_empty() { String::new() } else { format!("{}{kept}", char::from(separator)) }
            }
        }
    }
}

fn print_offset(offset: i32, colon: bool, parts: usize) -> String {
    let minutes = offset / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let colon = if colon { ":" } else { "" };
    let mut text = format!("{sign}{:02}", minutes.abs() / 60);
    if parts > 1 {
        text.push_str(&format!("{colon}{:02}", minutes.abs() % 60));
    }
    if parts > 2 {
        // Go drops the sign of a negative minute only.
        let seconds = if minutes < 0 { -offset } else { offset } % 60;
        text.push_str(&format!("{colon}{seconds:02}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_back() {
        for (seconds, year, month, day) in [
            (0, 1970, 1, 1),
            (951_782_400, 2000, 2, 29),
            (-1, 1969, 12, 31),
            (-62_135_596_800, 1, 1, 1),
            (1_709_164_800, 2024, 2, 29),
        ] {
            let civil = Civil::of(seconds);
            assert_eq!((civil.year, civil.month, civil.day), (year, month, day));
            assert_eq!(civil.seconds(), seconds);
        }
    }

    #[test]
    fn layouts_print_as_in_go() {
        let time = Time { seconds: 1_625_340_723, nanoseconds: 120_000_000, offset: 19_800, zone: "".into() };
        for (layout, text) in [
            ("2006-01-02T15:04:05Z07:00", "2021-07-04T01:02:03+05:30"),
            ("Monday, January 2", "Sunday, July 4"),
            ("Mon Jan _2 15:04:05 2006", "Sun Jul  4 01:02:03 2021"),
            ("3:04PM .000 ,999 _2006 MST", "1:02AM .120 ,12 _2021 +0530"),
            ("002 __2 06 Month Janet .0001", "185 185 21 Month Janet .0007"),
            ("-07 -07:00:00 Z0700", "+05 +05:30:00 +0530"),
        ] {
            assert_eq!(String::from_utf8_lossy(&time.format(layout.as_bytes())), text);
        }
    }
}
