//! Sets text of others apart from what a model is asked to do.
//!
//! Input: a word that nobody could foresee, and texts. Output: blocks between lines that bear the word, in
//! which nothing can act: no escape sequence, no unseen character, no line of any length, and not the word.
//!
//! Pure. That a model keeps to it is not relied upon: what it answers is checked.

use crate::ingest::sanitize::{redact, visible};
use crate::triage::syntax::start_of;

/// Bytes of one line that are passed on.
const LINE_BYTES: usize = 1_000;

/// The marks of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    word: String,
}

impl Fence {
    /// Makes marks of a word; only its letters and digits count.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self { word: word.chars().filter(char::is_ascii_alphanumeric).take(32).collect() }
    }

    /// What the blocks are called, for the instructions.
    #[must_use]
    pub fn name(&self) -> String {
        format!("data-{}", self.word)
    }

    /// A block of somebody else's text, cut to so many bytes.
    #[must_use]
    pub fn block(&self, title: &str, text: &str, bytes: usize) -> String {
        let title: String = one_line(&redact(title)).replace(['"', '<', '>'], "'");
        let mut body = String::new();
        let mut is_cut = false;
        for line in text.lines() {
            let line = self.clean(line);
            if body.len() + line.len() > bytes {
                is_cut = true;
                break;
            }
            body.push_str(&line);
            body.push('\n');
        }
        let cut = if is_cut { "(the rest is left out)\n" } else { "" };
        let name = self.name();
        format!("<{name} of=\"{title}\">\n{body}{cut}</{name}>\n")
    }

    /// A line that cannot act; tabs stay, because they matter in source text.
    fn clean(&self, line: &str) -> String {
        let shown: Vec<String> = line.split('\t').map(|part| visible(part, false)).collect();
        let shown = shown.join("\t");
        let shown = if self.word.is_empty() { shown } else { shown.replace(&self.word, "(mark)") };
        let start = start_of(&shown, LINE_BYTES);
        if start.len() < shown.len() { format!("{start}…") } else { shown }
    }
}

/// A text on one line, fit to stand in a sentence.
#[must_use]
pub fn one_line(text: &str) -> String {
    let shown = visible(text, true);
    start_of(&shown.split_whitespace().collect::<Vec<_>>().join(" "), 300).to_owned()
}
