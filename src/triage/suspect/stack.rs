//! Evidence from where the error happened: frames, mentions, and the place that wrote the message.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::callee::{FOLLOWED, callee, own_test, table};
use super::clue::{Clues, is_common};
use super::evidence::{Family, Reason};
use super::flow::{checks, conditions, invoked};
use super::given::{feeding, is_handed, makers, short_names, sources};
use super::handed::{hand_on, hands_on};
use super::messenger::{self, Told};
use super::place::at_spot;
use super::sheet::{Piece, Sheet, Spread};
use super::shelf::Shelf;
use super::weights as w;
use crate::triage::frames::{By, Place};
use crate::triage::import::imports;
use crate::triage::syntax::{Kind, Source};

/// A place with what its file says about it.
pub(super) struct Spot {
    pub(super) place: Place,
    /// The last line of the statement that starts at the place's line.
    pub(super) last_line: u32,
    /// The function around it.
    pub(super) function: Option<(String, u32, u32)>,
    /// Whether that is a function, whose lines run in order, and no class.
    pub(super) in_function: bool,
    /// The names on its line that tell something.
    pub(super) uses: BTreeSet<String>,
    /// All names on its line; where it raises, those of the condition above it too.
    pub(super) depends: BTreeSet<String>,
    /// The names that it only calls, each with what stands before it, as in `reader.next`.
    pub(super) invoked: BTreeMap<String, String>,
    /// The names from which what its line uses was made.
    pub(super) feeds: BTreeSet<String>,
    /// What its function called before, where the line uses what came back.
    pub(super) sources: BTreeSet<String>,
    /// What its line calls, and what its function called before.
    pub(super) calls: BTreeSet<String>,
    pub(super) calls_before: BTreeSet<String>,
    /// Whether what failed was to take an element beyond the end.
    pub(super) is_out_of_range: bool,
    /// Whether its line raises an error by itself.
    pub(super) raises: bool,
    /// Whether what it raises is an error that it was given.
    pub(super) hands_on: bool,
    /// Whether its line uses a value that its function was handed.
    pub(super) is_handed: bool,
    /// Frames between it and where the error was raised that were looked past.
    pub(super) n_passed: u32,
    /// What its line does nothing but call, and what was asked before it came to that.
    pub(super) told: Option<Told>,
    /// What its file imports.
    pub(super) text: Option<String>,
    /// Whether it is where the message was written, found by the message's text.
    pub(super) wrote: bool,
}

/// The spots of an error: its places; without any, the places that wrote its message.
pub(super) fn spots(clues: &Clues, shelf: &Shelf<'_>, sheets: &[Sheet<'_>]) -> Vec<Spot> {
    let by_path: HashMap<&str, &Sheet<'_>> = sheets.iter().map(|sheet| (sheet.path(), sheet)).collect();
    let has_line = clues.located.places.iter().any(|place| place.by != By::Component);
    let mut places: Vec<(Place, bool)> = Vec::new();
    if !has_line {
        places.extend(written(clues, shelf, sheets).into_iter().map(|place| (place, true)));
    }
    places.extend(clues.located.places.iter().map(|place| (place.clone(), false)));
    let is_out_of_range = is_out_of_range(clues);
    let read = |(place, wrote)| Spot { is_out_of_range, ..spot(place, wrote, shelf, &by_path) };
    let mut spots: Vec<Spot> = places.into_iter().map(read).collect();
    hand_on(&mut spots, |place| read((place, true)), || written(clues, shelf, sheets));
    messenger::look_past(&mut spots, sheets);
    spots
}

/// Whether the error says that an element was taken beyond the end.
fn is_out_of_range(clues: &Clues) -> bool {
    let message = clues.message.to_ascii_lowercase();
    let ways = ["index out of range", "index out of bounds", "out of bounds for length", "out of range"];
    let is_type = |name: &String| name.contains("IndexOutOf") || name == "IndexError";
    ways.iter().any(|way| message.contains(way)) || clues.exceptions.iter().any(is_type)
}

