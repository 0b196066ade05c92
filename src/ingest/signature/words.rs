//! What a word tells by itself: a value by its shape, or a name worth keeping.

mod failures;
mod lists;
mod table;

pub use failures::is_error_name;
pub use table::{Lists, lists, look};

/// Words of fewer bytes are no value without a `0`, a dot or a separator of paths.
pub const LONG: usize = 8;

/// Whether a word of [`LONG`] bytes or more, without `0`, dot and separator, may be a value by its shape.
pub fn may_be_value(word: &[u8]) -> bool {
    let first = word.first().copied().unwrap_or_default();
    word.len() >= LONGER || SHAPES[usize::from(first)] & NOT_HEX == 0 || word == b"localhost"
}

/// Shorter words do not show whether they are random.
pub const LONGER: usize = 16;

/// Whether a word of this shape can only be a value: it held a digit, or has the shape of an address or a key.
///
/// It must not be a path. `0` stands for what held a digit.
pub fn is_value(word: &str, shape: Shape) -> bool {
    let dotted = || (is_dotted(word) && !is_error_name(word)) || is_host(word);
    shape.has(ZERO)
        || (shape.has(DOT) && dotted())
        || (!shape.has(NOT_HEX) && word.len() >= LONG)
        || (!shape.has(NOT_KEY) && is_random(word))
        || word == "localhost"
}

/// What is in a word, as bits.
#[derive(Clone, Copy)]
pub struct Shape(u8);

impl Shape {
    /// The shape of a word.
    pub fn of(word: &[u8]) -> Self {
        Self(word.iter().fold(0, |shape, byte| shape | SHAPES[usize::from(*byte)]))
    }

    /// Whether a separator of paths is in it.
    pub fn has_separator(self) -> bool {
        self.has(SEPARATOR)
    }

    fn has(self, what: u8) -> bool {
        self.0 & what != 0
    }
}

/// A `0` is in the word.
const ZERO: u8 = 1;
/// A dot is in the word.
const DOT: u8 = 2;
/// Something else than hexadecimal letters is in the word.
const NOT_HEX: u8 = 4;
/// Something else than the letters and signs of base64 is in the word.
const NOT_KEY: u8 = 8;
/// A separator of paths is in the word.
const SEPARATOR: u8 = 16;

/// What each byte says of a word that it is in.
const SHAPES: [u8; 256] = {
    let mut shapes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        shapes[byte] = match byte as u8 {
            b'a'..=b'f' | b'A'..=b'F' => 0,
            b'g'..=b'z' | b'G'..=b'Z' | b'+' | b'_' | b'-' => NOT_HEX,
            b'/' => SEPARATOR | NOT_HEX,
            b'\\' => SEPARATOR | NOT_HEX | NOT_KEY,
            b'0' => ZERO | NOT_HEX | NOT_KEY,
            b'.' => DOT | NOT_HEX | NOT_KEY,
            _ => NOT_HEX | NOT_KEY,
        };
        byte += 1;
    }
    shapes
};

/// Whether a word is a path of a file system or of a URL.
pub fn is_path(word: &str) -> bool {
    let separators = word.bytes().filter(|byte| matches!(byte, b'/' | b'\\')).count();
    let has_letters = word.bytes().any(|byte| byte.is_ascii_alphanumeric());
    match separators {
        0 => false,
        _ if !has_letters || failures::is_class(word) => false,
        1 => word.starts_with(['/', '~', '.', '\\']) || is_file_below(word),
        _ => true,
    }
}

/// `config/app.toml`, `kube-system/coredns`, but not `read/write` or `text/html`.
fn is_file_below(word: &str) -> bool {
    let stem = word.trim_end_matches(['.', '!', '?']);
    stem.bytes().any(|byte| matches!(byte, b'.' | b'_' | b'-' | b'@' | b'?'))
}

/// Whether it is a host, class or property with at least two dots inside.
fn is_dotted(word: &str) -> bool {
    let stem = word.trim_matches('.');
    let mut pieces = stem.split('.');
    let whole = pieces.all(|piece| piece.bytes().any(|byte| byte.is_ascii_alphanumeric()));
    whole && stem.bytes().filter(|byte| *byte == b'.').count() >= 2
}

/// Whether it is the name of a host in two parts: `example.com`, `db.internal`; or of this one.
fn is_host(word: &str) -> bool {
    let stem = word.trim_end_matches('.');
    let lower = stem.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'-'));
    let top = stem.rsplit_once('.').filter(|(front, _)| !front.is_empty()).map_or("", |(_, top)| top);
    lower && (lists::TOP_LEVELS.contains(&top) || stem == "localhost")
}

