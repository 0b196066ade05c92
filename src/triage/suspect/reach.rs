//! Follows what failing tests call, and what they import, through the files whose text is known.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::bodies::calls;
use super::sheet::{Sheet, unchanged};
use super::shelf::{Leaf, Shelf};
use super::weights as w;
use crate::triage::Change;
use crate::triage::import::imports;
use crate::triage::syntax::{Kind, Source};

/// How many calls deep a test is followed, and how many functions are read on the way.
const DEPTH: usize = 4;
const FUNCTIONS: usize = 1_500;
/// Lines of a function that are read.
const LINES: u32 = 200;

/// What the tests' files import, over a few steps through files whose text is known.
pub(super) fn reached(files: &[String], change: &Change, sheets: &[Sheet<'_>]) -> HashMap<String, u32> {
    let unchanged: Vec<(&str, &str)> = unchanged(change).collect();
    let mut reached: HashMap<String, u32> = HashMap::new();
    let mut frontier: Vec<&str> = files.iter().map(String::as_str).collect();
    for step in 1..=3_u32 {
        let mut next: Vec<&str> = Vec::new();
        for path in frontier {
            let Some(text) = change.text_at_head(path) else { continue };
            let all = sheets.iter().map(Sheet::path).chain(unchanged.iter().map(|(path, _)| *path));
            for target in all {
                if target != path && !reached.contains_key(target) && imports(path, text, target) {
                    reached.insert(target.to_owned(), step);
                    next.push(target);
                }
            }
        }
        frontier = next;
    }
    reached
}

/// A function whose text is known.
struct Body<'r> {
    source: &'r Source<'r>,
    first: u32,
    last: u32,
    /// How many functions of its file have its name.
    n_same: usize,
}

/// How telling each name is that the called functions lead to, where their source is known: the
/// functions that they call and the tables that they look into, each further call for less.
pub(super) fn inner_calls(
    called: &BTreeMap<String, f64>,
    reached: &HashMap<String, u32>,
    shelf: &Shelf<'_>,
    sheets: &[Sheet<'_>],
) -> Inner {
    let read: Vec<Rc<Leaf<'_>>> = unchanged(shelf.change())
        .filter(|(path, _)| reached.contains_key(*path))
        .filter_map(|(path, _)| shelf.leaf(path))
        .collect();
    let own = sheets.iter().filter(|sheet| reached.contains_key(sheet.path()));
    let all = own
        .map(|sheet| (&sheet.after, &sheet.scopes_after))
        .chain(read.iter().map(|leaf| (&leaf.source, &leaf.scopes)));
    let mut bodies: HashMap<&str, Vec<Body<'_>>> = HashMap::new();
    for (source, scopes) in all {
        for scope in scopes.iter().filter(|scope| scope.is_function) {
            let (first, last) = (scope.first + 1, scope.last.min(scope.first + LINES));
            bodies.entry(&scope.name).or_default().push(Body { source, first, last, n_same: 1 });
        }
    }
    for same in bodies.values_mut() {
        let n_same = same.len();
        same.iter_mut().for_each(|body| body.n_same = n_same);
    }
    let tables: BTreeSet<&str> =
        sheets.iter().flat_map(|sheet| &sheet.pieces).flat_map(|piece| &piece.tables).map(String::as_str).collect();
    Inner { telling: follow(called, &bodies, &tables), all: all_called(called, &bodies) }
}

/// What the functions call that tests call.
#[derive(Default)]
pub(super) struct Inner {
    /// How telling each name is.
    pub(super) telling: BTreeMap<String, f64>,
    /// Every name that is called on the way, however little it tells.
    pub(super) all: HashSet<String>,
}

/// Every name that the called functions lead to, over some more calls.
fn all_called(called: &BTreeMap<String, f64>, bodies: &HashMap<&str, Vec<Body<'_>>>) -> HashSet<String> {
    let mut all: HashSet<String> = called.keys().cloned().collect();
    let (mut frontier, mut room): (Vec<String>, usize) = (called.keys().cloned().collect(), FUNCTIONS);
    for _ in 0..2 * DEPTH {
        let mut next = Vec::new();
        for name in &frontier {
            let same = bodies.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            for body in same.iter().take(room) {
                let inner = calls(body.source, body.first, body.last).filter(|inner| !all.contains(*inner));
                let inner: BTreeSet<&str> = inner.collect();
                next.extend(inner.iter().map(|inner| (*inner).to_owned()));
                all.extend(inner.into_iter().map(str::to_owned));
            }
            room = room.saturating_sub(same.len());
        }
        frontier = next;
    }
    all
}

fn follow(
    called: &BTreeMap<String, f64>,
    bodies: &HashMap<&str, Vec<Body<'_>>>,
    tables: &BTreeSet<&str>,
) -> BTreeMap<String, f64> {
    let mut inner: BTreeMap<String, f64> = BTreeMap::new();
    let mut frontier: BTreeMap<String, f64> =
        called.iter().filter(|(_, weight)| **weight >= w::TRIAL_FOLLOWED).map(|(name, w)| (name.clone(), *w)).collect();
    let (mut done, mut room): (HashSet<String>, usize) = (HashSet::new(), FUNCTIONS);
    for _ in 0..DEPTH {
        let mut next: BTreeMap<String, f64> = BTreeMap::new();
        for (name, weight) in &frontier {
            let Some(same) = bodies.get(name.as_str()).filter(|_| done.insert(name.clone())) else { continue };
            for body in same.iter().take(room) {
                let weight = weight * w::TRIAL_INNER / (body.n_same as f64).sqrt();
                let tokens = body.source.tokens_in(body.first, body.last).iter();
                let words = tokens.filter(|token| token.kind == Kind::Word).map(|token| body.source.of(token));
                let looked_into = words.filter(|word| tables.contains(word));
                for name in calls(body.source, body.first, body.last).chain(looked_into) {
                    for known in [inner.entry(name.to_owned()), next.entry(name.to_owned())] {
                        let known = known.or_default();
                        *known = known.max(weight);
                    }
                }
            }
            room = room.saturating_sub(same.len());
        }
        next.retain(|_, weight| *weight >= w::TRIAL_LEAST);
        frontier = next;
    }
    inner
}
