use super::*;

/// Words and what is between them, told byte by byte.
fn plain(text: &[u8], from: usize) -> (usize, bool) {
    let run = text[from..].iter().take_while(|byte| !is_stop(**byte));
    let (mut length, mut telling) = (0, false);
    run.for_each(|byte| (length, telling) = (length + 1, telling | is_telling(*byte)));
    (from + length, telling)
}

#[test]
fn every_byte_is_told_in_every_place() {
    for byte in 0..=u8::MAX {
        for place in 0..BLOCK {
            let mut bytes = [b'a'; BLOCK];
            bytes[place] = byte;
            let block = portable(&bytes);
            assert_eq!(block.stops, u64::from(is_stop(byte)) << place, "{byte:#x} at {place}");
            assert_eq!(block.blanks, u64::from(is_blank(byte)) << place, "{byte:#x} at {place}");
            let doubtful = matches!(byte, b'\'' | b'>' | 0x80..);
            assert_eq!(block.doubtful, u64::from(doubtful) << place, "{byte:#x} at {place}");
            assert_eq!(block.telling, u64::from(is_telling(byte)) << place, "{byte:#x} at {place}");
            assert_eq!(block.zeros, u64::from(byte == b'0') << place, "{byte:#x} at {place}");
            assert_eq!(block.special, u64::from(matches!(byte, b'?' | b'1'..=b'9')) << place, "{byte:#x} at {place}");
            assert_eq!(block.colons, u64::from(byte == b':') << place, "{byte:#x} at {place}");
            assert_eq!(block.odd, u64::from(matches!(byte, b'<' | 0x80..)) << place, "{byte:#x} at {place}");
            #[cfg(target_arch = "x86_64")]
            for wide in crate::ingest::wide::tests::blocks(&bytes) {
                assert_eq!(wide, block, "{byte:#x} at {place}");
            }
        }
    }
}

#[test]
fn runs_end_where_the_text_does_in_any_length() {
    let text = "a/b cde.fgh,\u{e9}xyz0 ".repeat(20);
    let text = text.as_bytes();
    for length in 0..text.len() {
        for from in 0..=length {
            let run = run(&text[..length], from);
            assert_eq!((run.end, run.telling), plain(&text[..length], from), "{from} of {length}");
        }
    }
}
