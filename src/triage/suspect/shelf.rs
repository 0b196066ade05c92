//! Keeps the unchanged files that an error leads to, each read once.
//!
//! They only tell where something stands and what it calls; nothing of them was changed, so that their layout is
//! enough and no grammar is asked.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::triage::Change;
use crate::triage::scope::Scopes;
use crate::triage::syntax::Source;

/// A file, read.
pub(super) struct Leaf<'c> {
    pub(super) source: Source<'c>,
    pub(super) scopes: Scopes,
}

/// The files at head, read when they are first asked for.
pub(super) struct Shelf<'c> {
    change: &'c Change,
    leaves: RefCell<HashMap<String, Rc<Leaf<'c>>>>,
}

impl<'c> Shelf<'c> {
    pub(super) fn new(change: &'c Change) -> Self {
        Self { change, leaves: RefCell::new(HashMap::new()) }
    }

    /// The change whose files these are.
    pub(super) fn change(&self) -> &'c Change {
        self.change
    }

    /// The file at this path; `None` where its text is not known.
    pub(super) fn leaf(&self, path: &str) -> Option<Rc<Leaf<'c>>> {
        if let Some(leaf) = self.leaves.borrow().get(path) {
            return Some(Rc::clone(leaf));
        }
        let source = Source::read(path, self.change.text_at_head(path)?);
        let scopes = Scopes::of_passage(&source);
        let leaf = Rc::new(Leaf { source, scopes });
        self.leaves.borrow_mut().insert(path.to_owned(), Rc::clone(&leaf));
        Some(leaf)
    }
}
