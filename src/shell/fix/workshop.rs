//! Builds and checks out trees in throw-away repositories.
//!
//! Objects that are computed go to a store in a temporary folder that borrows the user's objects
//! without writing to them. Each checkout is a repository of its own, with its HEAD at the deployed
//! revision, so that a test that asks git something gets an answer, and one that changes something
//! changes nothing of the user's.

mod archive;
pub(in crate::shell) use archive::Left;
mod texts;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{Diff, Oid, Repository, RepositoryInitOptions, Tree};
use tempfile::TempDir;

use crate::shell::git::revert::{self, RevertError};
use crate::shell::git::{GitError, read};
use crate::triage::{Change, HunkId};

/// Where trees are built and checked out; gone, with all that was in it, when dropped.
pub(in crate::shell) struct Workshop {
    store: Repository,
    base: Oid,
    head: Oid,
    /// Folders with objects that a checkout borrows.
    objects: Vec<PathBuf>,
    /// What the user's clone lacks, where it is shallow.
    shallow: Option<Vec<u8>>,
    /// The user's tags, as a file of packed references: many a build derives its version from them.
    tags: Vec<u8>,
    n_checkouts: usize,
    root: PathBuf,
    // Removed last.
    _folder: TempDir,
}

impl Workshop {
    /// Makes a workshop for a change of the repository at this path.
    pub(in crate::shell) fn open(repo_path: &Path, change: &Change) -> Result<Self, RevertError> {
        Self::open_with(repo_path, None, change)
    }

    /// Makes a workshop for a change of which some revision lies in another folder of objects.
    pub(in crate::shell) fn open_with(
        repo_path: &Path,
        objects: Option<&Path>,
        change: &Change,
    ) -> Result<Self, RevertError> {
        let repo = read::open(repo_path)?;
        let users = repo.commondir().join("objects");
        let users = users.canonicalize().map_err(no_folder(&users))?;
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new().prefix("aftercare-fix-").tempdir().map_err(no_folder(&temporary))?;
        let root = folder.path().canonicalize().map_err(no_folder(folder.path()))?;
        let place = root.join("store");
        let lent: Vec<PathBuf> = std::iter::once(users).chain(objects.map(Path::to_path_buf)).collect();
        let store = borrowing(&place, true, &lent)?;
        let shallow = fs::read(repo.commondir().join("shallow")).ok();
        let mut workshop = Self {
            base: Oid::ZERO_SHA1,
            head: Oid::ZERO_SHA1,
            objects: std::iter::once(place.join("objects")).chain(lent).collect(),
            shallow,
            tags: tags(&repo),
            n_checkouts: 0,
            root,
            _folder: folder,
            store,
        };
        workshop.base = workshop.commit(&change.base)?;
        workshop.head = workshop.commit(&change.head)?;
        Ok(workshop)
    }

    fn commit(&self, id: &str) -> Result<Oid, RevertError> {
        let unknown = |_| RevertError::NothingBefore;
        let id = Oid::from_str(id).map_err(unknown)?;
        self.store.find_commit(id).map(|commit| commit.id()).map_err(unknown)
    }

    /// The tree before the deploy.
    pub(in crate::shell) fn base(&self) -> Result<Oid, RevertError> {
        Ok(self.tree_of(self.base)?.id())
    }

