//! IPv6 addresses as Go's `net/netip` reads them, for its errors.

use crate::template::quote::quote_bytes;

/// Why a text is no address, and from where on.
type Reason<'a> = (&'static str, Option<&'a [u8]>);

/// Whether the text between the brackets of a host is an IPv6 address, with Go's error if not.
pub fn check_ipv6(text: &[u8]) -> Result<(), String> {
    let checked = match text.iter().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => match check_ipv4(text) {
            Ok(()) => return Err("invalid IP-literal".to_owned()),
            failed => failed,
        },
        Some(b':') => check(text),
        Some(_) => Err(("missing IPv6 address", None)),
        None => Err(("unable to parse IP", None)),
    };
    checked.map_err(|(reason, at)| {
        let at = at.map_or_else(String::new, |at| format!(" (at {})", quote_bytes(at, false)));
        format!("invalid host: ParseAddr({}): {reason}{at}", quote_bytes(text, false))
    })
}

fn check_ipv4(text: &[u8]) -> Result<(), Reason<'_>> {
    let (mut value, mut digits, mut fields) = (0_u32, 0, 0);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits == 1 && value == 0 => {
                return Err(("IPv4 field has octet with leading zero", None));
            }
            b'0'..=b'9' => {
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", None));
                }
            }
            b'.' if at == 0 || at == text.len() - 1 || text[at - 1] == b'.' => {
                return Err(("IPv4 field must have at least one digit", Some(&text[at..])));
            }
            b'.' if fields == 3 => return Err(("IPv4 address too long", None)),
            b'.' => (value, digits, fields) = (0, 0, fields + 1),
            _ => return Err(("unexpected character", Some(&text[at..]))),
        }
    }
    if fields < 3 { Err(("IPv4 address too short", None)) } else { Ok(()) }
}

fn check(text: &[u8]) -> Result<(), Reason<'_>> {
    let mut rest = text;
    if let Some(at) = text.iter().position(|&byte| byte == b'%') {
        if at + 1 == text.len() {
            return Err(("zone must be a non-empty string", None));
        }
        rest = &text[..at];
    }
    let mut ellipsis = false;
    if let Some(after) = rest.strip_prefix(b"::") {
        ellipsis = true;
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut bytes = 0;
    while bytes < 16 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 4 {
            return Err(("each group must have 4 or less digits", Some(rest)));
        }
        if digits == 0 {
            return Err(("each colon-separated field must have at least one digit", Some(rest)));
        }
        if rest.get(digits) == Some(&b'.') {
            if !ellipsis && bytes != 12 {
                let reason = "embedded IPv4 address must replace the final 2 fields of the address";
                return Err((reason, Some(rest)));
            }
            if bytes + 4 > 16 {
                let reason = "too many hex fields to fit an embedded IPv4 at the end of the address";
                return Err((reason, Some(rest)));
            }
            check_ipv4(rest)?;
            rest = b"";
            bytes += 4;
            break;
        }
        bytes += 2;
        rest = &rest[digits..];
        match rest {
            [] => break,
            [b':'] => return Err(("colon must be followed by more characters", Some(rest))),
            [b':', after @ ..] => rest = after,
            _ => return Err(("unexpected character, want colon", Some(rest))),
        }
        if let Some(after) = rest.strip_prefix(b":") {
            if ellipsis {
                return Err(("multiple :: in address", Some(rest)));
            }
            ellipsis = true;
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    match (rest.is_empty(), bytes < 16, ellipsis) {
        (false, ..) => Err(("trailing garbage after address", Some(rest))),
        (_, true, false) => Err(("address string too short", None)),
        (_, false, true) => Err(("the :: must expand to at least one field of zeros", None)),
        _ => Ok(()),
    }
}
