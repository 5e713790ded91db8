//! Why a text is not of a format, in the words of santhosh-tekuri/jsonschema 6.

use crate::schema::Pattern;
use crate::template::quote::quote_bytes;

/// The reason; `text` is known not to be of the format.
pub fn reason(format: &str, text: &str) -> String {
    match format {
        "date" => date(text),
        "date-time" => date_time(text),
        "email" | "idn-email" => email(text),
        "hostname" | "idn-hostname" => hostname(text),
        "ipv4" => ipv4(text),
        "ipv6" if !text.contains(':') => "missing colon".to_owned(),
        "ipv6" if text.contains('%') => "zone id is not a part of ipv6 address".to_owned(),
        "regex" => Pattern::new(text).err().unwrap_or_default(),
        "json-pointer" => json_pointer(text),
        "relative-json-pointer" => relative_json_pointer(text),
        "time" => time(text),
        "uri" | "iri" => "relative url".to_owned(),
        "uri-template" => "no matching closing brace".to_owned(),
        "uuid" => uuid(text),
        "semver" if text.split('.').count() != 3 => {
            "versionCore must have 3 numbers separated by dot".to_owned()
        }
        _ => "not of this format".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    quote_bytes(text.as_bytes(), false)
}

fn letter(letter: char) -> String {
    format!("'{letter}'")
}

/// Go's `time.Parse` with the layout `2006-01-02`.
fn date(text: &str) -> String {
    let stops = |rest: &str, element: &str| {
        let whole = quoted(text);
        format!(
            "parsing time {whole} as \"2006-01-02\": cannot parse {} as {}",
            quoted(rest),
            quoted(element)
        )
    };
    let digits = |text: &str, count: usize| {
        text.len() >= count && text.as_bytes()[..count].iter().all(u8::is_ascii_digit)
    };
    if !digits(text, 4) {
        return stops(text, "2006");
    }
    let mut rest = &text[4..];
    for element in ["01", "02"] {
        let Some(after) = rest.strip_prefix('-') else { return stops(rest, "-") };
        if !digits(after, 2) {
            return stops(after, element);
        }
        if element == "01" && !(1..=12).contains(&after[..2].parse::<u32>().unwrap_or(0)) {
            return format!("parsing time {}: month out of range", quoted(text));
        }
        rest = &after[2..];
    }
    if rest.is_empty() {
        format!("parsing time {}: day out of range", quoted(text))
    } else {
        format!("parsing time {}: extra text: {}", quoted(text), quoted(rest))
    }
}

fn date_time(text: &str) -> String {
    let bytes = text.as_bytes();
    if bytes.len() < 20 {
        return "less than 20 characters long".to_owned();
    }
    if !matches!(bytes[10], b't' | b'T') {
        return "11th character must be t or T".to_owned();
    }
    match (text.get(..10), text.get(11..)) {
        (Some(day), _)
            if !crate::schema::format::of_jsonschema_v6("date").is_some_and(|check| check(day)) =>
        {
            format!("invalid date element: {}", date(day))
        }
        (_, Some(clock)) => format!("invalid time element: {}", time(clock)),
        _ => "invalid date element".to_owned(),
    }
}

fn time(text: &str) -> String {
    let bytes = text.as_bytes();
    let words = if bytes.len() < 9 {
        "less than 9 characters long"
    } else if bytes[2] != b':' || bytes[5] != b':' {
        "missing colon in correct place"
    } else {
        let part = |at: usize| text.get(at..at + 2).and_then(|part| part.parse::<u32>().ok());
        match (part(0), part(3), part(6)) {
            (Some(hour), Some(minute), Some(second)) if hour > 23 || minute > 59 || second > 60 => {
                "hour/min/sec out of range"
            }
            (Some(_), Some(_), Some(_)) => zone(&bytes[8..]),
            _ => "invalid hour/min/sec",
        }
    };
    words.to_owned()
}

/// What is wrong after the seconds.
fn zone(mut rest: &[u8]) -> &'static str {
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return "no digits in second fraction";
        }
        rest = &fraction[digits..];
    }
    match rest {
        b"z" | b"Z" => "invalid leap second",
        _ if rest.len() != 6 => "offset must be 6 characters long",
        _ if !matches!(rest[0], b'+' | b'-') => "offset must begin with plus/minus",
        _ if rest[3] != b':' => "missing colon in offset in correct place",
        _ => "hour/min in offset out of range",
    }
}

fn email(text: &str) -> String {
    if text.len() > 255 {
        return "more than 255 characters long".to_owned();
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return "missing @".to_owned() };
    if local.len() > 64 {
        return "local part more than 64 characters long".to_owned();
    }
    if !local.starts_with('"') {
        if local.starts_with('.') {
            return "starts with dot".to_owned();
        }
        if local.ends_with('.') {
            return "ends with dot".to_owned();
        }
        if local.contains("..") {
            return "consecutive dots".to_owned();
        }
    }
    format!("invalid domain: {}", hostname(domain))
}

fn hostname(text: &str) -> String {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return "more than 253 characters long".to_owned();
    }
    for label in text.split('.') {
        if !(1..=63).contains(&label.len()) {
            return "label must be 1 to 63 characters long".to_owned();
        }
        if label.starts_with('-') {
            return "label starts with hyphen".to_owned();
        }
        if label.ends_with('-') {
            return "label ends with hyphen".to_owned();
        }
        if let Some(bad) = label.chars().find(|&c| !c.is_ascii_alphanumeric() && c != '-') {
            return format!("invalid character {}", letter(bad));
        }
    }
    "not a host name".to_owned()
}

fn ipv4(text: &str) -> String {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return "expected four decimals".to_owned();
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return "leading zeros".to_owned();
        }
        match group.parse::<i64>() {
            Ok(number) if !(0..=255).contains(&number) => {
                return "decimal must be between 0 and 255".to_owned();
            }
            Ok(_) => {}
            Err(_) => return format!("strconv.Atoi: parsing {}: invalid syntax", quoted(group)),
        }
    }
    "expected four decimals".to_owned()
}

fn json_pointer(text: &str) -> String {
    if text.starts_with('/') {
        "~ must be followed by 0 or 1".to_owned()
    } else {
        "not starting with /".to_owned()
    }
}

fn relative_json_pointer(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        "must start with non-negative integer".to_owned()
    } else if digits > 1 && text.starts_with('0') {
        "starts with zero".to_owned()
    } else {
        json_pointer(&text[digits..])
    }
}

fn uuid(text: &str) -> String {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != lengths.len() {
        return "must have 5 elements".to_owned();
    }
    for (at, (group, length)) in groups.iter().zip(lengths).enumerate() {
        if group.len() != length {
            return format!("element {} must be {length} characters long", at + 1);
        }
        if let Some(bad) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return format!("non-hex character {}", letter(bad));
        }
    }
    "must have 5 elements".to_owned()
}
