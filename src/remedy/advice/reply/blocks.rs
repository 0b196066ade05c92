//! Reads a reply line by line: headings, code fences, SEARCH/REPLACE blocks.

use super::marks::{Header, Mark, closes, fence, header, mark, path_in};
use super::{Edit, Reply, What, diff, json};

/// A reader of one reply.
struct Reader<'r> {
    lines: Vec<&'r str>,
    at: usize,
    reply: &'r mut Reply,
    path: Option<String>,
    function: Option<String>,
    said: Vec<&'r str>,
    /// Code under no heading.
    nameless: Vec<String>,
}

/// Reads the edits of a text into a reply.
pub(super) fn read(text: &str, reply: &mut Reply) {
    let lines = text.lines().collect();
    let mut reader = Reader { lines, at: 0, reply, path: None, function: None, said: Vec::new(), nameless: Vec::new() };
    while reader.at < reader.lines.len() {
        reader.step();
    }
    let said = reader.said.join("\n");
    let nameless = std::mem::take(&mut reader.nameless);
    if let ([text], true) = (nameless.as_slice(), reader.reply.edits.is_empty()) {
        reader.reply.edits.push(Edit { path: String::new(), what: What::Whole(text.clone()) });
    }
    reply.said = said;
}

impl<'r> Reader<'r> {
    fn line(&self) -> &'r str {
        self.lines.get(self.at).copied().unwrap_or_default()
    }

    fn step(&mut self) {
        let line = self.line();
        if let Some((mark, n_marks, info)) = fence(line) {
            self.fenced((mark, n_marks), info);
        } else if mark(line) == Some(Mark::Search) {
            self.block(None);
        } else if diff::begins(&self.lines, self.at) {
            let n_lines = diff::length(&self.lines, self.at);
            let lines = self.lines.get(self.at..self.at + n_lines).unwrap_or_default().to_vec();
            self.at += n_lines.max(1);
            diff::read(&lines, self.path.as_deref(), self.reply);
        } else {
            self.at += 1;
            match header(line) {
                Some(Header::File(path)) => {
                    self.path = Some(path);
                    self.function = None;
                }
                Some(Header::Function(name)) => self.function = Some(name),
                Some(Header::NoFix(reason)) => self.reply.declined = Some(reason),
                None => self.said.push(line),
            }
        }
    }

    /// Reads a code fence, from its first line.
    fn fenced(&mut self, marks: (char, usize), info: &str) {
        let start = self.at + 1;
        self.at = start;
        if let Some(path) = path_in(info) {
            self.path = Some(path);
            self.function = None;
        }
        let mut has_blocks = false;
        let mut content_start = start;
        while self.at < self.lines.len() && !closes(self.line(), marks) {
            if mark(self.line()) == Some(Mark::Search) {
                // The path may stand inside the fence, above the block.
                let above = self.lines.get(content_start..self.at).unwrap_or_default();
                if let Some(Header::File(path)) =
                    above.iter().rev().find(|line| !line.trim().is_empty()).and_then(|line| header(line))
                {
                    self.path = Some(path);
                }
                has_blocks = true;
                self.block(Some(marks));
                content_start = self.at;
            } else {
                self.at += 1;
            }
        }
        let content = self.lines.get(start..self.at).unwrap_or_default().to_vec();
        let is_closed = self.at < self.lines.len();
        self.at += 1;
        if !has_blocks {
            self.code(&content, info, is_closed);
        }
    }

    /// Takes the content of a fence without blocks for what it is.
    fn code(&mut self, content: &[&str], info: &str, is_closed: bool) {
        let language = info.split([' ', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let text = content.iter().map(|line| format!("{line}\n")).collect::<String>();
        if let Some(edits) = json::edits(text.trim()).filter(|_| language.is_empty() || language.starts_with("json")) {
            self.reply.edits.extend(edits);
            return;
        }
        if language == "diff" || language == "patch" || diff::is_one(content) {
            diff::read(content, self.path.as_deref(), self.reply);
            return;
        }
        // Shell sessions and output are talk.
        let is_talk = ["sh", "bash", "shell", "console", "text", "txt", "log", "output"].contains(&language.as_str());
        let what = match self.function.take() {
            Some(name) => What::Function { name, text: text.clone() },
            None => What::Whole(text.clone()),
        };
        match self.path.clone() {
            Some(_) if !is_closed => {
                self.reply.problems.push("The last code block has no end; give it again, whole.".to_owned());
            }
            Some(path) => self.reply.edits.push(Edit { path, what }),
            None if is_closed && matches!(what, What::Function { .. }) => {
                self.reply.edits.push(Edit { path: String::new(), what });
            }
            None if !is_talk && is_closed && !text.trim().is_empty() => self.nameless.push(text),
            None => {}
        }
    }

    /// Reads a SEARCH/REPLACE block, from its first line.
    fn block(&mut self, fence: Option<(char, usize)>) {
        self.at += 1;
        let rest = self.lines.get(self.at..).unwrap_or_default();
        // The block ends at its mark, at the next block, or with the fence that holds it.
        let has_end = rest.iter().position(|line| mark(line) == Some(Mark::End));
        let next = rest.iter().position(|line| mark(line) == Some(Mark::Search));
        let closed = fence.and_then(|marks| rest.iter().position(|line| closes(line, marks)));
        let end = match (has_end, next) {
            (Some(end), Some(next)) if next < end => None,
            (end, _) => end,
        };
        let Some(stop) = end.or(next).or(closed) else {
            self.reply.problems.push("A SEARCH block has no `>>>>>>> REPLACE` line; give it again, whole.".to_owned());
            self.at = self.lines.len();
            return;
        };
        let stop = if end.is_none() { closed.map_or(stop, |closed| closed.min(stop)) } else { stop };
        let body = rest.get(..stop).unwrap_or_default().to_vec();
        self.at += stop + usize::from(end.is_some());
        let dividers = |usual: bool| {
            let is_divider = move |line: &&str| mark(line) == Some(Mark::Divider(usual));
            body.iter().enumerate().filter(move |(_, line)| is_divider(line)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let found = Some(dividers(true)).filter(|found| !found.is_empty()).unwrap_or_else(|| dividers(false));
        let [divider] = found.as_slice() else {
            let what = if found.is_empty() { "no" } else { "more than one" };
            self.reply
                .problems
                .push(format!("A SEARCH block has {what} `=======` line; give it again with exactly one."));
            return;
        };
        let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let (search, replace) = body.split_at(*divider);
        let (search, replace) = (unfenced(search), unfenced(replace.get(1..).unwrap_or_default()));
        let what = What::Replace { search: text(search), replace: text(replace) };
        self.reply.edits.push(Edit { path: self.path.clone().unwrap_or_default(), what });
    }
}

/// The lines within a fence that goes round just this side of a block.
fn unfenced<'l, 'b>(lines: &'b [&'l str]) -> &'b [&'l str] {
    let inner = |lines: &'b [&'l str]| -> Option<&'b [&'l str]> {
        let (first, rest) = lines.split_first()?;
        let (last, body) = rest.split_last()?;
        let (mark, n_marks, _) = fence(first)?;
        closes(last, (mark, n_marks)).then_some(body)
    };
    inner(lines).unwrap_or(lines)
}
