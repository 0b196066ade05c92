use proptest::prelude::*;

use super::*;

#[test]
fn every_byte_is_told_in_every_place_and_way() {
    for byte in 0..=u8::MAX {
        for place in 0..FRONT_BYTES {
            let mut bytes = [b'a'; FRONT_BYTES];
            bytes[place] = byte;
            let mut wide = bytes;
            assert_eq!(portable(&mut bytes), u128::from(byte == b' ') << place, "{byte:#x} at {place}");
            assert_eq!(bytes[place], if byte.is_ascii_digit() { b'0' } else { byte });
            if let Some(blanks) = crate::ingest::wide::begin(&mut wide) {
                assert_eq!((blanks, wide), (u128::from(byte == b' ') << place, bytes), "{byte:#x} at {place}");
            }
        }
    }
}

/// The front, told word by word.
fn told(line: &str, n_words: usize) -> Option<String> {
    let mut rest = line;
    for _ in 0..n_words {
        let word = rest.trim_start_matches(' ');
        let Some(at) = word.find(' ') else { return (line.len() <= FRONT_BYTES).then(|| line.to_owned()) };
        rest = &word[at..];
    }
    let length = (line.len() - rest.trim_start_matches(' ').len() + 2).min(line.len());
    (length <= FRONT_BYTES).then(|| line[..length].to_owned())
}

proptest! {
    #[test]
    fn a_front_has_so_many_words(line in "( {0,3}[a-z0-9:]{1,40}){0,9} {0,3}", n_words in 1..9_usize) {
        let begin = Begin::of(line.as_bytes());
        let front = begin.front(n_words).map(|front| String::from_utf8(front.to_vec()).unwrap());
        let zeroed = |text: String| text.replace(|byte: char| byte.is_ascii_digit(), "0");
        prop_assert_eq!(front, told(&line, n_words).map(zeroed));
    }
}
