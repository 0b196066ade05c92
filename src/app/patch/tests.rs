use proptest::prelude::*;

use super::*;

const PATCH: &str = "diff --git a/q.sql b/q.sql\n--- a/q.sql\n+++ b/q.sql\n@@ -3,3 +3,2 @@ fn\n a\n--- drop it\n-b\n+c\n\\ No newline at end of file\n";

#[test]
fn marks_and_numbers_follow_the_hunk_header() {
    let lines: Vec<_> = Patch::read(PATCH).lines.into_iter().map(|line| (line.mark, line.old, line.new)).collect();
    let expected = [
        (Mark::File, None, None),
        (Mark::Meta, None, None),
        (Mark::Meta, None, None),
        (Mark::Hunk, None, None),
        (Mark::Context, Some(3), Some(3)),
        (Mark::Removed, Some(4), None),
        (Mark::Removed, Some(5), None),
        (Mark::Added, None, Some(4)),
        (Mark::Meta, None, None),
    ];
    assert_eq!(lines, expected);
}

proptest! {
    /// Every byte of the patch is in exactly one line, whatever the patch holds.
    #[test]
    fn no_line_of_a_patch_is_lost(lines in prop::collection::vec("(@@ -[0-9]{1,11},[0-9] \\+1,2 @@|[-+ ]?\\PC{0,9})", 0..40)) {
        let text = lines.join("\n");
        let patch = Patch::read(&text);
        let read: Vec<&str> = patch.lines.iter().map(|line| &text[line.bytes.clone()]).collect();
        prop_assert_eq!(read.join("\n"), text.strip_suffix('\n').unwrap_or(&text));
    }
}
