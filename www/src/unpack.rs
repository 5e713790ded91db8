//! Unpacks the programs of the page, which are downloaded as LZMA (`tools/pack` is the other end): a quarter
//! less than the same as gzip. It is a program of its own, since nothing else runs yet.

use lzma_rust2::LzmaReader;
use std::io::Read;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// KiB that the dictionary and the tables of the decoder may take.
const MEMORY: u32 = 1 << 18;

fn main() {}

/// The content of a `.lzma` file. Fails where it is none, or damaged.
#[wasm_bindgen]
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, JsError> {
    let mut content = Vec::new();
    LzmaReader::new_mem_limit(packed, MEMORY, None)
        .and_then(|mut reader| reader.read_to_end(&mut content))
        .map_err(|error| JsError::new(&format!("a program's file is damaged: {error}")))?;
    Ok(content)
}
