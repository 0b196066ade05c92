//! Reads unified diffs and `*** Begin Patch` blocks; the numbers of lines in them are not looked at.

use super::marks::fence;
use super::{Edit, Reply, What};

/// Whether a diff begins at this line of a reply.
pub(super) fn begins(lines: &[&str], at: usize) -> bool {
    let line = |at: usize| lines.get(at).copied().unwrap_or_default();
    line(at).starts_with("diff --git ")
        || line(at).trim() == "*** Begin Patch"
        || (line(at).starts_with("--- ") && line(at + 1).starts_with("+++ "))
}

/// How many lines it has: up to a fence, a blank line before prose, or the end.
pub(super) fn length(lines: &[&str], at: usize) -> usize {
    let rest = lines.get(at..).unwrap_or_default();
    if let Some(end) = rest.iter().position(|line| line.trim() == "*** End Patch") {
        return end + 1;
    }
    let is_part = |line: &&str| {
        line.is_empty()
            || line.starts_with([' ', '+', '-', '\\', '@', '\t'])
            || HEADS.iter().any(|head| line.starts_with(head))
    };
    let is_end = |line: &&str| !is_part(line) || fence(line).is_some();
    rest.iter().position(is_end).unwrap_or(rest.len())
}

/// What git writes above the hunks of a file.
const HEADS: [&str; 8] =
    ["diff --git", "index ", "new file mode", "deleted file mode", "old mode", "new mode", "similarity ", "rename "];

/// Whether these lines are a diff.
pub(super) fn is_one(lines: &[&str]) -> bool {
    let has_head = (0..lines.len()).any(|at| begins(lines, at));
    let is_hunk = |line: &&str| line.starts_with("@@ ") || line.trim_end() == "@@";
    has_head || lines.iter().any(|line| line.starts_with("*** Update File:")) || lines.iter().any(is_hunk)
}

/// A file of a diff being read.
struct Part {
    path: String,
    /// Whether all of it is new.
    is_new: bool,
    hunk: Vec<String>,
}

/// Reads the edits of a diff; `path` is the file where it names none.
pub(super) fn read(lines: &[&str], path: Option<&str>, reply: &mut Reply) {
    let mut part = Part { path: path.unwrap_or_default().to_owned(), is_new: false, hunk: Vec::new() };
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        at += 1;
        if line.starts_with("--- ") && next.starts_with("+++ ") {
            part.flush(reply);
            at += 1;
            let (old, new) = (named(line), named(next));
            if new == "/dev/null" {
                reply.problems.push(format!("{old:?} cannot be deleted; change it instead."));
            }
            part = Part { path: new, is_new: old == "/dev/null", hunk: Vec::new() };
        } else if let Some((is_new, path)) = patch_head(line) {
            part.flush(reply);
            part = Part { path: path.to_owned(), is_new, hunk: Vec::new() };
        } else if let Some(path) = line.strip_prefix("*** Delete File:") {
            part.flush(reply);
            reply.problems.push(format!("{:?} cannot be deleted; change it instead.", path.trim()));
        } else if ["@@", "*** "].iter().chain(&HEADS).any(|head| line.starts_with(head)) {
            part.flush(reply);
        } else if !line.starts_with('\\') {
            part.hunk.push(line.to_owned());
        }
    }
    part.flush(reply);
}

fn patch_head(line: &str) -> Option<(bool, &str)> {
    let update = line.strip_prefix("*** Update File:").map(|path| (false, path.trim()));
    update.or_else(|| line.strip_prefix("*** Add File:").map(|path| (true, path.trim())))
}

/// The path behind `--- ` or `+++ `, without its front and the time behind it.
fn named(line: &str) -> String {
    let path = line.get(4..).unwrap_or_default();
    let path = path.split('\t').next().unwrap_or(path).trim().trim_matches('"');
    path.strip_prefix("a/").or_else(|| path.strip_prefix("b/")).unwrap_or(path).to_owned()
}

impl Part {
    /// Makes an edit of the lines so far.
    fn flush(&mut self, reply: &mut Reply) {
        let mut hunk = std::mem::take(&mut self.hunk);
        while hunk.last().is_some_and(|line| line.trim().is_empty()) {
            hunk.pop();
        }
        if !hunk.iter().any(|line| line.starts_with(['+', '-'])) {
            return;
        }
        let side = |own: char, other: char| -> String {
            let lines = hunk.iter().filter(|line| !line.starts_with(other));
            // A line of context that lost its blank is taken as it is.
            lines.map(|line| format!("{}\n", line.strip_prefix([own, ' ']).unwrap_or(line))).collect()
        };
        let (search, replace) = (side('-', '+'), side('+', '-'));
        let what = if self.is_new { What::Whole(replace) } else { What::Replace { search, replace } };
        reply.edits.push(Edit { path: self.path.clone(), what });
    }
}
