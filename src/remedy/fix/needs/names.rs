//! Reads which names a stretch of code brings into being, and which it relies on.
//!
//! Input: a [`Source`]. Output: the [`Names`] within some of its lines.
//!
//! Pure. Knows no language in particular: a name is brought in by a keyword or a type before it, an assignment or a
//! list of parameters or imports. What fits none of these is only used.

use std::collections::{BTreeMap, BTreeSet};

use crate::triage::syntax::{Kind, Source, Token};

/// Words that begin a statement that imports.
const IMPORTS: [&str; 7] = ["import", "from", "use", "using", "require", "include", "export"];

/// Words that begin a statement that declares something with parameters.
const DECLARES: [&str; 12] =
    ["def", "fn", "func", "function", "fun", "async", "pub", "public", "private", "protected", "static", "sub"];

/// Words behind which a name is used, not declared.
const USES: [&str; 40] = [
    "return",
    "not",
    "in",
    "and",
    "or",
    "if",
    "elif",
    "else",
    "while",
    "until",
    "unless",
    "when",
    "await",
    "yield",
    "assert",
    "raise",
    "throw",
    "throws",
    "del",
    "delete",
    "is",
    "case",
    "new",
    "typeof",
    "instanceof",
    "extends",
    "implements",
    "match",
    "then",
    "do",
    "of",
    "where",
    "print",
    "puts",
    "echo",
    "goto",
    "from",
    "go",
    "defer",
    "super",
];

/// What stands for the object that a method belongs to.
const OWN: [&str; 3] = ["self", "this", "cls"];

/// How a name is brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// From another file.
    Imported,
    /// As something that other files may use.
    Declared,
    /// As a part of an object.
    Member,
    /// Within a function.
    Local,
}

/// A name as it stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name<'t> {
    /// `self` and the like, where it is a part of that.
    pub(super) own: Option<&'t str>,
    pub(super) word: &'t str,
    /// Whether it follows a dot.
    pub(super) is_member: bool,
}