/// The places whose literal text is in the message, as far as they explain it best.
fn written(clues: &Clues, shelf: &Shelf<'_>, sheets: &[Sheet<'_>]) -> Vec<Place> {
    let Some(wanted) = &clues.wanted else { return Vec::new() };
    let mut sites: Vec<(usize, String, u32)> = Vec::new();
    for sheet in sheets {
        sites.extend(
            wanted.sites(&sheet.after).into_iter().map(|site| (site.letters, sheet.path().to_owned(), site.line)),
        );
    }
    let unchanged = super::sheet::unchanged(shelf.change()).filter(|(_, text)| wanted.may_be_in(text.as_bytes()));
    for (path, leaf) in unchanged.filter_map(|(path, _)| Some((path, shelf.leaf(path)?))) {
        let found = wanted.sites(&leaf.source);
        sites.extend(found.into_iter().map(|site| (site.letters, path.to_owned(), site.line)));
    }
    let most = sites.iter().map(|(letters, _, _)| *letters).max().unwrap_or(0);
    sites.retain(|(letters, _, _)| letters * 10 >= most * 8);
    sites.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (&a.1, a.2).cmp(&(&b.1, b.2))));
    let certainty = 1.0 / sites.len().clamp(1, 8) as f64;
    let certainty = if sites.len() <= 2 { 1.0 } else { certainty * 2.0 };
    let held = |sheet: &&Sheet<'_>| !wanted.sites(&sheet.before).is_empty();
    let holding: Vec<&str> = sheets.iter().filter(held).map(Sheet::path).collect();
    let is_added = |path: &str| sheets.iter().any(|sheet| sheet.path() == path) && !holding.contains(&path);
    let place = |(_, path, line): (usize, String, u32)| {
        // A text that stood in another of the changed files has only moved.
        let certainty = if is_added(&path) && !holding.is_empty() { certainty * w::MOVED_TEXT } else { certainty };
        let is_test = crate::triage::classify::classify(&path, None) == crate::triage::Class::Test;
        Place {
            path,
            line: Some(line),
            function: String::new(),
            source: None,
            depth: 0,
            certainty,
            is_test,
            is_old_code: false,
            by: By::Mention,
        }
    };
    sites.into_iter().take(8).map(place).filter(|place| !place.is_test).collect()
}

fn spot(place: Place, wrote: bool, shelf: &Shelf<'_>, sheets: &HashMap<&str, &Sheet<'_>>) -> Spot {
    let mut spot = unread(place, wrote, shelf);
    let leaf;
    let (source, scopes) = match sheets.get(spot.place.path.as_str()) {
        Some(sheet) => (&sheet.after, &sheet.scopes_after),
        None => {
            leaf = shelf.leaf(&spot.place.path);
            let Some(leaf) = &leaf else {
                // Nothing but the error's own words about the line.
                let shown = spot.place.source.clone().unwrap_or_default();
                let shown = Source::read(&spot.place.path, &shown);
                spot.calls = calls(&shown, 1, shown.n_lines());
                return spot;
            };
            (&leaf.source, &leaf.scopes)
        }
    };
    if let Some(line) = spot.place.line {
        spot.last_line = statement_end(source, line);
        spot.function = scopes.at(line).map(|scope| (scope.name.clone(), scope.first, scope.last));
        spot.in_function = scopes.at(line).is_some_and(|scope| scope.is_function);
        spot.place.is_test |= scopes.is_in_tests(line);
        spot.uses = source
            .words_in(line, spot.last_line)
            .filter(|word| !is_common(word) && !is_keyword(word))
            .map(str::to_owned)
            .collect();
        spot.calls = calls(source, line, spot.last_line);
        spot.raises = raises(source, line, spot.last_line);
        spot.hands_on = spot.raises && hands_on(source, line, spot.last_line);
        let names = |first: u32, last: u32| source.words_in(first, last).filter(|word| !is_keyword(word));
        spot.depends = names(line, spot.last_line).map(str::to_owned).collect();
        spot.invoked = invoked(source, line, spot.last_line);
        if let Some((_, first, _)) = spot.function {
            spot.told = messenger::told(source, first, (line, spot.last_line));
            let mut asked = vec![(line, spot.last_line)];
            if spot.raises && !tests_itself(source, line) {
                // What it says in the message decided nothing; the conditions above did.
                spot.calls.clear();
                asked = asked_above(source, first, line);
                spot.depends = asked.iter().flat_map(|(from, to)| names(*from, *to)).map(str::to_owned).collect();
            }
            let own = spot.function.as_ref().map_or("", |(name, ..)| name);
            spot.is_handed = is_handed(source, (first, line), &spot.depends, own);
            spot.calls_before = calls(source, first + 1, line.saturating_sub(1));
            let mut made = spot.depends.clone();
            made.extend(asked.iter().flat_map(|(from, to)| short_names(source, *from, *to)));
            spot.feeds = feeding(source, first, line, &made);
            spot.sources = sources(source, first + 1, line.saturating_sub(1), &made);
            if spot.place.depth <= 1 {
                spot.sources.extend(makers(source, scopes, &spot.depends));
            }
        }
    }
    spot
}

