use proptest::prelude::*;
use serde_json::json;

use super::*;

fn record(n: u64) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for index in 0..n {
        let head = entries.last().map(Entry::head);
        let at = Timestamp::from_micros(1_763_979_540_123_456 + i64::try_from(index).unwrap());
        let detail = json!({"b": index, "a": {"z": 1.5, "y": null, "x": ["é\n", true]}});
        entries.push(Entry::after(head, at, "Ada <ada@example.org>", COMMIT_MADE, detail));
    }
    entries
}

fn read(text: &str) -> Result<Vec<Entry>, String> {
    text.lines().map(Entry::parse).collect()
}

#[test]
fn a_record_is_read_back_as_it_was_written() {
    let entries = record(4);
    assert_eq!(verify(&entries), Ok(()));
    let text: String = entries.iter().map(|entry| entry.line() + "\n").collect();
    assert_eq!(read(&text), Ok(entries));
}

#[test]
fn an_entry_cannot_be_left_out_moved_or_doubled() {
    let mut without = record(4);
    without.remove(1);
    assert_eq!(verify(&without).unwrap_err().number, 2);
    let mut moved = record(4);
    moved.swap(1, 2);
    assert_eq!(verify(&moved).unwrap_err().number, 2);
    let mut doubled = record(4);
    doubled.insert(1, doubled[1].clone());
    assert_eq!(verify(&doubled).unwrap_err().number, 3);
    assert_eq!(verify(&record(4)[1..]).unwrap_err().number, 1);
}

#[test]
fn an_end_that_was_cut_off_is_seen_by_the_head_kept_elsewhere() {
    let entries = record(4);
    let kept = entries[3].head();
    assert_eq!(verify_reaches(&entries, kept), Ok(()));
    assert_eq!(verify(&entries[..3]), Ok(()));
    assert_eq!(verify_reaches(&entries[..3], kept).unwrap_err().number, 4);
    let other = Head { digest: GENESIS, ..kept };
    assert_eq!(verify_reaches(&entries, other).unwrap_err().number, 4);
    assert!(verify_reaches(&entries, Head { number: 0, ..kept }).is_err());
}

proptest! {
    /// Changing any byte of any line breaks the record.
    #[test]
    fn no_byte_can_be_changed(at in any::<prop::sample::Index>(), new in any::<u8>()) {
        let original: String = record(3).iter().map(|entry| entry.line() + "\n").collect();
        let mut bytes = original.clone().into_bytes();
        let at = at.index(bytes.len() - 1);
        prop_assume!(bytes[at] != new);
        bytes[at] = new;
        let whole = String::from_utf8(bytes).is_ok_and(|text| {
            text.split_terminator('\n').map(Entry::parse).collect::<Result<Vec<_>, _>>().is_ok_and(|entries| verify(&entries).is_ok())
        });
        prop_assert!(!whole);
    }

    /// Whatever is recorded can be read back and verified.
    #[test]
    fn any_text_can_be_recorded(actor in ".*", action in ".*", text in ".*", fraction in any::<f64>(), number in any::<i64>(), micros in any::<i64>()) {
        let detail = json!({"text": text, "fraction": fraction, "number": number});
        let entry = Entry::after(None, Timestamp::from_micros(micros), &actor, &action, detail);
        let line = entry.line();
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(Entry::parse(&line), Ok(entry.clone()));
        prop_assert_eq!(verify(&[entry]), Ok(()));
    }

    /// No bytes make reading panic.
    #[test]
    fn any_line_can_be_read(line in ".*") {
        let _ = Entry::parse(&line);
    }
}
