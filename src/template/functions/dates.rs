//! Sprig's functions of dates (`date.go`). The clock is a stand-in: see [`now`].

use super::durations::{SECOND, duration_string, parse_duration, round};
use super::numbers::parse_int;
use super::parse_time::parse_time;
use super::strings::bytes;
use super::{Context, Function};
use crate::template::types::{Signed, Type};
use crate::template::value::{Kind, Time, Value};
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use std::rc::Rc;

const ANY: Type = Type::Interface;
const STRING: Type = Type::String;
const TIME: Type = Type::Time;

/// Sprig's functions of dates.
pub const TABLE: &[Function] = &[
    Function::new("now", &[], |context, _| Ok(time(now(context, "now")))),
    Function::new("date", &[STRING, ANY], |context, a| {
        let date = moment(context, "date", &a[1]);
        Ok(date.format(bytes(&a[0])).into())
    }),
    Function::new("htmlDate", &[ANY], |context, a| {
        let date = moment(context, "htmlDate", &a[0]);
        Ok(date.format(b"2006-01-02").into())
    }),
    Function::new("htmlDateInZone", &[ANY, STRING], |context, a| {
        let date = moment(context, "htmlDateInZone", &a[0]);
        Ok(in_zone(&date, &a[1].text()).format(b"2006-01-02").into())
    }),
    Function::new("dateInZone", &[STRING, ANY, STRING], |context, a| {
        Ok(date_in_zone(context, "dateInZone", a))
    }),
    Function::new("date_in_zone", &[STRING, ANY, STRING], |context, a| {
        Ok(date_in_zone(context, "date_in_zone", a))
    }),
    Function::new("dateModify", &[STRING, TIME], |_, a| Ok(modified(a).unwrap_or_else(|_| a[1].clone()))),
    Function::new("date_modify", &[STRING, TIME], |_, a| Ok(modified(a).unwrap_or_else(|_| a[1].clone()))),
    Function::new("mustDateModify", &[STRING, TIME], |_, a| modified(a)),
    Function::new("must_date_modify", &[STRING, TIME], |_, a| modified(a)),
    Function::new("toDate", &[STRING, STRING], |_, a| {
        Ok(parse_time(bytes(&a[0]), bytes(&a[1])).map_or_else(|_| Value::zero(TIME), time))
    }),
    Function::new("mustToDate", &[STRING, STRING], |_, a| Ok(time(parse_time(bytes(&a[0]), bytes(&a[1]))?))),
    Function::new("unixEpoch", &[TIME], |_, a| Ok(time_of(&a[0]).seconds.to_string().into())),
    Function::new("ago", &[ANY], |context, a| Ok(ago(context, &a[0]).into())),
    Function::new("duration", &[ANY], |_, a| {
        let seconds = match &a[0].kind {
            Kind::String(text) => parse_int(&text.text(), 10).unwrap_or_else(|nearest| nearest),
            Kind::Int(seconds, Signed::Int64) => *seconds,
            _ => 0,
        };
        Ok(duration_string(seconds.wrapping_mul(SECOND)).into())
    }),
    Function::new("durationRound", &[ANY], |context, a| Ok(duration_round(context, &a[0]).into())),
];

fn time(time: Time) -> Value {
    Kind::Time(Rc::new(time)).into()
}

/// The time of an argument whose parameter is one: the executor has ruled out anything else.
fn time_of(value: &Value) -> Time {
    if let Kind::Time(time) = &value.kind { (**time).clone() } else { Time::utc(0, 0) }
}

/// The stand-in for the clock: it always says 1970-01-01 00:00:00 UTC, and that it was asked.
fn now(context: &mut Context, function: &'static str) -> Time {
    context.stand_in(function, "the clock");
    Time::utc(0, 0)
}

/// A date, or seconds since 1970; for anything else Sprig takes the clock.
fn moment(context: &mut Context, function: &'static str, value: &Value) -> Time {
    match &value.kind {
        Kind::Time(time) => in_zone(time, "UTC"),
        Kind::Int(seconds, Signed::Int | Signed::Int32 | Signed::Int64) => Time::utc(*seconds, 0),
        _ => now(context, function),
    }
}

fn date_in_zone(context: &mut Context, function: &'static str, a: &[Value]) -> Value {
    let date = moment(context, function, &a[1]);
    in_zone(&date, &a[2].text()).format(bytes(&a[0])).into()
}

/// The same moment in another zone; in UTC where there is none of that name.
fn in_zone(time: &Time, name: &str) -> Time {
    let mut moved = Time::utc(time.seconds, time.nanoseconds);
    // Names are spelled one way only, as files on a disk.
    let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    if let Some(zone) = zone {
        let seconds = time.seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let info = zone.to_offset_info(Timestamp::from_second(seconds).unwrap_or_default());
        moved.offset = info.offset().seconds();
        moved.zone = info.abbreviation().into();
    }
    moved
}

fn modified(a: &[Value]) -> Result<Value, String> {
    let mut date = time_of(&a[1]);
    let nanoseconds = parse_duration(bytes(&a[0]))?;
    let sum = i64::from(date.nanoseconds) + nanoseconds % SECOND;
    date.seconds = date.seconds.wrapping_add(nanoseconds / SECOND + sum.div_euclid(SECOND));
    date.nanoseconds = sum.rem_euclid(SECOND) as u32;
    Ok(time(date))
}

/// Nanoseconds from a moment to another, cut to what a duration holds.
fn since(then: &Time, now: &Time) -> i64 {
    let nanoseconds = (i128::from(now.seconds) - i128::from(then.seconds)) * i128::from(SECOND)
        + i128::from(now.nanoseconds)
        - i128::from(then.nanoseconds);
    nanoseconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

fn ago(context: &mut Context, date: &Value) -> String {
    let now = now(context, "ago");
    let then = match &date.kind {
        Kind::Time(time) => (**time).clone(),
        Kind::Int(seconds, Signed::Int | Signed::Int64) => Time::utc(*seconds, 0),
        _ => now.clone(),
    };
    duration_string(round(since(&then, &now), SECOND))
}

/// The biggest unit alone, rounded down: `3mo`, `5h`.
fn duration_round(context: &mut Context, duration: &Value) -> String {
    let nanoseconds = match &duration.kind {
        Kind::String(text) => parse_duration(bytes_of(text)).unwrap_or(0),
        Kind::Int(nanoseconds, Signed::Int64) => *nanoseconds,
        Kind::Time(time) => since(time, &now(context, "durationRound")),
        _ => 0,
    };
    let magnitude = nanoseconds.unsigned_abs();
    let hour = 3600 * SECOND as u64;
    let units = [
        (hour * 24 * 365, "y"),
        (hour * 24 * 30, "mo"),
        (hour * 24, "d"),
        (hour, "h"),
        (hour / 60, "m"),
        (hour / 3600, "s"),
    ];
    let unit = units.iter().find(|(length, _)| magnitude > *length);
    unit.map_or_else(|| "0s".to_owned(), |(length, name)| format!("{}{name}", magnitude / length))
}

fn bytes_of(text: &crate::template::value::Str) -> &[u8] {
    bstr::ByteSlice::as_bytes(&***text)
}
