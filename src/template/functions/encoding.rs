//! Base64 and base32, with Go's errors.

use super::Function;
use super::strings::bytes;
use crate::template::types::Type;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const STRING: Type = Type::String;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Sprig's functions of encodings. Those that decode give their error as text.
pub const TABLE: &[Function] = &[
    Function::new("b64enc", &[STRING], |_, a| Ok(STANDARD.encode(bytes(&a[0])).into())),
    Function::new("b64dec", &[STRING], |_, a| {
        Ok(decode_base64(bytes(&a[0])).unwrap_or_else(String::into_bytes).into())
    }),
    Function::new("b32enc", &[STRING], |_, a| Ok(encode_base32(bytes(&a[0])).into())),
    Function::new("b32dec", &[STRING], |_, a| {
        Ok(decode_base32(bytes(&a[0])).unwrap_or_else(String::into_bytes).into())
    }),
];

fn corrupt(base: u32, at: usize) -> String {
    format!("illegal base{base} data at input byte {at}")
}

fn is_newline(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn base64_digit(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// `base64.StdEncoding.DecodeString`: line ends are skipped, the last bits are not looked at.
pub fn decode_base64(text: &[u8]) -> Result<Vec<u8>, String> {
    let fail = |at| Err(corrupt(64, at));
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    let skip_newlines = |mut at: usize| {
        while text.get(at).is_some_and(|&byte| is_newline(byte)) {
            at += 1;
        }
        at
    };
    loop {
        let (mut digits, mut count) = (0_u32, 0);
        while count < 4 {
            at = skip_newlines(at);
            let Some(&byte) = text.get(at) else {
                return if count == 0 { Ok(decoded) } else { fail(at - count) };
            };
            let Some(digit) = base64_digit(byte) else { break };
            digits = digits << 6 | digit;
            count += 1;
            at += 1;
        }
        let [_, first, second, third] = (digits << (6 * (4 - count))).to_be_bytes();
        if count == 4 {
            decoded.extend([first, second, third]);
            continue;
        }
        if text[at] != b'=' || count < 2 {
            return fail(at);
        }
        at += 1;
        if count == 2 {
            at = skip_newlines(at);
            match text.get(at) {
                None => return fail(text.len()),
                Some(b'=') => at += 1,
                Some(_) => return fail(at - 1),
            }
        }
        at = skip_newlines(at);
        if at < text.len() {
            return fail(at);
        }
        decoded.extend(&[first, second][..count - 1]);
        return Ok(decoded);
    }
}

fn encode_base32(bytes: &[u8]) -> String {
    let mut encoded = String::new();
    for chunk in bytes.chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(padded);
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = BASE32[(bits >> (35 - 5 * at) & 31) as usize];
            encoded.push(if at < used { char::from(digit) } else { '=' });
        }
    }
    encoded
}

/// `base32.StdEncoding.DecodeString`: line ends don't count, also not for the place of an error.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, String> {
    let text: Vec<u8> = text.iter().copied().filter(|&byte| !is_newline(byte)).collect();
    let fail = |at: usize| Err(corrupt(32, at));
    let mut decoded = Vec::new();
    for (chunk_at, chunk) in text.chunks(8).enumerate() {
        let start = chunk_at * 8;
        let (mut bits, mut count) = (0_u64, 0);
        while count < 8 {
            let Some(&byte) = chunk.get(count) else {
                return fail(text.len() - count);
            };
            // Padding is padding only in the last eight.
            if byte == b'=' && count >= 2 && text.len() - start <= 8 {
                if chunk.len() < 8 {
                    return fail(text.len());
                }
                if let Some(wrong) = chunk[count..].iter().position(|&byte| byte != b'=') {
                    return fail(start + count + wrong - 1);
                }
                if matches!(count, 3 | 6) {
                    return fail(start + count);
                }
                break;
            }
            let Some(digit) = BASE32.iter().position(|&digit| digit == byte) else {
                return fail(start + count);
            };
            bits = bits << 5 | digit as u64;
            count += 1;
        }
        let all = (bits << (5 * (8 - count))).to_be_bytes();
        decoded.extend(&all[3..3 + count * 5 / 8]);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_errors_name_the_byte() {
        for (text, expected) in [
            ("YWJj", Ok("abc")),
            ("YW\nI=\n", Ok("ab")),
            ("YWJ", Err(0)),
            ("YWJjZ", Err(4)),
            ("Y=", Err(1)),
            ("YQ=", Err(3)),
            ("YQ=x", Err(2)),
            ("YQ==x", Err(4)),
            ("hello", Err(4)),
            ("--a--", Err(0)),
        ] {
            let expected = expected.map(|text| text.as_bytes().to_vec()).map_err(|at| corrupt(64, at));
            assert_eq!(decode_base64(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn base32_comes_back() {
        for text in ["", "a", "ab", "abc", "abcd", "abcde", "abcdef"] {
            assert_eq!(decode_base32(encode_base32(text.as_bytes()).as_bytes()), Ok(text.into()));
        }
        assert_eq!(encode_base32(b"ab"), "MFRA====");
        assert!(decode_base32(b"MFRA").is_err());
    }
}
