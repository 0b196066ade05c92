use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    compress_to_vec(text, CompressionLevel::Fastest)
}

/// Reads a whole archive; returns what was readable, and whether it ended well.
fn read(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    io::Seek::rewind(&mut file).unwrap();
    let mut archive = Archive::new(file, Format::of(bytes)).unwrap();
    let mut text = Vec::new();
    let is_sound = archive.read_to_end(&mut text).is_ok();
    assert!(!is_sound || archive.consumed() == bytes.len() as u64);
    (text, is_sound)
}

#[test]
fn the_form_is_told_by_the_first_bytes() {
    assert_eq!(Format::of(&gzip(b"x")), Format::Gzip);
    assert_eq!(Format::of(&zstd(b"x")), Format::Zstd);
    assert_eq!(Format::of(b"\x5f\x2a\x4d\x18\0\0\0\0"), Format::Zstd);
    assert_eq!(Format::of(b"\xfd7zXZ\0..."), Format::Unsupported("xz"));
    for plain in [&b""[..], b"2024-11-24 INFO", b"\x1f", b"BZ"] {
        assert_eq!(Format::of(plain), Format::Plain);
    }
}

#[test]
fn parts_are_read_one_behind_the_other() {
    let large = vec![b'x'; 300_000];
    for pack in [gzip, zstd] {
        let whole = [pack(b"one\n"), pack(b""), pack(&large), pack(b"two\n")].concat();
        assert_eq!(read(&whole), ([b"one\n", &large[..], b"two\n"].concat(), true));
    }
}

#[test]
fn padding_and_frames_to_skip_are_passed_over() {
    let padded = [gzip(b"one\n"), vec![0; 700]].concat();
    assert_eq!(read(&padded), (b"one\n".to_vec(), true));
    let skip = b"\x53\x2a\x4d\x18\x02\0\0\0ab".to_vec();
    let skipping = [skip.clone(), zstd(b"one\n"), skip.clone(), skip, zstd(b"two\n")].concat();
    assert_eq!(read(&skipping), (b"one\ntwo\n".to_vec(), true));
}

/// Whatever is cut off or changed: no panic, and of a cut archive nothing that was not in it.
#[test]
fn an_archive_cut_anywhere_gives_a_beginning_of_its_text() {
    let text: Vec<u8> =
        (0..400_u32).flat_map(|n| format!("{:x}\n", n.wrapping_mul(0x9e37_79b9)).into_bytes()).collect();
    for whole in [gzip(&text), zstd(&text), [gzip(&text), gzip(&text)].concat()] {
        let all = read(&whole).0;
        for end in (8..whole.len()).step_by(7) {
            let (part, _) = read(&whole[..end]);
            assert!(all.starts_with(&part), "cut at {end}");
        }
        for at in (8..whole.len()).step_by(5) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            read(&damaged);
        }
    }
}
