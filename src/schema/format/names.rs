//! Names: hosts, mail addresses, UUIDs, versions and JSON pointers.

use super::address_literal;

/// Go's `strconv.Atoi`: a sign, digits, nothing else.
pub fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Labels of letters, digits and hyphens; a final dot is allowed.
pub fn hostname(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    text.len() <= 253 && text.split('.').all(label)
}

/// The same without a final dot, and two characters longer.
pub fn plain_hostname(text: &str) -> bool {
    text.len() < 256 && text.split('.').all(label)
}

/// A mail address without a name before it.
pub fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@').filter(|_| text.len() <= 254) else { return false };
    if local.len() > 64 {
        return false;
    }
    let local_fits = if local.len() > 1 && local.starts_with('"') {
        // The library looks at the first quote twice and takes the last character for one.
        let mut inside = local[1..].chars();
        inside.next_back();
        !inside.as_str().contains(['\\', '"'])
    } else {
        let atom = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
        !local.starts_with('.') && !local.ends_with('.') && !local.contains("..") && local.chars().all(atom)
    };
    let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    local_fits && literal.map_or_else(|| hostname(domain), address_literal)
}

/// Five groups of hexadecimal digits.
pub fn uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 5
        && groups.iter().zip(lengths).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// RFC 6901.
pub fn json_pointer(text: &str) -> bool {
    let token = |token: &str| token.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    text.is_empty() || (text.starts_with('/') && text.split('/').all(token))
}

/// A number of levels up, then `#` or a pointer.
pub fn relative_json_pointer(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    digits > 0 && !(digits > 1 && text.starts_with('0')) && (rest == "#" || json_pointer(rest))
}

/// Semantic Versioning 2.0.
pub fn semver(text: &str) -> bool {
    let identifier = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let digits = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit());
    let no_leading_zero = |id: &str| !(id.len() > 1 && id.starts_with('0') && digits(id));
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, release) = text.split_once('-').map_or((text, None), |(core, release)| (core, Some(release)));
    build.is_none_or(|build| build.split('.').all(identifier))
        && release.is_none_or(|release| release.split('.').all(|id| identifier(id) && no_leading_zero(id)))
        && core.split('.').count() == 3
        && core.split('.').all(|part| !part.is_empty() && digits(part) && no_leading_zero(part))
}
