//! Brotli and gzip at their slowest settings.
//!
//! A package of its own, because brotli is compiled with whoever calls it, and the rest of `xtask` is compiled in a hurry:
//! unoptimised, packing a site takes 2.6 times as long.

use std::io::{self, Write};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

/// Brotli of these bytes, the same wherever it is packed.
///
/// # Errors
///
/// Never, as both ends are memory; the library's own errors are passed on.
pub fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    // 22 bits of window are the most that every browser's decoder is sure to give.
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params)?;
    Ok(packed)
}

/// Gzip of these bytes, without a name or a time in it, which would differ from build to build.
///
/// # Errors
///
/// Never, as both ends are memory; the library's own errors are passed on.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        let text = "all the world's a stage, ".repeat(200);
        let mut plain = String::new();
        brotli::Decompressor::new(&brotli(text.as_bytes()).unwrap()[..], 4096).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        plain.clear();
        flate2::read::GzDecoder::new(&gzip(text.as_bytes()).unwrap()[..]).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
    }
}