/// Whether upper and lower case change in a text of letters as they do in base64, and not as in `CamelCase`.
fn is_random(word: &str) -> bool {
    // Where all letters are capitals, the words of a name are joined by underscores.
    if word.len() < LONGER || !word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    // A capital begins a word of a name, and an abbreviation is rare; here both come at random.
    let (mut n_runs, mut n_odd) = (0, 0);
    let mut rest = word.as_bytes();
    while let Some(first) = rest.first() {
        let upper = first.is_ascii_uppercase();
        let length = rest.iter().take_while(|byte| byte.is_ascii_uppercase() == upper).count();
        let odd = if upper { length >= 2 } else { length == 1 };
        n_odd += usize::from(odd && n_runs > 0);
        n_runs += 1;
        rest = rest.get(length..).unwrap_or_default();
    }
    n_odd >= 4 && n_runs * 4 >= word.len()
}

/// Whether the value behind this key is a text of the program that tells what happened.
pub fn is_telling_key(key: &str) -> bool {
    let ends_part = |byte: &u8| matches!(byte, b'.' | b'_' | b'-' | b'/');
    let start = key.as_bytes().iter().rposition(ends_part).map_or(0, |at| at + 1);
    lists(key.as_bytes(), start, key.len()).any(Lists::TELLING_KEY)
}

/// Whether a word has the shape of a name that somebody gave: `orders-db`, `user_events`, `db.internal`.
pub fn is_given_name(word: &str) -> bool {
    let stem = stem(word);
    let inner = stem.as_bytes().get(1..stem.len().saturating_sub(1)).unwrap_or_default();
    let joined = inner.iter().any(|byte| matches!(byte, b'_' | b'.' | b'-' | b'/'));
    joined && !is_error_name(stem) && !is_hyphenated_prose(stem)
}

/// `read-only`, `not-found`: words that English joins.
fn is_hyphenated_prose(word: &str) -> bool {
    let mut parts = word.split('-');
    let (first, last) = (parts.next().unwrap_or(""), parts.next_back().unwrap_or(""));
    word.contains('-') && (lists::FIRST_PARTS.contains(&first) || is_prose(last, read_alone(last)))
}

/// Whether a word belongs to a sentence and names nobody: after "user" in "user not found".
pub fn is_prose(word: &str, lists: Lists) -> bool {
    lists.any(Lists::PROSE) || is_grammar(word, lists)
}

/// Whether a word can only belong to a sentence, whatever surrounds it.
pub fn is_grammar(word: &str, lists: Lists) -> bool {
    let stem = stem(word);
    lists.any(Lists::GRAMMAR) || (stem.len() >= 6 && (ends_like(stem, "ed") || ends_like(stem, "ing")))
}

/// Whether a word has the ending of an abstract noun or an adjective.
pub fn is_abstract(word: &str) -> bool {
    let stem = stem(word);
    stem.len() >= 6 && lists::ABSTRACT_ENDINGS.iter().any(|end| ends_like(stem, end))
}

/// Whether a word ends so, whatever its case.
fn ends_like(word: &str, end: &str) -> bool {
    let tail = word.len().checked_sub(end.len()).and_then(|start| word.as_bytes().get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
}

/// A word without the marks that end a sentence.
fn stem(word: &str) -> &str {
    match word.as_bytes() {
        [.., b'.' | b'!' | b'?'] => word.trim_end_matches(['.', '!', '?']),
        _ => word,
    }
}

/// The lists of a word on its own.
pub fn read_alone(word: &str) -> Lists {
    read_ending(word.as_bytes(), 0, word.len())
}

/// The same of any word; what ends a sentence may stand behind some of them.
pub fn read_ending(text: &[u8], start: usize, end: usize) -> Lists {
    let word = text.get(start..end).unwrap_or_default();
    let ending = word.iter().rev().take_while(|byte| matches!(byte, b'.' | b'!' | b'?')).count();
    if ending == 0 {
        return lists(text, start, end);
    }
    let asks = word.iter().rev().take(ending).any(|byte| *byte == b'?');
    let keeps = Lists::GRAMMAR.or(Lists::PROSE);
    let keeps = if asks { keeps } else { keeps.or(Lists::UNIT) };
    lists(text, start, end - ending).and(keeps)
}
