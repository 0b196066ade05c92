//! Evidence from the input that an error shows: a keyword or key of it that a hunk takes away or brings.
//!
//! What reads a language, a format or a request says what it was given: the statement behind `Expecting )`, the key
//! behind `KeyError`. The stack then shows the reader, which did not change, and not the table that told it what to
//! accept. Only whole texts of the code and names in capitals count, because they are what input is compared with;
//! such a word is telling even where, as `name` and `required`, it is common in code.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use super::clue::{Clues, is_common};
use super::evidence::{Family, Reason, Strength};
use super::sheet::{Piece, Sheet};
use super::weights as w;
use crate::triage::syntax::{Kind, Source, start_of, words};
use crate::triage::{Class, Symptom};

/// Lines and bytes behind the message that are read, and words that are kept.
const LINES: usize = 12;
const BYTES: usize = 2_000;
const WORDS: usize = 40;
/// Words of a text that is compared with input; longer ones are for people.
const KEY_WORDS: usize = 3;

/// What is said by code that reads input.
static OF_INPUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)pars|syntax|token|unexpected|expect|invalid|unknown|unsupported|unrecogni|malformed|illegal|lexer|scanner|decod|not allowed|missing|KeyError|key .{0,40}(not found|not present|does not exist)|undefined (array )?(key|index)",
    )
    .ok()
});
/// Lines that belong to a stack and not to the message.
static OF_STACK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(at |File "|from |#\d+ |goroutine |Traceback|Caused by|During handling|The above exception|\.\.\. |Stack trace|stack backtrace|\d+: )"#).ok()
});

/// The words of the input that an error shows.
pub(super) struct Echo {
    /// Each in lower case without underscores, with how it is written.
    words: BTreeMap<String, String>,
    /// In how many hunks each of them is a key.
    n_hunks: HashMap<String, usize>,
    /// The keys that hunks of each file bring.
    brought: HashMap<String, BTreeSet<String>>,
}

