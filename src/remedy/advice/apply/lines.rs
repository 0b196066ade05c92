//! Takes texts apart into lines and puts them together again as the file has them.

/// A file as lines, with its way of ending them.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    /// The lines without their ends.
    pub(super) lines: Vec<&'t str>,
    /// How most of its lines end.
    end: &'static str,
    /// Whether the last line has an end.
    is_closed: bool,
}

impl<'t> Text<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let n_crlf = memchr::memmem::find_iter(text.as_bytes(), b"\r\n").count();
        let n_lf = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let end = if n_crlf * 2 > n_lf { "\r\n" } else { "\n" };
        Self { lines: bodies(text), end, is_closed: text.ends_with('\n') || text.is_empty() }
    }

    /// Joins lines as this file does; a line that stood at its end may have had none.
    pub(super) fn joined(&self, lines: impl Iterator<Item = String>) -> String {
        let mut text = lines.fold(String::new(), |mut text, line| {
            text.push_str(&line);
            text.push_str(self.end);
            text
        });
        if !self.is_closed {
            text.truncate(text.len() - self.end.len().min(text.len()));
        }
        text
    }
}

/// The lines of a text without their ends.
pub(super) fn bodies(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// A text of its own, with a line end at its end.
pub(super) fn closed(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if text.is_empty() || text.ends_with('\n') { text } else { format!("{text}\n") }
}

/// Whether nothing is to be seen in a line.
pub(super) fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// A line in which quotes, dashes and blanks are plain, and runs of blanks are one.
pub(super) fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for c in line.trim().chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{201f}' => plain.push('"'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            c if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c),
        }
    }
    plain
}

/// The text without the numbers before its lines: `12 | x`, `12: x`, `12\tx`; `None` where it has none.
///
/// All lines that are not blank must be numbered, one more each time.
pub(super) fn numberless(text: &str) -> Option<String> {
    let mut last: Option<u32> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        if is_blank(line) {
            lines.push(line);
            continue;
        }
        let digits = line.trim_start();
        let n_digits = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = digits.get(..n_digits)?.parse().ok()?;
        let rest = digits.get(n_digits..)?;
        let body = [" | ", "| ", "|", ": ", ":", "\t", "→"].iter().find_map(|mark| rest.strip_prefix(mark));
        let body = body.or_else(|| if rest.is_empty() || rest.trim() == "|" { Some("") } else { None })?;
        if last.is_some_and(|last| number != last + 1) {
            return None;
        }
        last = Some(number);
        lines.push(body);
    }
    last.map(|_| lines.join("\n") + if text.ends_with('\n') { "\n" } else { "" })
}
