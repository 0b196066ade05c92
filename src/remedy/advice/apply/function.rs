//! Replaces one function or class by a new text of it.

use super::elision;
use super::find::Match;
use super::indent::{self, Indents};
use super::lines::{Text, bodies, is_blank, numberless};
use super::merge::Merge;
use crate::triage::scope::{Scope, Scopes};
use crate::triage::syntax::{Kind, Source};

/// The text of a file with one function or class replaced.
///
/// # Errors
///
/// When the file has none, or more than one, of that name, or the new text is not one of that name.
pub(super) fn replace(path: &str, current: &str, name: &str, text: &str) -> Result<String, String> {
    let numberless = numberless(text);
    let text = numberless.as_deref().unwrap_or(text);
    let source = Source::read(path, current);
    let scopes = Scopes::of(&source);
    let wanted = simple(name);
    let new = Source::read(path, text);
    let scope = one(&source, &scopes, name, wanted, &new)?;
    if !Scopes::of_passage(&new).defines(wanted) {
        return Err(format!("The new text does not define {wanted:?}; give the whole function, with its first line."));
    }
    let file = Text::of(current);
    let (first, last) = (scope.first as usize - 1, scope.last as usize - 1);
    let old: Vec<&str> = file.lines.get(first..=last).unwrap_or_default().to_vec();
    let all = bodies(text);
    let given = without_front(&file, first, &old, &all);
    let indents = indents(&old, &given);
    let scale = indent::scale(&file.lines, &given);
    let given: Vec<String> = given.iter().map(|line| indents.translate(line, scale)).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let given = elision::filled(&old, &given)?;
    let pairs = (0..old.len()).map(|at| Some(first + at)).collect();
    let place = Match { first, last, pairs, indents: Indents::default() };
    Ok(Merge { file: &file, search: &old, replace: &given, place }.text())
}

/// The last part of `Class.method`, `Class::method` or `method(...)`.
fn simple(name: &str) -> &str {
    let name = name.trim().trim_matches('`');
    let name = name.split('(').next().unwrap_or(name).trim();
    let name = name.rsplit(|c: char| c.is_whitespace()).next().unwrap_or(name);
    name.rsplit(['.', ':', '#', '>']).next().unwrap_or(name)
}

/// The class that a name is said to belong to.
fn outer(name: &str) -> Option<&str> {
    let name = name.trim().trim_matches('`').split('(').next()?.trim();
    let parts: Vec<&str> = name.split(['.', ':', '#', '>']).filter(|part| !part.is_empty()).collect();
    parts.len().checked_sub(2).and_then(|at| parts.get(at)).copied()
}

/// The one function or class of this name; where there are several, the one in the named class or
/// with the same first line.
fn one(source: &Source<'_>, scopes: &Scopes, name: &str, wanted: &str, new: &Source<'_>) -> Result<Scope, String> {
    let all: Vec<Scope> = scopes.iter().cloned().collect();
    let mut named: Vec<Scope> = all.iter().filter(|scope| scope.name == wanted).cloned().collect();
    if named.len() > 1 {
        let is_in = |scope: &Scope| {
            outer(name).is_some_and(|outer| {
                all.iter().any(|holds| holds.name == outer && holds.first <= scope.first && scope.last <= holds.last)
            })
        };
        let inside: Vec<Scope> = named.iter().filter(|scope| is_in(scope)).cloned().collect();
        if inside.len() == 1 {
            named = inside;
        }
    }
    if named.len() > 1 {
        let head = |source: &Source<'_>, from: u32| {
            let line = (from..from + 8).map(|number| source.line(number)).find(|line| line.contains(wanted));
            line.map(|line| line.trim().to_owned())
        };
        let written = head(new, 1);
        named.retain(|scope| head(source, scope.first) == written);
    }
    match named.as_slice() {
        [scope] => Ok(scope.clone()),
        [] => Err(format!(
            "The file defines no function or class {wanted:?} that this could replace; give the lines to search for instead."
        )),
        several => Err(format!(
            "The file defines {wanted:?} {} times; name its class, or give the lines to search for instead.",
            several.len()
        )),
    }
}

/// The new lines without blank ones around them, without comments that already stand above the
/// function, and with the decorators that the author forgot.
fn without_front<'l>(file: &Text<'l>, first: usize, old: &[&'l str], new: &[&'l str]) -> Vec<&'l str> {
    let from = new.iter().position(|line| !is_blank(line)).unwrap_or(0);
    let to = new.iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1);
    let mut given: Vec<&str> = new.get(from..to).unwrap_or_default().to_vec();
    let above = file.lines.get(..first).unwrap_or_default();
    let n_said = (1..=above.len().min(given.len()))
        .rev()
        .find(|n_lines| {
            let said = above.get(above.len() - n_lines..).unwrap_or_default();
            let again = given.get(..*n_lines).unwrap_or_default();
            said.iter().zip(again).all(|(a, b)| !is_blank(a) && a.trim() == b.trim())
        })
        .unwrap_or(0);
    given.drain(..n_said);
    let is_decorator = |line: &str| ["@", "#[", "["].iter().any(|mark| line.trim_start().starts_with(mark));
    let forgotten: Vec<&str> = old.iter().take_while(|line| is_decorator(line)).copied().collect();
    if given.first().is_some_and(|line| !is_decorator(line)) {
        let margin = given.first().map_or("", |line| indent::of(line)).len();
        let theirs = forgotten.first().map_or("", |line| indent::of(line)).len();
        if margin == theirs {
            given.splice(0..0, forgotten);
        }
    }
    given
}

/// How the indentation of the new lines is written in the file: by their first lines, and by all lines
/// that both have.
fn indents(old: &[&str], new: &[&str]) -> Indents {
    let seen = |lines: &[&str]| lines.iter().find(|line| !is_blank(line)).map(|line| (*line).to_owned());
    let (Some(held), Some(written)) = (seen(old), seen(new)) else { return Indents::default() };
    let shared = new.iter().filter(|line| !is_blank(line)).filter_map(|line| {
        let mut same = old.iter().filter(|held| held.trim() == line.trim());
        let held = same.next()?;
        same.next().is_none().then_some((*line, *held))
    });
    let firsts = [(written.as_str(), held.as_str())];
    let all = Indents::learn(firsts.into_iter().chain(shared));
    // A line that both have may have moved deeper; then the first lines alone tell.
    all.or_else(|| Indents::learn(firsts.into_iter())).unwrap_or_default()
}

/// The name of the one function of the file that a text consists of; `None` when it is, or may be,
/// something else.
pub(super) fn only_function(path: &str, current: &str, text: &str) -> Option<String> {
    let (source, new) = (Source::read(path, current), Source::read(path, text));
    let (scopes, new_scopes) = (Scopes::of(&source), Scopes::of_passage(&new));
    let mut code = new.tokens.iter().filter(|token| token.kind != Kind::Comment);
    let first = new_scopes.iter().next()?.clone();
    let covers = code.all(|token| first.first <= token.line && token.line <= first.last);
    if !covers || scopes.n_named(&first.name) != 1 {
        return None;
    }
    let held = scopes.iter().find(|scope| scope.name == first.name)?;
    let has_more = source
        .tokens
        .iter()
        .any(|token| token.kind != Kind::Comment && (token.line < held.first || token.line > held.last));
    has_more.then_some(first.name)
}
