use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::shell::execute::Leftovers;

fn limits(line_bytes: usize, total_bytes: usize) -> Limits {
    Limits { time: Duration::ZERO, patience: Duration::ZERO, line_bytes, total_bytes, leftovers: Leftovers::Kept }
}

fn passed(chunks: &[&[u8]], limits: Limits) -> (Vec<String>, Tally) {
    let (mut lines, mut tally, mut passed) = (Lines::of(Stream::Output), Tally::default(), Vec::new());
    for chunk in chunks {
        lines.push(chunk, limits, &mut tally, &mut |_, line| passed.push(line));
    }
    lines.close(limits, &mut tally, &mut |_, line| passed.push(line));
    (passed, tally)
}

#[test]
fn a_line_is_passed_on_when_it_ends() {
    let (lines, tally) = passed(&[b"a\r\nb", b"c\n\n", b"d"], limits(100, 100));
    assert_eq!(lines, ["a", "bc", "", "d"]);
    assert_eq!((tally.lines, tally.dropped_bytes), (4, 0));
}

#[test]
fn a_long_line_is_cut_and_counted() {
    let (lines, tally) = passed(&[b"abcdef", b"gh\nij\n"], limits(4, 100));
    assert_eq!(lines, ["abcd", "ij"]);
    assert_eq!(tally.dropped_bytes, 4);
}

#[test]
fn a_flood_is_dropped_and_counted() {
    let (lines, tally) = passed(&[b"a\n".repeat(50).as_slice()], limits(10, 20));
    assert_eq!(lines.len(), 10);
    assert_eq!((tally.lines, tally.dropped_lines, tally.dropped_bytes), (10, 40, 40));
}

proptest! {
    /// Where chunks fall does not matter, and no byte is lost uncounted.
    #[test]
    fn chunks_do_not_matter(text in "[a-c\n]{0,60}", at in any::<prop::sample::Index>(), line in 0_usize..9, total in 0_usize..60) {
        let bytes = text.as_bytes();
        let at = at.index(bytes.len() + 1);
        let whole = passed(&[bytes], limits(line, total));
        prop_assert_eq!(&whole, &passed(&[&bytes[..at], &bytes[at..]], limits(line, total)));
        let shown: u64 = whole.0.iter().map(|line| line.len() as u64).sum();
        let all = bytes.iter().filter(|byte| **byte != b'\n').count() as u64;
        prop_assert_eq!(shown + whole.1.dropped_bytes, all);
    }
}
