//! Bytes to text, as libyaml decodes them.

use super::error::{Error, Stage};
use crate::diagnostic::Diagnostic;
use crate::profile::Helm;
use crate::source::File;
use std::sync::Arc;

/// The text file of bytes that are no UTF-8, under the name that `name` has.
///
/// # Errors
/// When they are no text. The place is in the file as [`File::lossy`] shows it.
pub fn decode_file(name: &Arc<File>, bytes: &[u8], helm: Helm) -> Result<Arc<File>, Diagnostic> {
    let (repository, path) = (Arc::clone(&name.repository), Arc::clone(&name.path));
    decode_bytes(bytes, helm)
        .map_err(|problem| {
            let (shown, span) = File::lossy(Arc::clone(&repository), Arc::clone(&path), bytes);
            let mut error = Error::new("yaml-encoding", Stage::Converting, problem, span);
            error.hint = Some("save the file as UTF-8");
            error.diagnostic(&shown)
        })
        .map(|text| File::new(repository, path, text))
}

/// The text of a values file's bytes: UTF-8, or UTF-16 with a byte order mark. The error is libyaml's.
pub fn decode_bytes(bytes: &[u8], helm: Helm) -> Result<String, &'static str> {
    match bytes {
        // Helm 4 reads by lines and ends the last one, which leaves half a character.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if helm.reads_all_documents() && !bytes.ends_with(b"\n") => {
            Err("incomplete UTF-16 character")
        }
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(utf_8_problem(&bytes[error.valid_up_to()..])),
        },
    }
}

fn utf_8_problem(bytes: &[u8]) -> &'static str {
    let width = match bytes[0] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(rest) = bytes.get(1..width) else { return "incomplete UTF-8 octet sequence" };
    if rest.iter().any(|byte| byte & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let bits = u32::from(bytes[0]) & (0x7f >> width);
    let code = rest.iter().fold(bits, |code, byte| code << 6 | u32::from(byte & 0x3f));
    let shortest = match width {
        2 => 0x80,
        3 => 0x800,
        _ => 0x1_0000,
    };
    if code < shortest { "invalid length of a UTF-8 sequence" } else { "invalid Unicode character" }
}

fn utf_16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Result<String, &'static str> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(units.len());
    let mut units = units.iter().map(|&unit| read(unit));
    while let Some(unit) = units.next() {
        let code = match unit {
            0xdc00..=0xdfff => return Err("unexpected low surrogate area"),
            0xd800..=0xdbff => match units.next() {
                None => return Err("incomplete UTF-16 surrogate pair"),
                Some(low @ 0xdc00..=0xdfff) => {
                    0x1_0000 + (u32::from(unit & 0x3ff) << 10 | u32::from(low & 0x3ff))
                }
                Some(_) => return Err("expected low surrogate area"),
            },
            _ => u32::from(unit),
        };
        text.extend(char::from_u32(code));
    }
    if rest.is_empty() { Ok(text) } else { Err("incomplete UTF-16 character") }
}
