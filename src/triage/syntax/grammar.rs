//! Parses a text by the grammar of its language, where there is one.
//!
//! Input: a path, which tells the language, and a text. Output: a [`Parsed`] text, or nothing where no
//! grammar is at hand, the text is too large or too hostile, or is plainly written in something else.
//!
//! Pure, but for one brake. Work is bounded by a count of steps, so that the same text is always read the same way.
//! The steps of some hostile texts, thousands of operators without an operand, grow dearer one by one; against
//! these the edge lends a clock, [`lend_clock`], whose limit no real source comes near.

mod rules;

use std::ops::ControlFlow;
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use tree_sitter::{InputEdit, Language, Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

pub use rules::Role;
use rules::Rules;

/// Larger texts are left to the lexer, in bytes.
pub(super) const LARGEST: usize = 512 * 1024;
/// The parser reports after every hundred steps. Real source costs at most 20 reports for a kibibyte; a text
/// that costs more than this is left to the lexer.
const REPORTS_PER_KIB: usize = 64;
/// So many reports are allowed for the shortest text.
const REPORTS_AT_LEAST: usize = 512;
/// A text of which errors swallow more than one part in so many is left to the lexer.
const SWALLOWED_AT_MOST: usize = 8;
/// Of so many errors of one text the lines are kept; one with more is left to the lexer.
const ERRORS_AT_MOST: usize = 64;

/// The processor time that any text may take, and what it may take more for each byte. Real source takes about
/// 0.15 microseconds for a byte.
const TIME_AT_LEAST: Duration = Duration::from_millis(100);
const TIME_PER_BYTE: Duration = Duration::from_nanos(1_500);

static CLOCK: OnceLock<fn() -> Duration> = OnceLock::new();

/// Lends a clock that tells how much processor time the calling thread took; the first one lent is kept.
pub fn lend_clock(clock: fn() -> Duration) {
    let _ = CLOCK.set(clock);
}

/// A language with a grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// Java.
    Java,
    /// JavaScript, with JSX.
    JavaScript,
    /// PHP, within a page or alone.
    Php,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

/// A grammar, and what each kind of its nodes means here, by the number of the kind.
struct Table {
    language: Language,
    roles: Vec<Role>,
}

static TABLES: LazyLock<[Table; 10]> = LazyLock::new(|| {
    [
        Table::of(tree_sitter_c_sharp::LANGUAGE, &rules::CSHARP),
        Table::of(tree_sitter_go::LANGUAGE, &rules::GO),
        Table::of(tree_sitter_java::LANGUAGE, &rules::JAVA),
        Table::of(tree_sitter_javascript::LANGUAGE, &rules::SCRIPT),
        Table::of(tree_sitter_php::LANGUAGE_PHP, &rules::PHP),
        Table::of(tree_sitter_python::LANGUAGE, &rules::PYTHON),
        Table::of(tree_sitter_ruby::LANGUAGE, &rules::RUBY),
        Table::of(tree_sitter_rust::LANGUAGE, &rules::RUST),
        Table::of(tree_sitter_typescript::LANGUAGE_TYPESCRIPT, &rules::SCRIPT),
        Table::of(tree_sitter_typescript::LANGUAGE_TSX, &rules::SCRIPT),
    ]
});

impl Table {
    fn of(language: impl Into<Language>, rules: &Rules) -> Self {
        let language: Language = language.into();
        let kinds = 0..u16::try_from(language.node_kind_count()).unwrap_or(u16::MAX);
        let role = |id: u16| match language.node_kind_for_id(id) {
            Some(name) if language.node_kind_is_named(id) => rules.role(name),
            _ => Role::Plain,
        };
        Self { roles: kinds.map(role).collect(), language }
    }
}

impl Grammar {
    /// The grammar for a file, by its name or, for a script without extension, its first line.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        Some(match extension {
            "cs" => Self::CSharp,
            "go" => Self::Go,
            "java" => Self::Java,
            "js" | "jsx" | "mjs" | "cjs" => Self::JavaScript,
            // Without its mark all of it would be a page.
            "php" | "phtml" | "inc" if text.contains("<?") => Self::Php,
            "py" | "pyi" | "pyw" => Self::Python,
            "rb" | "rake" | "gemspec" | "ru" => Self::Ruby,
            "rs" => Self::Rust,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "" if matches!(name.as_str(), "gemfile" | "rakefile" | "podfile" | "vagrantfile" | "capfile") => Self::Ruby,
            "" => {
                let program = text.lines().next()?.strip_prefix("#!")?;
                let known =
                    [("python", Self::Python), ("node", Self::JavaScript), ("ruby", Self::Ruby), ("php", Self::Php)];
                known.into_iter().find(|(name, _)| program.contains(name))?.1
            }
            _ => return None,
        })
    }

    /// What a node means here.
    #[must_use]
    pub fn role(self, node: &Node<'_>) -> Role {
        let table = TABLES.get(self as usize);
        table.and_then(|table| table.roles.get(usize::from(node.kind_id()))).copied().unwrap_or_default()
    }

    /// Parses a text.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<Parsed> {
        self.parse_after(text, None)
    }

    /// Parses a text that differs from one that was parsed in these places, first to last; what is the same is
    /// taken over.
    #[must_use]
    pub fn parse_beside(self, text: &str, other: &Parsed, edits: &[InputEdit]) -> Option<Parsed> {
        let is_clean = |parsed: &Parsed| parsed.errors.is_empty();
        if other.grammar != self || !is_clean(other) {
            return self.parse(text);
        }
        let mut tree = other.tree.clone();
        // The last first, so that the places of the others stay what they are.
        for edit in edits.iter().rev() {
            tree.edit(edit);
        }
        // Around an error it matters where the parser started.
        self.parse_after(text, Some(&tree)).filter(is_clean).or_else(|| self.parse(text))
    }

    fn parse_after(self, text: &str, old: Option<&Tree>) -> Option<Parsed> {
        if text.len() > LARGEST {
            return None;
        }
        let mut parser = Parser::new();
        parser.set_language(&TABLES.get(self as usize)?.language).ok()?;
        let mut allowed = REPORTS_AT_LEAST + text.len() / 1024 * REPORTS_PER_KIB;
        let clock = CLOCK.get();
        let latest = clock.map(|clock| {
            let n_bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
            clock() + TIME_AT_LEAST + TIME_PER_BYTE.saturating_mul(n_bytes)
        });
        let mut report = |_: &ParseState| {
            allowed = allowed.saturating_sub(1);
            let is_late = clock.zip(latest).is_some_and(|(clock, latest)| clock() > latest);
            if allowed == 0 || is_late { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut read = |at: usize, _| text.as_bytes().get(at..).unwrap_or_default();
        let options = ParseOptions::new().progress_callback(&mut report);
        let tree = parser.parse_with_options(&mut read, old, Some(options))?;
        Parsed::of(self, tree, text.len())
    }
}

/// A text as its grammar reads it.
#[derive(Clone, Debug)]
pub struct Parsed {
    grammar: Grammar,
    tree: Tree,
    /// The first and last line of what the grammar did not understand, in order.
    errors: Vec<(u32, u32)>,
}

impl Parsed {
    fn of(grammar: Grammar, tree: Tree, n_bytes: usize) -> Option<Self> {
        let mut errors = Vec::new();
        let mut n_swallowed = 0;
        if tree.root_node().has_error() {
            walk(&tree, |node| {
                if node.is_error() || node.is_missing() {
                    n_swallowed += node.byte_range().len();
                    errors.push(lines(node));
                }
                node.has_error() && !node.is_error() && errors.len() <= ERRORS_AT_MOST
            });
        }
        let is_read = errors.len() <= ERRORS_AT_MOST && n_swallowed * SWALLOWED_AT_MOST <= n_bytes;
        is_read.then_some(Self { grammar, tree, errors })
    }

    /// The language.
    #[must_use]
    pub fn grammar(&self) -> Grammar {
        self.grammar
    }

    /// The first and last line of what the grammar did not understand, in order.
    #[must_use]
    pub fn errors(&self) -> &[(u32, u32)] {
        &self.errors
    }

    /// Whether one of these lines, both included, belongs to what the grammar did not understand.
    #[must_use]
    pub fn is_unsure(&self, first: u32, last: u32) -> bool {
        self.errors.iter().any(|(from, to)| *from <= last && first <= *to)
    }

    /// A cursor at the root.
    #[must_use]
    pub fn cursor(&self) -> TreeCursor<'_> {
        self.tree.walk()
    }

    /// Visits every node before its children; those of a node for which `visit` answers no are left out.
    pub fn walk<'tree>(&'tree self, visit: impl FnMut(&Node<'tree>) -> bool) {
        walk(&self.tree, visit);
    }
}

/// Without recursion: the depth of a tree is up to who wrote the text.
fn walk<'tree>(tree: &'tree Tree, mut visit: impl FnMut(&Node<'tree>) -> bool) {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        // To be asked for a child is dearer for a leaf than to be asked whether it has one.
        if visit(&node) && node.child_count() > 0 && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The first and last line of a node; a line break at its end belongs to the last line.
#[must_use]
pub fn lines(node: &Node<'_>) -> (u32, u32) {
    let (start, end) = (node.start_position(), node.end_position());
    let last = if end.column == 0 && end.row > start.row { end.row - 1 } else { end.row };
    let number = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
    (number(start.row), number(last))
}

#[cfg(test)]
mod tests;
