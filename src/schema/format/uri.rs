//! URIs, as Go's `net/url` parses them.

/// The parts of a URI that formats ask about.
pub struct Uri<'a> {
    /// The scheme, empty for a relative reference.
    pub scheme: &'a str,
    /// Host and port, as written.
    host: &'a str,
    /// The path, as written; empty for an opaque URI.
    path: &'a str,
}

/// Parses; `None` where Go gives an error.
pub fn parse(text: &str) -> Option<Uri<'_>> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) || !escapes(fragment) {
        return None;
    }
    let (scheme, rest) = split_scheme(text)?;
    let rest = rest.split('?').next().unwrap_or_default();
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Some(Uri { scheme, host: "", path: "" });
        }
        // `a:b` would be read as a scheme by others.
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return None;
        }
    }
    let mut uri = Uri { scheme, host: "", path: rest };
    if let Some(after) = rest.strip_prefix("//").filter(|after| !scheme.is_empty() || !after.starts_with('/'))
    {
        let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        if !user.is_none_or(user_info) || !valid_host(host) {
            return None;
        }
        uri = Uri { scheme, host, path };
    }
    escapes(uri.path).then_some(uri)
}

/// Splits `scheme:`; `None` where the text begins with a colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at > 0 => return Some((&text[..at], &text[at + 1..])),
            b':' => return None,
            _ => break,
        }
    }
    Some(("", text))
}

/// Whether every `%` begins an escape.
fn escapes(text: &str) -> bool {
    let hexadecimal =
        |part: &str| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.split('%').skip(1).all(hexadecimal)
}

fn user_info(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    text.chars().all(fits) && escapes(text)
}

fn valid_host(host: &str) -> bool {
    let port = |text: &str| {
        text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
    };
    if host.starts_with('[') {
        let Some(close) = host.rfind(']') else { return false };
        let inside = &host[1..close];
        let (address, zone) =
            inside.split_once("%25").map_or((inside, ""), |(address, zone)| (address, zone));
        return port(&host[close + 1..]) && host_characters(address) && escapes(zone);
    }
    host.rfind(':').is_none_or(|colon| port(&host[colon..])) && host_characters(host)
}

/// Characters of a host; only bytes of other alphabets may be escaped.
fn host_characters(host: &str) -> bool {
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c);
    let escaped = |part: &str| {
        part.starts_with("25") || matches!(part.as_bytes(), [b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..])
    };
    host.chars().all(plain) && escapes(host) && host.split('%').skip(1).all(escaped)
}

impl Uri<'_> {
    /// Whether a host with colons is an IPv6 address in brackets.
    pub fn literal_hosts(&self) -> bool {
        let name = match self.host.strip_prefix('[') {
            Some(open) => open.split(']').next().unwrap_or_default(),
            None => self.host.rsplit_once(':').map_or(self.host, |(name, _)| name),
        };
        if self.host.starts_with('[') { super::ip(name) && name.contains(':') } else { !name.contains(':') }
    }

    /// Whether the braces of the path are paired and not nested, escaped ones counted too.
    pub fn template(&self) -> bool {
        let braces = |segment: &str| {
            let mut open = false;
            for brace in decode(segment).into_iter().filter(|byte| matches!(byte, b'{' | b'}')) {
                if (brace == b'{') == open {
                    return false;
                }
                open = !open;
            }
            !open
        };
        // Go keeps the written path only where it would escape it otherwise.
        let plain = !self.path.contains(['{', '}']) && !self.path.contains("%7");
        plain || self.path.split('/').all(braces)
    }
}

fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16)).unwrap_or(0) as u8;
        bytes.push(if byte == b'%' { digit() * 16 + digit() } else { byte });
    }
    bytes
}

/// gojsonschema's template: every opening brace is closed somewhere after it.
pub fn loose_template(text: &str) -> bool {
    let Some(uri) = parse(text).filter(|_| !text.contains('\\')) else { return false };
    let path = decode(uri.path);
    let mut rest = path.as_slice();
    while let Some(open) = rest.iter().position(|&byte| byte == b'{') {
        let Some(close) = rest[open..].iter().position(|&byte| byte == b'}') else { return false };
        rest = &rest[open + close + 1..];
    }
    true
}
