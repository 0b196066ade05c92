//! Tells whose member a changed function or table is, where several classes of a file have one of that name.
//!
//! A test that calls `format` of one locale says nothing of the `format` of another.

use std::collections::BTreeSet;

use super::sheet::{Piece, Sheet, given_name};
use super::weights as w;

/// How likely the member of this name that the hunk changes is the one that is meant, from 0 to 1; `is_said` tells
/// of a class whether the tests name it.
pub(super) fn share(sheet: &Sheet<'_>, piece: &Piece<'_>, name: &str, is_said: impl Fn(&str) -> bool) -> f64 {
    let n_same = sheet.scopes_after.n_named(name).max(sheet.scopes_before.n_named(name)).max(1);
    let even = 1.0 / (n_same as f64).sqrt();
    let owners = owners(sheet, name);
    if owners.len() < 2 {
        return even;
    }
    let is_own = |class: &&str| classes_at(sheet, piece.lines.0).any(|own| own == *class);
    if owners.iter().filter(|class| is_own(class)).any(|class| is_said(class)) {
        1.0
    } else if owners.iter().any(|class| is_said(class)) {
        w::OTHER_OWNER
    } else {
        even.min(1.0 / (owners.len() as f64).sqrt())
    }
}

/// The classes of the file after the change that have a function or table of this name.
pub(super) fn owners<'s>(sheet: &'s Sheet<'_>, name: &'s str) -> BTreeSet<&'s str> {
    let lines = sheet.scopes_after.named(name).map(|scope| scope.first);
    let tables = (1..=sheet.after.n_lines()).filter(|line| given_name(sheet.after.line(*line)) == Some(name));
    let is_outer = |line: &u32| sheet.scopes_after.at(*line).is_none_or(|scope| !scope.is_function);
    let lines: Vec<u32> = lines.chain(tables.filter(is_outer)).collect();
    lines.into_iter().filter_map(|line| classes_at(sheet, line).last()).collect()
}

/// The classes around a line, the outer first.
fn classes_at<'s>(sheet: &'s Sheet<'_>, line: u32) -> impl Iterator<Item = &'s str> {
    let holds =
        move |scope: &&crate::triage::scope::Scope| !scope.is_function && scope.first <= line && line <= scope.last;
    sheet.scopes_after.iter().filter(holds).map(|scope| scope.name.as_str())
}
