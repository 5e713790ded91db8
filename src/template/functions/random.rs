//! Stand-ins for what Helm draws at random. They are the same every time, say what they are where a
//! text can say it, and are told of in [`Context::stand_ins`](super::Context).

use super::encoding::decode_base64;
use super::strings::bytes;
use super::{Context, Function, MOST_BYTES, too_long};
use crate::template::types::Type;
use crate::template::value::{Field, Kind, Struct, StructType, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;

const INT: Type = Type::INT;
const LIST: Type = Type::LIST;
const STRING: Type = Type::String;
const CERTIFICATE_TYPE: Type = Type::Struct(&CERTIFICATE);

/// Sprig's certificate with its key.
pub static CERTIFICATE: StructType = StructType {
    name: "sprig.certificate",
    fields: &[
        Field { name: "Cert", of: STRING, json: "Cert", omit_empty: false, embedded: false },
        Field { name: "Key", of: STRING, json: "Key", omit_empty: false, embedded: false },
    ],
    methods: &[],
    string: None,
    string_by_value: false,
};

/// Sprig's functions that draw at random.
pub const TABLE: &[Function] = &[
    Function::new("randAlphaNum", &[INT], |context, a| repeated(context, "randAlphaNum", "StandIn0", &a[0])),
    Function::new("randAlpha", &[INT], |context, a| repeated(context, "randAlpha", "StandIn", &a[0])),
    Function::new("randAscii", &[INT], |context, a| repeated(context, "randAscii", "stand-in ", &a[0])),
    Function::new("randNumeric", &[INT], |context, a| repeated(context, "randNumeric", "0", &a[0])),
    Function::new("randBytes", &[INT], |context, a| {
        let count = a[0].integer();
        if count < 0 {
            return Err("runtime error: makeslice: len out of range".to_owned());
        }
        if count > MOST_BYTES as i64 {
            return Err(too_long());
        }
        context.stand_in("randBytes", "random bytes");
        Ok(STANDARD.encode(vec![0; count as usize]).into())
    }),
    Function::new("randInt", &[INT, INT], |context, a| {
        if a[1].integer().wrapping_sub(a[0].integer()) <= 0 {
            return Err("invalid argument to Intn".to_owned());
        }
        context.stand_in("randInt", "random bytes");
        Ok(a[0].clone())
    }),
    Function::new("shuffle", &[STRING], |context, a| {
        if bytes(&a[0]).len() > 1 {
            context.stand_in("shuffle", "random bytes");
        }
        Ok(a[0].clone())
    }),
    Function::new("uuidv4", &[], |context, _| {
        context.stand_in("uuidv4", "random bytes");
        Ok("00000000-0000-4000-8000-000000000000".into())
    }),
    Function::new("bcrypt", &[STRING], |context, a| Ok(bcrypt(context, "bcrypt", &a[0]).into())),
    Function::new("htpasswd", &[STRING, STRING], |context, a| {
        let user = a[0].text();
        if user.contains(':') {
            return Ok(format!("invalid username: {user}").into());
        }
        Ok(format!("{user}:{}", bcrypt(context, "htpasswd", &a[1])).into())
    }),
    Function::new("genPrivateKey", &[STRING], |context, a| {
        let kind = a[0].text();
        let label = match &*kind {
            "" | "rsa" => "RSA PRIVATE KEY",
            "dsa" => "DSA PRIVATE KEY",
            "ecdsa" => "EC PRIVATE KEY",
            "ed25519" => "PRIVATE KEY",
            _ => return Ok(format!("Unknown type {kind}").into()),
        };
        context.stand_in("genPrivateKey", "random bytes");
        Ok(pem(label, "key").into())
    }),
    Function::new("buildCustomCert", &[STRING, STRING], |_, a| custom_certificate(a)),
    Function::new("genCA", &[STRING, INT], |context, _| Ok(made(context, "genCA", None))),
    Function::new("genCAWithKey", &[STRING, INT, STRING], |context, a| {
        check_key(bytes(&a[2])).map_err(|error| format!("parsing private key: {error}"))?;
        Ok(made(context, "genCAWithKey", Some(&a[2])))
    }),
    Function::new("genSelfSignedCert", &[STRING, LIST, LIST, INT], |context, a| {
        check_names(&a[1], &a[2])?;
        Ok(made(context, "genSelfSignedCert", None))
    }),
    Function::new("genSelfSignedCertWithKey", &[STRING, LIST, LIST, INT, STRING], |context, a| {
        check_key(bytes(&a[4])).map_err(|error| format!("parsing private key: {error}"))?;
        check_names(&a[1], &a[2])?;
        Ok(made(context, "genSelfSignedCertWithKey", Some(&a[4])))
    }),
    Function::new("genSignedCert", &[STRING, LIST, LIST, INT, CERTIFICATE_TYPE], |context, a| {
        check_signer(&a[4])?;
        check_names(&a[1], &a[2])?;
        Ok(made(context, "genSignedCert", None))
    }),
    Function::new(
        "genSignedCertWithKey",
        &[STRING, LIST, LIST, INT, CERTIFICATE_TYPE, STRING],
        |context, a| {
            check_key(bytes(&a[5])).map_err(|error| format!("parsing private key: {error}"))?;
            check_signer(&a[4])?;
            check_names(&a[1], &a[2])?;
            Ok(made(context, "genSignedCertWithKey", Some(&a[5])))
        },
    ),
    // Helm asks no name server unless it is told to.
    Function::new("getHostByName", &[STRING], |_, _| Ok("".into())),
];

/// The word over and over, up to the length that was asked for.
fn repeated(
    context: &mut Context,
    function: &'static str,
    word: &str,
    count: &Value,
) -> Result<Value, String> {
    let count = count.integer();
    // Sprig drops the error that a negative count gives.
    if count <= 0 {
        return Ok("".into());
    }
    if count > MOST_BYTES as i64 {
        return Err(too_long());
    }
    context.stand_in(function, "random bytes");
    Ok(word.chars().cycle().take(count as usize).collect::<String>().into())
}

/// The form of a bcrypt hash, which no password has.
fn bcrypt(context: &mut Context, function: &'static str, password: &Value) -> String {
    if bytes(password).len() > 72 {
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned();
    }
    context.stand_in(function, "random bytes");
    let filler: String = "StandIn".chars().cycle().take(53).collect();
    format!("$2a$10${filler}")
}

/// A text in the form of PEM, with words instead of a key.
fn pem(label: &str, what: &str) -> String {
    let body = STANDARD.encode(format!("This is a stand-in for a random {what}"));
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn certificate(cert: Value, key: Value) -> Value {
    Kind::Struct(Rc::new(Struct { of: &CERTIFICATE, pointer: false, fields: vec![cert, key] })).into()
}

/// A certificate as it was made up, with the key that was given or made up.
fn made(context: &mut Context, function: &'static str, key: Option<&Value>) -> Value {
    context.stand_in(function, "random bytes");
    let key = key.cloned().unwrap_or_else(|| pem("RSA PRIVATE KEY", "key").into());
    certificate(pem("CERTIFICATE", "certificate").into(), key)
}

/// The label of the first PEM block.
fn pem_label(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, body) = rest.split_once("-----\n")?;
    let (body, _) = body.split_once(&format!("-----END {label}-----"))?;
    // Headers come before an empty line.
    let body = body.rsplit("\n\n").next()?;
    decode_base64(body.trim().as_bytes()).ok().map(|_| label.to_owned())
}

/// What can be said of a private key without reading its numbers.
fn check_key(text: &[u8]) -> Result<(), String> {
    let label = pem_label(text).ok_or("no PEM data in input")?;
    if label == "PRIVATE KEY" {
        return Ok(());
    }
    match label.strip_suffix(" PRIVATE KEY") {
        None => Err(format!("no private key data in PEM block of type {label}")),
        Some("RSA" | "EC" | "DSA") => Ok(()),
        Some(kind) => Err(format!("invalid private key type {kind}")),
    }
}

fn check_signer(signer: &Value) -> Result<(), String> {
    let Kind::Struct(signer) = &signer.kind else { return Ok(()) };
    let field = |name| signer.field(name).map_or(&b""[..], |(_, value)| bytes(value));
    pem_label(field("Cert")).ok_or("unable to decode certificate")?;
    check_key(field("Key")).map_err(|error| format!("error parsing private key: {error}"))
}

fn custom_certificate(a: &[Value]) -> Result<Value, String> {
    let cert = decode_base64(bytes(&a[0])).map_err(|_| "unable to decode base64 certificate")?;
    let key = decode_base64(bytes(&a[1])).map_err(|_| "unable to decode base64 private key")?;
    pem_label(&cert).ok_or("unable to decode certificate")?;
    check_key(&key).map_err(|error| format!("error parsing private key: {error}"))?;
    Ok(certificate(cert.into(), key.into()))
}

/// Addresses and names must be texts, and the addresses such.
fn check_names(addresses: &Value, names: &Value) -> Result<(), String> {
    for address in addresses.items().unwrap_or_default().iter() {
        let printed = || Ok::<_, String>(super::strings::strval(address)?.text().into_owned());
        if address.as_string().is_none() {
            return Err(format!("error parsing ip: {} is not a string", printed()?));
        }
        if address.text().parse::<std::net::IpAddr>().is_err() {
            return Err(format!("error parsing ip: {}", printed()?));
        }
    }
    for name in names.items().unwrap_or_default().iter() {
        if name.as_string().is_none() {
            let printed = super::strings::strval(name)?;
            return Err(format!("error processing alternate dns name: {printed} is not a string"));
        }
    }
    Ok(())
}
