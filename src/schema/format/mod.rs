//! Formats, as Helm's two schema libraries check them.
//!
//! Up to Helm 3.18, gojsonschema 1.2 checks strings in every draft (and fails every number that has a
//! known format); from 3.19 on, jsonschema v6 checks strings in the drafts up to 7. Names that a
//! library doesn't know are not checked.

mod mail;
mod names;
mod time;
mod uri;

use super::pattern::Pattern;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a string has a format.
pub type Check = fn(&str) -> bool;

/// A format as gojsonschema 1.2 checks it (Helm 3.17 and 3.18).
pub fn of_gojsonschema(name: &str) -> Option<Check> {
    Some(match name {
        "date" => time::date,
        "time" => time::lenient_time,
        "date-time" => time::lenient_date_time,
        "hostname" => names::plain_hostname,
        "email" | "idn-email" => mail::address,
        "ipv4" => |text| text.contains('.') && text.parse::<IpAddr>().is_ok(),
        "ipv6" => |text| text.contains(':') && text.parse::<IpAddr>().is_ok(),
        "uri" | "iri" => {
            |text| !text.contains('\\') && uri::parse(text).is_some_and(|uri| !uri.scheme.is_empty())
        }
        "uri-reference" | "iri-reference" => |text| !text.contains('\\') && uri::parse(text).is_some(),
        "uri-template" => uri::loose_template,
        "uuid" => |text| names::uuid(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase()),
        "regex" => |text| Pattern::new(text).is_ok(),
        "json-pointer" => names::json_pointer,
        "relative-json-pointer" => names::relative_json_pointer,
        _ => return None,
    })
}

/// A format as jsonschema v6 checks it (Helm 3.19 and later).
pub fn of_jsonschema_v6(name: &str) -> Option<Check> {
    Some(match name {
        "date" => time::date,
        "time" => time::time,
        "date-time" => time::date_time,
        "duration" => time::duration,
        "period" => time::period,
        "hostname" => names::hostname,
        "email" => names::email,
        "ipv4" => ipv4,
        "ipv6" => ipv6,
        "uri" | "iri" => absolute_uri,
        "uri-reference" | "iri-reference" => uri_reference,
        "uri-template" => |text| uri::parse(text).is_some_and(|uri| uri.literal_hosts() && uri.template()),
        "uuid" => names::uuid,
        "regex" => |text| Pattern::new(text).is_ok(),
        "json-pointer" => names::json_pointer,
        "relative-json-pointer" => names::relative_json_pointer,
        "semver" => names::semver,
        _ => return None,
    })
}

/// A URI with a scheme.
pub fn absolute_uri(text: &str) -> bool {
    uri::parse(text).is_some_and(|uri| uri.literal_hosts() && !uri.scheme.is_empty())
}

/// A URI, or what may stand beside one.
pub fn uri_reference(text: &str) -> bool {
    !text.contains('\\') && uri::parse(text).is_some_and(|uri| uri.literal_hosts())
}

/// Four numbers up to 255, each as Go's `Atoi` reads it, without leading zeros.
fn ipv4(text: &str) -> bool {
    let part = |part: &str| {
        let zeros = part.len() > 1 && part.starts_with('0');
        !zeros && names::integer(part).is_some_and(|number| (0..=255).contains(&number))
    };
    text.split('.').count() == 4 && text.split('.').all(part)
}

fn ipv6(text: &str) -> bool {
    text.contains(':') && text.parse::<Ipv6Addr>().is_ok()
}

/// The inside of `[...]` in a mail address.
fn address_literal(text: &str) -> bool {
    text.strip_prefix("IPv6:").map_or_else(|| ipv4(text), ipv6)
}

/// An address as Go's `net.ParseIP` reads it.
fn ip(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(name: &str, text: &str) -> bool {
        of_gojsonschema(name).is_none_or(|check| check(text))
    }

    fn new(name: &str, text: &str) -> bool {
        of_jsonschema_v6(name).is_none_or(|check| check(text))
    }

    #[test]
    fn both_libraries_on_dates_and_times() {
        assert!(old("date", "2024-02-29") && !old("date", "2023-02-29") && !old("date", "2024-2-9"));
        assert!(old("time", "1:04:05") && old("time", "10:04:05.5Z") && !new("time", "10:04:05"));
        assert!(new("time", "23:59:60Z") && !new("time", "22:59:60Z") && new("time", "22:59:60-01:00"));
        assert!(!old("time", "23:59:60Z"), "Go's time package has no leap seconds");
        assert!(old("date-time", "2024-01-02") && !new("date-time", "2024-01-02"));
        assert!(new("date-time", "2024-01-02t03:04:05z") && !old("date-time", "2024-01-02t03:04:05Z"));
        assert!(
            old("date-time", "2024-01-02T03:04:05+24:00") && !new("date-time", "2024-01-02T03:04:05+24:00")
        );
        assert!(new("duration", "P1Y2M3DT4H5M6S") && new("duration", "P3W") && !new("duration", "P1D2Y"));
        assert!(
            new("duration", "PT1S")
                && !new("duration", "PT")
                && !new("duration", "P")
                && old("duration", "x")
        );
        assert!(new("period", "2024-01-02T03:04:05Z/P1D") && !new("period", "P1D/P1D"));
    }

    #[test]
    fn both_libraries_on_names_and_addresses() {
        assert!(new("hostname", "a.b-c.") && !old("hostname", "a.b."));
        assert!(!new("hostname", "-a") && !new("hostname", "a_b") && !new("hostname", &"a".repeat(64)));
        assert!(old("email", "Joe <joe@example.org>") && !new("email", "Joe <joe@example.org>"));
        assert!(new("email", "a@[1.2.3.4]") && new("email", "\"a b\"@c") && !new("email", "a..b@c"));
        assert!(!old("idn-email", "x") && new("idn-email", "x"));
        assert!(new("ipv4", "+1.2.3.4") && !old("ipv4", "+1.2.3.4") && old("ipv4", "::ffff:1.2.3.4"));
        assert!(!new("ipv6", "fe80::1%eth0") && new("ipv6", "::") && !new("ipv6", "1::2::3"));
        assert!(!old("uuid", "123E4567-e89b-12d3-a456-426614174000"));
        assert!(new("uuid", "123E4567-e89b-12d3-a456-426614174000"));
        assert!(new("semver", "1.2.3-rc.1+b") && !new("semver", "1.2") && !new("semver", "01.2.3"));
        assert!(new("json-pointer", "/a/~0") && !new("json-pointer", "/~2") && !new("json-pointer", "a"));
        assert!(new("relative-json-pointer", "0#") && !new("relative-json-pointer", "01/a"));
    }

    #[test]
    fn both_libraries_on_uris() {
        assert!(new("uri", "mailto:x") && !new("uri", "a b") && new("uri-reference", "a b"));
        assert!(!new("uri", "http://a b/") && !new("uri", "http://[::1") && !new("uri", "http://a:b/"));
        assert!(!new("uri-reference", "1:2") && !new("uri-reference", "%zz") && new("uri-reference", "?%zz"));
        assert!(new("uri-template", "/{a}") && !new("uri-template", "{a") && old("uri-template", "a}b"));
        assert!(!old("uri-template", "{a") && !new("uri-template", "/a}"));
    }
}
