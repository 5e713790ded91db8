//! URLs (Sprig's `url.go` over Go's `net/url`).

use super::Function;
use super::ip_address::check_ipv6;
use super::lists::NIL_DEREFERENCE;
use super::reflection::kind_name;
use super::strings::bytes;
use crate::template::quote::quote_bytes;
use crate::template::types::Type;
use crate::template::value::Value;
use bstr::ByteSlice;

/// Sprig's functions of URLs.
pub const TABLE: &[Function] = &[
    Function::new("urlParse", &[Type::String], |_, a| {
        let url = Url::parse(bytes(&a[0])).map_err(|error| format!("unable to parse url: {error}"))?;
        Ok(Value::map([
            ("hostname", url.hostname().into()),
            ("userinfo", url.user.as_ref().map_or_else(Vec::new, User::text).into()),
            ("scheme", Value::from(url.scheme)),
            ("host", url.host.into()),
            ("path", url.path.into()),
            ("query", url.query.into()),
            ("opaque", url.opaque.into()),
            ("fragment", url.fragment.into()),
        ]))
    }),
    Function::new("urlJoin", &[Type::MAP], |_, a| {
        let part = |key: &str| text_at(&a[0], key);
        let mut url = Url {
            scheme: part("scheme")?,
            host: part("host")?,
            path: part("path")?,
            query: part("query")?,
            opaque: part("opaque")?,
            fragment: part("fragment")?,
            user: None,
        };
        let userinfo = part("userinfo")?;
        if !userinfo.is_empty() {
            let whole = [b"proto://", &userinfo[..], b"@host"].concat();
            url.user = Url::parse(&whole)
                .map_err(|error| format!("unable to parse userinfo in dict: {error}"))?
                .user;
        }
        Ok(url.text().into())
    }),
];

/// The text at a key, empty where there is none; anything but a text is an error.
fn text_at(map: &Value, key: &str) -> Result<Vec<u8>, String> {
    let Some(value) = map.as_map().and_then(|map| map.get(key)) else { return Ok(Vec::new()) };
    match value.as_string() {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None if value.is_nil() => Err(NIL_DEREFERENCE.to_owned()),
        None => {
            let kind = kind_name(&value);
            Err(format!("unable to parse {key} key, must be of type string, but {kind} found"))
        }
    }
}

/// Go's `url.URL`, as far as Sprig shows it.
#[derive(Default)]
struct Url {
    scheme: Vec<u8>,
    user: Option<User>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: Vec<u8>,
    opaque: Vec<u8>,
    fragment: Vec<u8>,
}

struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// The parts of a URL, each of which escapes other bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

fn needs_escape(byte: u8, part: Part) -> bool {
    match byte {
        b'-' | b'.' | b'_' | b'~' => false,
        _ if byte.is_ascii_alphanumeric() => false,
        b'$' | b'&' | b'+' | b'=' | b',' | b';' => false,
        b'/' => !matches!(part, Part::Path | Part::Fragment),
        b':' => part == Part::User,
        b'@' => !matches!(part, Part::Path | Part::Fragment),
        b'?' => part != Part::Fragment,
        b'!' | b'(' | b')' | b'*' => matches!(part, Part::Path | Part::User),
        b'\'' | b'"' | b'<' | b'>' | b'[' | b']' => !matches!(part, Part::Host | Part::Zone),
        _ => true,
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for &byte in text {
        if needs_escape(byte, part) {
            escaped.extend(format!("%{byte:02X}").as_bytes());
        } else {
            escaped.push(byte);
        }
    }
    escaped
}

fn invalid_escape(text: &[u8]) -> String {
    format!("invalid URL escape {}", quote_bytes(&text[..text.len().min(3)], false))
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let in_host = matches!(part, Part::Host | Part::Zone);
        if byte != b'%' {
            if in_host && byte.is_ascii() && needs_escape(byte, part) {
                return Err(format!("invalid character {} in host name", quote_bytes(&[byte], false)));
            }
            plain.push(byte);
            rest = after;
            continue;
        }
        let digit = |at: usize| after.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else { return Err(invalid_escape(rest)) };
        let value = (high * 16 + low) as u8;
        let percent = value == b'%';
        let forbidden = match part {
            Part::Host => value < 0x80 && !percent,
            Part::Zone => !percent && value != b' ' && needs_escape(value, Part::Host),
            _ => false,
        };
        if forbidden {
            return Err(invalid_escape(rest));
        }
        plain.push(value);
        rest = &after[2..];
    }
    Ok(plain)
}

impl User {
    fn text(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape(password, Part::User));
        }
        text
    }
}

/// Before and after the first separator; all and nothing where there is none.
fn cut(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match text.find_byte(separator) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, b""),
    }
}

impl Url {
    /// `url.Parse`, with its error's text.
    fn parse(text: &[u8]) -> Result<Self, String> {
        let failed = |text: &[u8], error: String| format!("parse {}: {error}", quote_bytes(text, false));
        let (before, fragment) = cut(text, b'#');
        let mut url = Self::parse_before_fragment(before).map_err(|error| failed(before, error))?;
        url.fragment = unescape(fragment, Part::Fragment).map_err(|error| failed(text, error))?;
        Ok(url)
    }