/// The names within some lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names<'t> {
    pub(super) defined: BTreeSet<(Name<'t>, Form)>,
    /// With each whether it stands in an import.
    pub(super) used: BTreeSet<(Name<'t>, bool)>,
}

/// A text whose names can be asked for.
pub(super) struct Reader<'s, 't> {
    source: &'s Source<'t>,
    /// Without comments.
    tokens: Vec<Token>,
    /// For each token the one that opens the bracket around it.
    openers: Vec<Option<usize>>,
    /// The first token of each line that has one.
    heads: BTreeMap<u32, usize>,
}

impl<'s, 't> Reader<'s, 't> {
    pub(super) fn new(source: &'s Source<'t>) -> Self {
        let is_code = |token: &&Token| token.kind != Kind::Comment;
        let tokens: Vec<Token> = source.tokens.iter().filter(is_code).copied().collect();
        let (mut openers, mut open) = (Vec::with_capacity(tokens.len()), Vec::new());
        let mut heads = BTreeMap::new();
        for (index, token) in tokens.iter().enumerate() {
            heads.entry(token.line).or_insert(index);
            let text = if token.kind == Kind::Mark { source.of(token) } else { "" };
            if matches!(text, ")" | "]" | "}") {
                open.pop();
            }
            openers.push(open.last().copied());
            if matches!(text, "(" | "[" | "{") {
                open.push(index);
            }
        }
        Self { source, tokens, openers, heads }
    }

    /// All names of the text.
    pub(super) fn all(&self) -> BTreeSet<Name<'t>> {
        (0..self.tokens.len()).filter_map(|index| self.name(index)).collect()
    }

    /// The names within lines, both included.
    pub(super) fn within(&self, first: u32, last: u32) -> Names<'t> {
        let mut names = Names::default();
        let from = self.tokens.partition_point(|token| token.line < first);
        let to = self.tokens.partition_point(|token| token.line <= last);
        for index in from..to {
            let Some(name) = self.name(index) else { continue };
            let is_import = self.is_import(index);
            match self.form(index, name, is_import) {
                Some(Form::Imported) => {
                    names.defined.insert((name, Form::Imported));
                    names.used.insert((name, true));
                }
                Some(form) => {
                    names.defined.insert((name, form));
                }
                None => {
                    names.used.insert((name, is_import));
                }
            }
        }
        names
    }

    fn name(&self, index: usize) -> Option<Name<'t>> {
        let token = self.tokens.get(index).filter(|token| token.kind == Kind::Word)?;
        let word = self.source.of(token);
        if word.len() < 2 || word.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let is_member = self.is(index.wrapping_sub(1), ".");
        let own = OWN.into_iter().position(|own| is_member && self.is(index.wrapping_sub(2), own));
        let own = own.and_then(|_| self.tokens.get(index - 2)).map(|token| self.source.of(token));
        Some(Name { own, word, is_member })
    }

    /// How a token brings its name in; `None` when it only uses it.
    fn form(&self, index: usize, name: Name<'t>, is_import: bool) -> Option<Form> {
        let is_assigned = self.is(index + 1, "=") && !self.is(index + 2, "=") && !self.is(index + 2, ">")
            || self.is(index + 1, ":") && self.is(index + 2, "=");
        if name.is_member {
            return is_assigned.then_some(Form::Member);
        }
        if is_import {
            // In `from a import b` the part before the second word is where it comes from.
            return (!self.is(index.wrapping_sub(1), "from") && !self.is(index + 1, ".")).then_some(Form::Imported);
        }
        let before = |text: &str| self.is(index.wrapping_sub(1), text);
        let is_argument = before("(") || before(",");
        let is_top = self.column(index) == 0;
        if self.is_behind_declaring_word(index) {
            // `for item in` and the like stay within the function, but cost nothing as more.
            return Some(Form::Declared);
        }
        if (is_argument || before("*") || before("&")) && !self.is(index + 1, ".") && self.is_parameter(index) {
            return Some(Form::Local);
        }
        if is_assigned && !is_argument {
            return Some(if is_top { Form::Declared } else { Form::Local });
        }
        let is_field = self.line_head(index) == Some(index) && self.is(index + 1, ":");
        is_field.then_some(Form::Declared)
    }

    fn is_parameter(&self, index: usize) -> bool {
        let is_within = self.openers.get(index).copied().flatten().is_some();
        is_within && self.starts_with(self.head(index), &DECLARES)
    }

    fn is_import(&self, index: usize) -> bool {
        self.starts_with(self.head(index), &IMPORTS)
    }

    /// The first token of the line in which the statement of a token begins, as far as brackets tell.
    fn head(&self, index: usize) -> Option<usize> {
        let mut at = index;
        while let Some(opener) = self.openers.get(at).copied().flatten() {
            at = opener;
            // What a function, block or array holds belongs to it no more.
            if !self.is(at, "(") && !self.starts_with(self.line_head(at), &IMPORTS) {
                return self.line_head(index);
            }
        }
        self.line_head(at)
    }

    fn line_head(&self, index: usize) -> Option<usize> {
        self.heads.get(&self.tokens.get(index)?.line).copied()
    }

    fn starts_with(&self, head: Option<usize>, words: &[&str]) -> bool {
        head.is_some_and(|head| words.iter().any(|word| self.is(head, word)))
    }

    /// Whether a keyword or a type stands before a name, on its line.
    fn is_behind_declaring_word(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1).and_then(|before| self.tokens.get(before)) else { return false };
        let is_same_line = self.tokens.get(index).is_some_and(|token| token.line == before.line);
        let word = self.source.of(before);
        let is_word = before.kind == Kind::Word && !word.starts_with(|first: char| first.is_ascii_digit());
        is_same_line && is_word && !USES.contains(&word)
    }

    /// Bytes from the start of the line to a token.
    fn column(&self, index: usize) -> usize {
        let Some(token) = self.tokens.get(index) else { return 0 };
        let before = self.source.text.get(..token.start).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |end| end + 1)
    }

    fn is(&self, index: usize, text: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| self.source.of(token) == text)
    }
}
