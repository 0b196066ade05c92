//! Keeps the list of signatures that speak of files which the newest deploy changed.

use git2::Repository;

use crate::detect::{Catalog, Deploy};
use crate::shell::git::read::{self, Range};
use crate::triage::named::{speaks_of, telling_names};
use crate::units::SignatureId;

/// What a deploy changed, and the signatures that speak of it.
#[derive(Debug, Default)]
pub(super) struct Favored {
    /// Revisions before and after the deploy that was looked at.
    range: Option<(String, String)>,
    names: Vec<String>,
    /// How many signatures of the catalog were looked at.
    n_seen: usize,
    found: Vec<SignatureId>,
}

impl Favored {
    /// Looks at what is new: another deploy, or signatures not seen before. What a signature says decides, and
    /// never how often it was counted.
    pub(super) fn update(
        &mut self,
        repo: impl FnOnce() -> Option<Repository>,
        newest: Option<&Deploy>,
        catalog: &Catalog,
    ) -> &[SignatureId] {
        let range = newest.and_then(|deploy| Some((deploy.previous.clone()?, deploy.revision.clone()?)));
        if range != self.range {
            let names = range.as_ref().zip(repo()).map(|((base, head), repo)| changed_names(&repo, base, head));
            *self = Self { range, names: names.unwrap_or_default(), ..Self::default() };
        }
        if !self.names.is_empty() {
            for (_, known) in catalog.iter().skip(self.n_seen) {
                if speaks_of(&known.example, &self.names) {
                    self.found.push(known.id);
                }
            }
        }
        self.n_seen = catalog.len();
        &self.found
    }
}

/// Of a change that cannot be read, nothing is favored; triage says why when it is asked.
fn changed_names(repo: &Repository, base: &str, head: &str) -> Vec<String> {
    let paths = read::changed_paths(repo, &Range::new(base, head)).unwrap_or_default();
    telling_names(paths.iter().map(String::as_str))
}