impl Echo {
    /// Reads the input behind the message; `None` for an error that shows none.
    pub(super) fn of(symptom: &Symptom, clues: &Clues, sheets: &[Sheet<'_>]) -> Option<Self> {
        let says = |text: &str| OF_INPUT.as_ref().is_some_and(|of_input| of_input.is_match(text));
        if !says(&clues.message) && !clues.exceptions.iter().any(|name| says(name)) {
            return None;
        }
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        let own: BTreeSet<&str> = words(&clues.message).collect();
        let is_input = |word: &&str| !is_common(word) && !own.contains(word);
        let shown = behind(symptom, &clues.message).flat_map(words).filter(is_input);
        let told_of = clues.quoted.iter().map(String::as_str).chain(shown);
        for word in told_of.filter(|word| word.len() > 2 && word.chars().any(char::is_alphabetic)).take(WORDS) {
            told.insert(plain(word), word.to_owned());
        }
        let mut echo = Self { words: told, n_hunks: HashMap::new(), brought: HashMap::new() };
        if echo.words.is_empty() {
            return None;
        }
        for sheet in sheets.iter().filter(|sheet| holds_keys(sheet)) {
            for piece in &sheet.pieces {
                let (removed, added) = echo.sides(sheet, piece);
                removed.union(&added).for_each(|key| *echo.n_hunks.entry(key.clone()).or_default() += 1);
                if !added.is_empty() {
                    echo.brought.entry(sheet.path().to_owned()).or_default().extend(added);
                }
            }
        }
        (!echo.n_hunks.is_empty()).then_some(echo)
    }

    /// The most telling key of the input that a hunk takes away, or else brings.
    pub(super) fn weigh(&self, sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
        if !holds_keys(sheet) {
            return None;
        }
        let (removed, added) = self.sides(sheet, piece);
        let rarity = |key: &&String| w::rarity(self.n_hunks.get(*key).copied().unwrap_or(1));
        let best = |keys: &mut dyn Iterator<Item = &String>| {
            let best = keys.map(|key| (key.clone(), rarity(&key))).max_by(|a, b| a.1.total_cmp(&b.1));
            best.map(|(key, rarity)| (self.words.get(&key).cloned().unwrap_or(key), rarity))
        };
        // What the hunk takes here and another hunk of the file brings was moved.
        let is_brought = |key: &&String| self.brought.get(sheet.path()).is_some_and(|keys| keys.contains(*key));
        let lost = best(&mut removed.difference(&added).filter(|key| !is_brought(key)));
        let (word, points, strength, what) = match lost {
            Some((word, rarity)) => (word, w::INPUT_LOST * rarity, Strength::Decides, "is no more accepted"),
            None => {
                let (word, rarity) = best(&mut added.difference(&removed))?;
                (word, w::INPUT_NEW * rarity, Strength::Hints, "is new")
            }
        };
        let points = points * w::density(piece.n_lines());
        let text = format!("`{word}` of the input that the error shows {what} at {}", piece.place(sheet.path()));
        Some(Reason { strength, ..Reason::new(Family::Names, points, text) })
    }

    /// The words of the input that are keys on the removed and on the added side.
    fn sides(&self, sheet: &Sheet<'_>, piece: &Piece<'_>) -> (BTreeSet<String>, BTreeSet<String>) {
        let last = |start: u32, n: usize| start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX)).saturating_sub(1);
        let of = |source: &Source<'_>, start: u32, n: usize| {
            if n == 0 { BTreeSet::new() } else { self.keys(source, start, last(start, n)) }
        };
        let hunk = piece.hunk;
        (of(&sheet.before, hunk.old_start, hunk.removed.len()), of(&sheet.after, hunk.new_start, hunk.added.len()))
    }

    fn keys(&self, source: &Source<'_>, first: u32, last: u32) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for token in source.tokens_in(first, last) {
            let text = source.of(token);
            let is_constant = || text.len() > 2 && !text.bytes().any(|byte| byte.is_ascii_lowercase());
            match token.kind {
                Kind::Text if words(text).take(KEY_WORDS + 1).count() <= KEY_WORDS => {
                    keys.extend(words(text).map(plain))
                }
                Kind::Word if is_constant() => {
                    keys.insert(plain(text));
                }
                Kind::Text | Kind::Word | Kind::Mark | Kind::Comment => {}
            }
        }
        keys.retain(|key| self.words.contains_key(key));
        keys
    }
}

/// Whether what a file says is compared with input at all; lists of packages name everything.
fn holds_keys(sheet: &Sheet<'_>) -> bool {
    !matches!(sheet.file.class, Class::Build | Class::Generated | Class::Vendored)
}

/// The lines behind the message, as far as they are no stack.
fn behind<'s>(symptom: &'s Symptom, message: &str) -> impl Iterator<Item = &'s str> {
    let first = message.lines().next().unwrap_or_default();
    // A short message is in every text.
    let at = symptom.text.rfind(first).filter(|_| first.len() > 5);
    let rest = at.and_then(|at| symptom.text.get(at + first.len()..)).unwrap_or_default();
    let rest = start_of(rest, BYTES);
    let is_of_stack = |line: &&str| OF_STACK.as_ref().is_some_and(|of_stack| of_stack.is_match(line));
    rest.lines().take(LINES).take_while(move |line| !is_of_stack(line) && !is_of_excerpt(line))
}

/// Whether a runner shows a line of the test by its number, as in `> 12 | expect(rows)`: it is code, and no input.
fn is_of_excerpt(line: &str) -> bool {
    let numbered = line.trim_start().trim_start_matches('>').trim_start();
    let behind = numbered.trim_start_matches(|c: char| c.is_ascii_digit());
    behind.len() < numbered.len() && behind.trim_start().starts_with('|')
}

fn plain(word: &str) -> String {
    super::values::plain(word)
}
