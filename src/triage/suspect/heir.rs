//! Evidence from a method that a class no longer has, so that the one it inherits runs in its place.
//!
//! The stack then shows the method of the base class, which did not change, and nothing of the class that lost its own.

use super::evidence::{Family, Reason, Strength};
use super::sheet::{Piece, Sheet};
use super::stack::Spot;
use super::weights as w;
use crate::triage::scope::Scope;
use crate::triage::syntax::{Source, words};

/// Only so many places are compared.
const FOLLOWED: usize = 6;
/// The most methods of one hunk that are looked at.
const METHODS: usize = 24;

/// A place of the error runs the method that the hunk's class inherits since it lost its own.
pub(super) fn weigh(spots: &[Spot], sheet: &Sheet<'_>, piece: &Piece<'_>) -> Option<Reason> {
    let spots: Vec<(i32, &Spot)> = (0_i32..).zip(spots.iter().filter(|spot| !spot.is_test()).take(FOLLOWED)).collect();
    if spots.is_empty() || piece.hunk.removed.is_empty() {
        return None;
    }
    let n_removed = u32::try_from(piece.hunk.removed.len()).unwrap_or(u32::MAX);
    let (first, last) = (piece.hunk.old_start, piece.hunk.old_start.saturating_add(n_removed).saturating_sub(1));
    let is_on_stack = |name: &str| spots.iter().any(|(_, spot)| spot.is_of(name));
    let is_lost =
        |name: &str| is_on_stack(name) && sheet.scopes_before.n_named(name) > sheet.scopes_after.n_named(name);
    let methods = sheet
        .scopes_before
        .within(first, last)
        .into_iter()
        .filter(|scope| scope.is_function && first <= scope.first && scope.last <= last);
    methods.filter(|method| is_lost(&method.name)).take(METHODS).find_map(|method| {
        let is_around = |class: &&Scope| !class.is_function && class.first < method.first && method.last <= class.last;
        let class = sheet.scopes_before.iter().filter(is_around).last()?;
        let bases = bases(&sheet.before, class.first, &class.name);
        let is_of_base = |spot: &Spot| {
            let text = spot.text.as_deref().unwrap_or_default();
            bases.iter().any(|base| text.contains(&format!("class {base}")))
        };
        let (step, spot) = spots.iter().find(|(_, spot)| spot.is_of(&method.name) && is_of_base(spot))?;
        let place = piece.place(sheet.path());
        let text = format!("{} runs since `{}` lost its own `{}` at {place}", spot.name(), class.name, method.name);
        let points = w::INHERITED * w::FADE.powi(*step) * spot.certainty();
        Some(Reason { strength: Strength::Decides, ..Reason::new(Family::Stack, points, text) })
    })
}

/// What the head of a class names beside itself.
fn bases(source: &Source<'_>, line: u32, class: &str) -> Vec<String> {
    let head = (line..line.saturating_add(4)).map(|line| source.line(line)).find(|line| line.contains(class));
    let named = words(head.unwrap_or_default()).filter(|word| *word != class && word.starts_with(char::is_uppercase));
    named.map(str::to_owned).collect()
}