    fn tree_of(&self, commit: Oid) -> Result<Tree<'_>, GitError> {
        let read = self.store.find_commit(commit).and_then(|commit| commit.tree());
        read.map_err(GitError::reading(format!("the tree of {commit}")))
    }

    /// Builds the deployed tree without these hunks and files.
    pub(in crate::shell) fn without(
        &self,
        change: &Change,
        hunks: &[HunkId],
        files: &[usize],
    ) -> Result<Oid, RevertError> {
        revert::without(&self.store, change, hunks, files)
    }

    /// Checks a tree out; what was checked out before is removed.
    pub(in crate::shell) fn checkout(&mut self, tree: Oid) -> Result<PathBuf, RevertError> {
        let mut place = self.place();
        if fs::remove_dir_all(&place).is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            // A run left something that cannot be removed now; it goes with the workshop, or with the system.
            self.n_checkouts += 1;
            place = self.place();
        }
        let repo = borrowing(&place, false, &self.objects)?;
        for (name, content) in [("shallow", self.shallow.as_ref()), ("packed-refs", Some(&self.tags))] {
            let file = repo.path().join(name);
            content.map_or(Ok(()), |content| fs::write(&file, content)).map_err(no_folder(&file))?;
        }
        let writing = || RevertError::writing("a checkout for a run of the command");
        repo.set_head_detached(self.head).map_err(writing())?;
        let tree = repo.find_object(tree, None).map_err(GitError::reading("a tree that was computed"))?;
        repo.checkout_tree(&tree, Some(CheckoutBuilder::new().force())).map_err(writing())?;
        Ok(place)
    }

    fn place(&self) -> PathBuf {
        self.root.join(if self.n_checkouts == 0 { "work".to_owned() } else { format!("work-{}", self.n_checkouts) })
    }

    /// The unified diff from the deployed tree to this one.
    pub(in crate::shell) fn patch(&self, change: &Change, tree: Oid) -> Result<String, RevertError> {
        revert::patch_to(&self.store, change, tree)
    }

    /// The paths in which a tree differs from the deployed one, bytes that are no UTF-8 replaced.
    pub(in crate::shell) fn touched(&self, tree: Oid) -> Result<Vec<String>, RevertError> {
        let reading = || GitError::reading("what the patch touches");
        let (head, tree) = (self.tree_of(self.head)?, self.store.find_tree(tree).map_err(reading())?);
        let diff = self.store.diff_tree_to_tree(Some(&head), Some(&tree), None).map_err(reading())?;
        let path = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(diff.deltas().filter_map(|delta| delta.new_file().path_bytes().map(path)).collect())
    }

    /// Whether the patch, applied to the deployed tree, gives this one; or why it does not apply.
    pub(in crate::shell) fn applies(&self, patch: &str, tree: Oid) -> Result<bool, String> {
        let applied = || -> Result<Oid, git2::Error> {
            let diff = Diff::from_buffer(patch.as_bytes())?;
            let head = self.store.find_commit(self.head)?.tree()?;
            self.store.apply_to_tree(&head, &diff, None)?.write_tree_to(&self.store)
        };
        applied().map(|result| result == tree).map_err(|error| error.message().to_owned())
    }
}

/// The tags of a repository, a line each; those that cannot be read are left out.
fn tags(repo: &Repository) -> Vec<u8> {
    let mut lines = Vec::new();
    let Ok(found) = repo.references_glob("refs/tags/*") else { return lines };
    for tag in found.flatten() {
        let Some(target) = tag.target() else { continue };
        lines.extend_from_slice(target.to_string().as_bytes());
        lines.push(b' ');
        lines.extend_from_slice(tag.name_bytes());
        lines.push(b'\n');
    }
    lines
}

/// Makes a repository that finds objects in these folders too.
pub(in crate::shell) fn borrowing(place: &Path, bare: bool, objects: &[PathBuf]) -> Result<Repository, RevertError> {
    let mut options = RepositoryInitOptions::new();
    options.bare(bare).no_reinit(true).mkdir(true).mkpath(true).external_template(false);
    let made = Repository::init_opts(place, &options).map_err(RevertError::writing("a throw-away repository"))?;
    let folder = made.path().join("objects").join("info");
    let mut lines = Vec::new();
    for path in objects {
        lines.extend_from_slice(path.as_os_str().as_encoded_bytes());
        lines.push(b'\n');
    }
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("alternates"), lines))
        .map_err(no_folder(&folder))?;
    Repository::open(place).map_err(|error| GitError::opening(place, error).into())
}

pub(in crate::shell) fn no_folder(path: &Path) -> impl FnOnce(io::Error) -> RevertError + use<> {
    let path = path.to_owned();
    move |source| RevertError::NoFolder { path, source }
}
