//! `pack FROM TO`: writes a file as LZMA, which is a quarter smaller than gzip for a WebAssembly program.
//! `www/src/unpack.rs` is the other end.

use lzma_rust2::{LzmaOptions, LzmaWriter};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        eprintln!("usage: pack FROM TO");
        return ExitCode::from(2);
    };
    let packed = std::fs::read(from)
        .map_err(|error| format!("{from}: {error}"))
        .and_then(|content| pack(&content).map_err(|error| format!("{from} can't be packed: {error}")));
    match packed.and_then(|packed| std::fs::write(to, packed).map_err(|error| format!("{to}: {error}"))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pack: {error}");
            ExitCode::from(2)
        }
    }
}

/// The content as one LZMA stream with its length in the header (the `.lzma` form).
fn pack(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    // The code of a WebAssembly program is bytes in no alignment: what comes next depends on the byte
    // before, not on the position.
    (options.lc, options.lp, options.pb) = (4, 0, 0);
    options.nice_len = LzmaOptions::NICE_LEN_MAX;
    options.depth_limit = 1000;
    // Whoever unpacks keeps as much: the whole content, in a size that every LZMA program takes.
    options.dict_size = content.len().clamp(1 << 16, 1 << 27).next_power_of_two() as u32;
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(content.len() as u64))?;
    writer.write_all(content)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::pack;
    use lzma_rust2::LzmaReader;
    use std::io::Read;

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let content: Vec<u8> = (0..200_000_u32).flat_map(|n| (n % 1_009).to_le_bytes()).collect();
        let packed = pack(&content).expect("memory is written to");
        assert!(packed.len() < content.len() / 10, "{} bytes", packed.len());
        let mut unpacked = Vec::new();
        LzmaReader::new_mem_limit(packed.as_slice(), u32::MAX, None)
            .and_then(|mut reader| reader.read_to_end(&mut unpacked))
            .expect("what was packed");
        assert_eq!(unpacked, content);
    }
}
