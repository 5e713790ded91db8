//! Digests, AES and the master password algorithm (Sprig's `crypto.go`).

use super::encoding::decode_base64;
use super::strings::bytes;
use super::{Context, Function};
use crate::template::types::{Type, Unsigned};
use crate::template::value::Value;
use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write as _;

const STRING: Type = Type::String;
const UINT32: Type = Type::Uint(Unsigned::Uint32);

/// Sprig's functions of digests and ciphers.
pub const TABLE: &[Function] = &[
    Function::new("sha1sum", &[STRING], |_, a| Ok(hexadecimal(&Sha1::digest(bytes(&a[0]))).into())),
    Function::new("sha256sum", &[STRING], |_, a| Ok(hexadecimal(&Sha256::digest(bytes(&a[0]))).into())),
    Function::new("sha512sum", &[STRING], |_, a| Ok(hexadecimal(&Sha512::digest(bytes(&a[0]))).into())),
    Function::new("adler32sum", &[STRING], |_, a| Ok(adler32(bytes(&a[0])).to_string().into())),
    Function::new("derivePassword", &[UINT32, STRING, STRING, STRING, STRING], |_, a| derive_password(a)),
    Function::new("encryptAES", &[STRING, STRING], |context, a| {
        Ok(encrypt(context, bytes(&a[0]), bytes(&a[1])).into())
    }),
    Function::new("decryptAES", &[STRING, STRING], |_, a| {
        decrypt(bytes(&a[0]), bytes(&a[1])).map(Value::from)
    }),
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (one, two) = bytes.iter().fold((1_u32, 0_u32), |(one, two), &byte| {
        let one = (one + u32::from(byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}

/// Sprig's key: the password's first 32 bytes, filled up with zeros.
fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(32);
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&Array::from(key))
}

fn xor(block: &mut [u8; 16], with: &[u8]) {
    block.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

/// CBC with a first block that Go draws at random: here it is zeros, a stand-in.
fn encrypt(context: &mut Context, password: &[u8], text: &[u8]) -> String {
    if text.is_empty() {
        return String::new();
    }
    context.stand_in("encryptAES", "random bytes");
    let cipher = cipher(password);
    let padding = 16 - text.len() % 16;
    let padded = [text, &vec![padding as u8; padding]].concat();
    let mut encrypted = vec![0; 16];
    for chunk in padded.chunks(16) {
        let mut block = [0; 16];
        block.copy_from_slice(&encrypted[encrypted.len() - 16..]);
        xor(&mut block, chunk);
        let mut block = Array::from(block);
        cipher.encrypt_block(&mut block);
        encrypted.extend(block);
    }
    STANDARD.encode(encrypted)
}

fn decrypt(password: &[u8], encoded: &[u8]) -> Result<Vec<u8>, String> {
    if encoded.is_empty() {
        return Ok(Vec::new());
    }
    let mut encrypted = decode_base64(encoded)?;
    // Go's slice may be cut up to its capacity, which is what the text could have held.
    let (length, capacity) = (encrypted.len(), encoded.len() / 4 * 3);
    if capacity < 16 {
        return Err(format!("runtime error: slice bounds out of range [:16] with capacity {capacity}"));
    }
    if length < 16 {
        return Err(format!("runtime error: slice bounds out of range [16:{length}]"));
    }
    if length % 16 != 0 {
        return Err("crypto/cipher: input not full blocks".to_owned());
    }
    let cipher = cipher(password);
    let mut decrypted = Vec::with_capacity(length);
    let mut before: Vec<u8> = encrypted.drain(..16).collect();
    for chunk in encrypted.chunks(16) {
        let mut block = [0; 16];
        block.copy_from_slice(chunk);
        let mut block = Array::from(block);
        cipher.decrypt_block(&mut block);
        let mut block: [u8; 16] = block.into();
        xor(&mut block, &before);
        decrypted.extend(block);
        before = chunk.to_vec();
    }
    let Some(&padding) = decrypted.last() else {
        return Err("runtime error: index out of range [-1]".to_owned());
    };
    let kept = decrypted.len() as i64 - i64::from(padding);
    if kept < 0 {
        return Err(format!("runtime error: slice bounds out of range [:{kept}]"));
    }
    decrypted.truncate(kept as usize);
    Ok(decrypted)
}

/// Forms of passwords; each letter stands for a set of characters, see [`characters`].
fn templates(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        "long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        "medium" => &["CvcnoCvc", "CvcCvcno"],
        "short" => &["Cvcn"],
        "basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        "pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm: the same password for the same user, site and counter.
fn derive_password(a: &[Value]) -> Result<Value, String> {
    let kind = a[1].text();
    let Some(templates) = templates(&kind) else {
        return Ok(format!("cannot find password template {kind}").into());
    };
    let (password, user, site) = (bytes(&a[2]), bytes(&a[3]), bytes(&a[4]));
    let seed = b"com.lyndir.masterpassword";
    let length = |text: &[u8]| (text.len() as u32).to_be_bytes();
    let salt = [seed, &length(user)[..], user].concat();
    let failed = |error: &dyn std::fmt::Display| format!("failed to derive password: {error}");
    let parameters = scrypt::Params::new(15, 8, 2).map_err(|error| failed(&error))?;
    let mut key = [0; 64];
    scrypt::scrypt(password, &salt, &parameters, &mut key).map_err(|error| failed(&error))?;
    let mut digest = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| failed(&error))?;
    for part in [&seed[..], &length(site), site, &(a[0].integer() as u32).to_be_bytes()] {
        digest.update(part);
    }
    let seed = digest.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let derived = template.bytes().zip(&seed[1..]).map(|(class, &byte)| {
        let set = characters(class);
        char::from(set[usize::from(byte) % set.len()])
    });
    Ok(derived.collect::<String>().into())
}
