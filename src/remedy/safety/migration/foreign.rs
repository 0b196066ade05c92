//! Looks at migrations in languages that are not read: do they speak of taking something away?

/// Parts of words that do.
const TAKES_AWAY: [&str; 12] =
    ["drop", "truncat", "delet", "renam", "purg", "destroy", "remov", "overwrit", "wipe", "erase", "update", "alter"];

/// Whether the part that a deploy runs may take something away or change it.
pub(super) fn may_destroy(text: &str) -> bool {
    up_part(text).any(|line| {
        let lower = line.to_ascii_lowercase();
        let is_comment = lower.trim_start().starts_with("//") || lower.trim_start().starts_with('#');
        let adds = lower.contains("add column") || lower.contains("addcolumn");
        !is_comment && TAKES_AWAY.iter().any(|part| lower.contains(part)) && !(adds && !lower.contains("drop"))
    })
}

/// The lines but for those of functions that go down.
fn up_part(text: &str) -> impl Iterator<Item = &str> {
    let mut down = false;
    text.lines().filter(move |line| {
        let lower = line.trim_start().to_ascii_lowercase();
        let registers = lower.contains("addmigration");
        let begins = ["func ", "fn ", "fun ", "public void ", "async fn ", "override fun ", "down()"];
        if begins.iter().any(|begin| lower.starts_with(begin)) {
            down = ["down", "rollback", "revert"].iter().any(|word| lower.contains(word));
        }
        !down && !registers
    })
}