/// The lines of the conditions under which a line raises; at the end of all ways through a function, of those that
/// would have left it.
fn asked_above(source: &Source<'_>, first: u32, line: u32) -> Vec<(u32, u32)> {
    let under = conditions(source, first, line);
    let asked = if under.is_empty() { checks(source, first, line) } else { under };
    asked.into_iter().map(|line| (line, line)).collect()
}

/// A place of which nothing but itself is known.
fn unread(place: Place, wrote: bool, shelf: &Shelf<'_>) -> Spot {
    Spot {
        last_line: place.line.unwrap_or(0),
        function: None,
        in_function: false,
        uses: BTreeSet::new(),
        depends: BTreeSet::new(),
        invoked: BTreeMap::new(),
        feeds: BTreeSet::new(),
        sources: BTreeSet::new(),
        calls: BTreeSet::new(),
        calls_before: BTreeSet::new(),
        is_out_of_range: false,
        raises: false,
        hands_on: false,
        is_handed: false,
        n_passed: 0,
        told: None,
        text: shelf.change().text_at_head(&place.path).map(str::to_owned),
        wrote,
        place,
    }
}

/// The last line of the statement that starts here, as far as open brackets tell; the lines of a function that it
/// hands over are not its own.
pub(super) fn statement_end(source: &Source<'_>, line: u32) -> u32 {
    let (mut depth, mut last) = (0_i32, line);
    let tokens = source.tokens_in(line, line.saturating_add(12));
    for (at, token) in tokens.iter().enumerate() {
        let is_before = |marks: &[&str]| {
            at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|before| marks.contains(&source.of(before)))
        };
        let is_last = tokens.get(at + 1).is_none_or(|next| next.line > token.line);
        if depth > 0 && is_last && source.of(token) == "{" && is_before(&[")", ">", "=>"]) {
            return token.line;
        }
        if token.line > last && depth <= 0 {
            break;
        }
        last = token.last_line.max(last).min(line.saturating_add(12));
        match source.of(token) {
            "(" | "[" if token.kind == Kind::Mark => depth += 1,
            ")" | "]" if token.kind == Kind::Mark => depth -= 1,
            _ => {}
        }
    }
    last
}

/// The names that these lines call, or take from an object.
pub(super) fn calls(source: &Source<'_>, first: u32, last: u32) -> BTreeSet<String> {
    let tokens = source.tokens_in(first, last);
    let is_call = |pair: &&[crate::triage::syntax::Token]| match pair {
        [name, mark] => name.kind == Kind::Word && matches!(source.of(mark), "(" | "!" | "<"),
        _ => false,
    };
    let called = tokens.windows(2).filter(is_call).filter_map(|pair| pair.first());
    let taken = tokens.windows(2).filter_map(|pair| match pair {
        [mark, name] if name.kind == Kind::Word && matches!(source.of(mark), "." | ">" | ":") => Some(name),
        _ => None,
    });
    let is_shell = source.syntax.spaced_comments && source.syntax.heredocs;
    let commands = tokens.iter().filter(|token| is_shell && token.kind == Kind::Word);
    called
        .chain(taken)
        .chain(commands)
        .map(|token| source.of(token))
        .filter(|name| !is_common(name))
        .map(str::to_owned)
        .collect()
}

/// Whether the line is an assertion, which tests and raises at once.
fn tests_itself(source: &Source<'_>, line: u32) -> bool {
    let tests = ["assert", "ensure", "debug_assert", "assert_eq", "require", "check", "if", "unless"];
    source.tokens_in(line, line).iter().any(|token| tests.contains(&source.of(token)))
}

/// Words of languages, which any two lines have in common.
const KEYWORDS: &[&str] = &[
    "self",
    "this",
    "cls",
    "return",
    "for",
    "while",
    "not",
    "and",
    "let",
    "var",
    "const",
    "new",
    "await",
    "async",
    "yield",
    "None",
    "nil",
    "null",
    "True",
    "False",
    "true",
    "false",
    "def",
    "func",
    "function",
    "else",
    "elif",
    "raise",
    "throw",
    "assert",
    "import",
    "from",
    "with",
    "try",
    "except",
    "catch",
    "final",
    "static",
    "public",
    "private",
    "string",
    "int",
    "str",
    "len",
    "isinstance",
    "type",
    "mut",
    "unwrap",
    "super",
    "lambda",
    "end",
    "struct",
    "interface",
    "byte",
    "range",
    "switch",
    "case",
    "impl",
    "enum",
    "trait",
    "unless",
    "elsif",
];

/// Whether any two lines may have the word in common.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