    fn parse_before_fragment(text: &[u8]) -> Result<Self, String> {
        let mut url = Self::default();
        if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text == b"*" {
            url.path = text.to_vec();
            return Ok(url);
        }
        let (scheme, rest) = split_scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (rest, query) = cut(rest, b'?');
        url.query = query.to_vec();
        if !rest.starts_with(b"/") {
            if !scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let mut path = rest;
        if rest.starts_with(b"//") && (!scheme.is_empty() || !rest.starts_with(b"///")) {
            let authority = &rest[2..];
            let end = authority.find_byte(b'/').unwrap_or(authority.len());
            path = &authority[end..];
            (url.user, url.host) = parse_authority(&url.scheme, &authority[..end])?;
        }
        url.path = unescape(path, Part::Path)?;
        Ok(url)
    }

    /// The host without port and brackets.
    fn hostname(&self) -> Vec<u8> {
        let mut host = &self.host[..];
        if let Some(at) = host.rfind_byte(b':').filter(|&at| is_port(&host[at..])) {
            host = &host[..at];
        }
        let bare = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        bare.unwrap_or(host).to_vec()
    }

    /// `URL.String`.
    fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.scheme.is_empty() {
            text.extend(&self.scheme);
            text.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut text);
        } else {
            text.extend(&self.opaque);
        }
        if !self.query.is_empty() {
            text.push(b'?');
            text.extend(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push(b'#');
            text.extend(escape(&self.fragment, Part::Fragment));
        }
        text
    }

    fn write_hierarchy(&self, text: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            text.extend(b"//");
        }
        if let Some(user) = &self.user {
            text.extend(user.text());
            text.push(b'@');
        }
        text.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            text.push(b'/');
        }
        if text.is_empty() && cut(&path, b'/').0.contains(&b':') {
            text.extend(b"./");
        }
        text.extend(path);
    }
}

/// The scheme before the first colon, if what stands there can be one.
fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            _ if byte.is_ascii_alphabetic() => {}
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(at) = authority.rfind_byte(b'@') else { return Ok((None, parse_host(scheme, authority)?)) };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let userinfo = &authority[..at];
    let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !userinfo.iter().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(userinfo, b':');
    let password = userinfo.contains(&b':').then_some(password);
    let name = unescape(name, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(User { name, password }), host))
}

/// Nothing, or a colon and digits.
fn is_port(text: &[u8]) -> bool {
    text.is_empty() || text.strip_prefix(b":").is_some_and(|port| port.iter().all(u8::is_ascii_digit))
}

fn check_port(text: &[u8]) -> Result<(), String> {
    if is_port(text) {
        return Ok(());
    }
    Err(format!("invalid port {} after host", quote_bytes(text, false)))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    match host.rfind_byte(b'[') {
        Some(0) => return parse_literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    if let Some(first) = host.find_byte(b':') {
        // Lists of hosts have been taken in other schemes ever since.
        let strict = scheme == b"http" || scheme == b"https";
        let at = if strict { first } else { host.rfind_byte(b':').unwrap_or(first) };
        check_port(&host[at..])?;
    }
    unescape(host, Part::Host)
}

/// `[fe80::1%25en0]:80`
fn parse_literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = host.rfind_byte(b']').ok_or("missing ']' in host")?;
    let port = &host[close + 1..];
    check_port(port)?;
    let address = &host[1..close];
    let address = match address.find(b"%25") {
        Some(at) => [unescape(&address[..at], Part::Host)?, unescape(&address[at..], Part::Zone)?].concat(),
        None => unescape(address, Part::Host)?,
    };
    check_ipv6(&address)?;
    Ok([b"[", &address[..], b"]", port].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Url::parse(text.as_bytes()).err().expect(text)
    }

    #[test]
    fn errors_are_those_of_go() {
        for (text, what) in [
            ("://x", "missing protocol scheme"),
            ("1:b", "first path segment in URL cannot contain colon"),
            ("http://h/%zz", "invalid URL escape \"%zz\""),
            ("http://h:80a", "invalid port \":80a\" after host"),
            ("http://a b/", "invalid character \" \" in host name"),
            ("http://[::1", "missing ']' in host"),
            ("http://u\\@h", "net/url: invalid userinfo"),
            ("a\tb", "net/url: invalid control character in URL"),
        ] {
            assert_eq!(error(text), format!("parse {}: {what}", crate::template::quote::quote(text)));
        }
    }

    #[test]
    fn urls_come_back() {
        for text in ["https://u:p@h.io:80/p?q=1&r=2#f", "mailto:a@b", "/a/b", "http://[::1]:8080", "//h/p"] {
            let url = Url::parse(text.as_bytes()).expect(text);
            assert_eq!(String::from_utf8_lossy(&url.text()), text);
        }
    }
}
