//! Looks past functions that only raise what they are told.
//!
//! `self.fail("invalid")` raises within `fail`, but the error was found where that was called: the line says which
//! error it is, and what its function asked before is what the error hangs on.

use std::collections::BTreeSet;

use super::flow::{checks, conditions};
use super::given::sources;
use super::sheet::Sheet;
use super::stack::{Spot, calls, is_keyword};
use crate::triage::syntax::{Kind, Source, Token};

/// The most functions that hand one error on.
const STEPS: usize = 3;

/// A line that does nothing but call a function with a text.
pub(super) struct Told {
    /// The function.
    function: String,
    /// The names that were tested before it came to that.
    depends: BTreeSet<String>,
    /// What was called to test them.
    calls: BTreeSet<String>,
    /// What gave them their values.
    sources: BTreeSet<String>,
}

/// Reads the statement at these lines of a function that starts at line `first`; `None` where it does more than to
/// call, or gives no text.
pub(super) fn told(source: &Source<'_>, first: u32, (line, last): (u32, u32)) -> Option<Told> {
    let tokens: Vec<&Token> = source.tokens_in(line, last).iter().filter(|token| token.kind != Kind::Comment).collect();
    let opened = tokens.iter().position(|token| source.of(token) == "(")?;
    let (head, rest) = tokens.split_at_checked(opened)?;
    let is_plain = |token: &&Token| {
        token.kind == Kind::Word || matches!(source.of(token), "." | "-" | ">" | "->" | "::" | ":" | "$")
    };
    let has_text = rest.iter().any(|token| token.kind == Kind::Text);
    let closes = rest.iter().rev().find(|token| source.of(token) != ";").is_some_and(|token| source.of(token) == ")");
    if !head.iter().all(is_plain) || !has_text || !closes {
        return None;
    }
    let function = head.last().filter(|token| token.kind == Kind::Word).map(|token| source.of(token).to_owned())?;
    let asked = [conditions(source, first, line), checks(source, first, line)].concat();
    let words = asked.iter().flat_map(|line| source.words_in(*line, *line));
    let depends: BTreeSet<String> = words.filter(|word| !is_keyword(word)).map(str::to_owned).collect();
    let called = asked.iter().flat_map(|line| calls(source, *line, *line)).collect();
    let sources = sources(source, first + 1, line.saturating_sub(1), &depends);
    Some(Told { function, depends, calls: called, sources })
}

/// Takes away the places within functions that only raise what the line further out tells them, as far as the deploy
/// left those alone; what is further out comes nearer by as many steps.
pub(super) fn look_past(spots: &mut Vec<Spot>, sheets: &[Sheet<'_>]) {
    for _ in 0..STEPS {
        let [inner, outer, ..] = spots.as_slice() else { return };
        let is_code = |spot: &Spot| spot.is_believed() && !spot.is_test();
        let name = inner.function_name();
        let is_told = outer.told.as_ref().is_some_and(|told| told.function == name);
        if !is_code(inner) || !is_code(outer) || !is_told || !inner.is_guard(sheets) {
            return;
        }
        spots.remove(0);
        for spot in spots.iter_mut().filter(|spot| spot.place.depth > 0) {
            spot.place.depth -= 1;
            spot.n_passed += 1;
        }
        let Some(raising) = spots.first_mut() else { return };
        raising.raises = true;
        if let Some(told) = raising.told.take() {
            (raising.depends, raising.calls, raising.sources) = (told.depends, told.calls, told.sources);
        }
    }
}