fn raises(source: &Source<'_>, first: u32, last: u32) -> bool {
    let words = ["raise", "throw", "panic", "abort", "assert", "bail", "ensure", "unreachable", "Fatal", "Fatalf"];
    source.tokens_in(first, last).iter().any(|token| token.kind == Kind::Word && words.contains(&source.of(token)))
}

impl Spot {
    pub(super) fn is_test(&self) -> bool {
        self.place.is_test
    }

    /// Whether it is a line of a file at head that the error names.
    pub(super) fn is_believed(&self) -> bool {
        self.place.line.is_some() && !self.wrote && self.place.by == By::Frame
    }

    pub(super) fn path(&self) -> &str {
        &self.place.path
    }

    pub(super) fn certainty(&self) -> f64 {
        self.place.certainty
    }

    /// The function that the error names, or else the one around the line.
    pub(super) fn function_name(&self) -> &str {
        let around = self.function.as_ref().map_or("", |(name, _, _)| name.as_str());
        if self.place.function.is_empty() { around } else { &self.place.function }
    }

    /// Whether it lies in a function of this name.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.place.function == name || self.function.as_ref().is_some_and(|(own, _, _)| own == name)
    }

    /// Whether its line raised the error itself.
    pub(super) fn is_origin(&self) -> bool {
        self.raises && self.place.depth == 0 && self.is_believed()
    }

    /// Its line, where it is in this file.
    pub(super) fn line_in(&self, path: &str) -> Option<u32> {
        self.place.line.filter(|_| self.place.path == path)
    }

    pub(super) fn is_old_code(&self, path: &str) -> bool {
        self.place.is_old_code && self.place.path == path
    }

    pub(super) fn is_in(&self, path: &str) -> bool {
        self.place.path == path
    }

    /// Whether it is a check that did its duty, in code that the deploy left alone.
    pub(super) fn is_guard(&self, sheets: &[Sheet<'_>]) -> bool {
        let is_touched =
            sheets.iter().filter(|sheet| sheet.path() == self.place.path).flat_map(|sheet| &sheet.pieces).any(
                |piece| {
                    let (first, last) = piece.hunk.touched();
                    let (from, to) = self
                        .function
                        .as_ref()
                        .map_or((self.place.line.unwrap_or(0), self.last_line), |(_, first, last)| (*first, *last));
                    first <= to && from <= last
                },
            );
        (self.raises || self.wrote) && !is_touched
    }

    /// How the spot is called in a sentence.
    pub(super) fn name(&self) -> String {
        let place =
            self.place.line.map_or_else(|| self.place.path.clone(), |line| format!("{}:{line}", self.place.path));
        if self.wrote {
            return format!("the text of the message, written at {place}");
        }
        let frame = self.place.depth.saturating_add(self.n_passed);
        match (self.place.by, self.place.function.as_str()) {
            (By::Frame, "") => format!("frame {frame} ({place})"),
            (By::Frame, function) => format!("frame {frame} `{function}` ({place})"),
            (By::Mention, _) => format!("the error's location {place}"),
            (By::Component, _) => format!("the logger of {place}"),
        }
    }
}

/// For each of the first spots, whether its file imports the sheet's file.
pub(super) fn links(spots: &[Spot], sheet: &Sheet<'_>) -> Vec<bool> {
    let links = |spot: &Spot| {
        !spot.is_in(sheet.path())
            && spot.text.as_deref().is_some_and(|text| imports(&spot.place.path, text, sheet.path()))
    };
    spots.iter().take(FOLLOWED + 2).map(links).collect()
}

/// What the spots say about one hunk; `links` is that of its sheet.
pub(super) fn weigh(
    spots: &[Spot],
    links: &[bool],
    spread: &Spread<'_>,
    sheet: &Sheet<'_>,
    piece: &Piece<'_>,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let own = spots.iter().filter(|spot| !spot.is_test() && spot.is_in(sheet.path()));
    let best = own.map(|spot| at_spot(spot, sheet, piece)).max_by(|a, b| total(a).total_cmp(&total(b)));
    reasons.extend(best.into_iter().flatten());
    reasons.extend(callee(spots, links, sheet, piece).or_else(|| table(spots, links, sheet, piece)));
    reasons.extend(own_test(spots, spread, sheet, piece));
    let importer = spots.iter().zip(links).find(|(spot, links)| **links && !spot.is_test()).map(|(spot, _)| spot);
    if let Some(spot) = importer {
        reasons.push(Reason::new(Family::Stack, w::IMPORTED, format!("{} imports {}", spot.place.path, sheet.path())));
    }
    reasons
}

fn total(reasons: &[Reason]) -> f64 {
    reasons.iter().map(|reason| reason.points).sum()
}
