//! Gives a coding agent files of its own, and takes back what it left.
//!
//! The agent's folder is a repository with one commit and all its objects: no path in it leads to the
//! user's. What the agent did to that repository (commits, branches, hooks, settings) is never read; its
//! result is what stands in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use git2::build::{CheckoutBuilder, TreeUpdateBuilder};
use git2::{ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};

use super::{Workshop, no_folder};
use crate::remedy::advice::orders::gives_orders;
use crate::shell::git::GitError;
use crate::shell::git::revert::RevertError;

const SYMLINK: i32 = 0o120_000;

/// Bytes of one file that an agent may leave.
const FILE_BYTES: u64 = 4 << 20;

/// Entries of folders that are looked at for new files.
const ENTRIES: usize = 50_000;

/// Folders and files that tools leave behind, and nobody means.
const RESIDUE: [&str; 12] = [
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    "node_modules",
    "target",
    ".gradle",
    ".aider.tags.cache.v4",
    ".aider.chat.history.md",
    ".aider.input.history",
    ".claude",
    ".DS_Store",
];

/// A file of the deployed tree.
struct Deployed {
    id: Oid,
    mode: i32,
}

/// What an agent left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::shell) struct Left {
    /// New contents of files that it may change; `None` where it deleted one.
    pub(in crate::shell) files: BTreeMap<String, Option<Vec<u8>>>,
    /// What else it changed, made or deleted, as paths; that is thrown away.
    pub(in crate::shell) outside: Vec<String>,
    /// What it did to its files that does not count, as sentences.
    pub(in crate::shell) notes: Vec<String>,
}

impl Workshop {
    /// Makes a folder with the deployed files, in a repository that knows no other.
    pub(in crate::shell) fn archive(&self) -> Result<PathBuf, RevertError> {
        let place = self.root.join("agent");
        let writing = || RevertError::writing("the files for an agent");
        let mut options = RepositoryInitOptions::new();
        options.no_reinit(true).mkdir(true).mkpath(true).external_template(false).initial_head("main");
        let repo = Repository::init_opts(&place, &options).map_err(writing())?;
        let tree_id = self.without_orders()?;
        let mut pack = self.store.packbuilder().map_err(writing())?;
        pack.insert_tree(tree_id).map_err(writing())?;
        let folder = repo.path().join("objects").join("pack");
        fs::create_dir_all(&folder).map_err(no_folder(&folder))?;
        pack.write(&folder, 0).map_err(writing())?;
        drop(repo);
        let repo = Repository::open(&place).map_err(|error| GitError::opening(&place, error))?;
        let author = Signature::new("aftercare", "aftercare@localhost", &Time::new(0, 0)).map_err(writing())?;
        let tree = repo.find_tree(tree_id).map_err(writing())?;
        repo.commit(Some("HEAD"), &author, &author, "As deployed", &tree, &[]).map_err(writing())?;
        let mut checkout = CheckoutBuilder::new();
        checkout.force().disable_filters(true);
        repo.checkout_tree(tree.as_object(), Some(&mut checkout)).map_err(writing())?;
        Ok(place)
    }

    /// The deployed tree without the files from which agents take orders.
    fn without_orders(&self) -> Result<Oid, RevertError> {
        let tree = self.tree_of(self.head)?;
        let given = self.orders()?;
        if given.is_empty() {
            return Ok(tree.id());
        }
        let mut builder = TreeUpdateBuilder::new();
        for path in &given {
            builder.remove(path.as_str());
        }
        builder.create_updated(&self.store, &tree).map_err(RevertError::writing("the files for an agent"))
    }

    /// The files of the deployed tree from which agents take orders: they get none of them.
    pub(in crate::shell) fn orders(&self) -> Result<Vec<String>, RevertError> {
        Ok(self.all()?.into_keys().filter(|path| gives_orders(path)).collect())
    }

    /// A folder of the workshop's own, for instance as somebody's home.
    pub(in crate::shell) fn folder(&self, name: &str) -> Result<PathBuf, RevertError> {
        let place = self.root.join(name);
        fs::create_dir_all(&place).map_err(no_folder(&place))?;
        Ok(place)
    }

    /// What stands in an agent's folder; `scope` are the files that may be changed, `made` those that may
    /// also be made, and `ours` is a folder that was put there for the agent.
    pub(in crate::shell) fn left(
        &self,
        place: &Path,
        scope: &BTreeSet<String>,
        ours: &str,
    ) -> Result<Left, RevertError> {
        let deployed = self.deployed()?;
        let mut left = Left::default();
        for (path, file) in &deployed {
            self.compare(place, path, file, scope.contains(path), &mut left);
        }
        for path in scope.iter().filter(|path| !deployed.contains_key(*path)) {
            match look(place, path) {
                Looked::File(content, _) => {
                    left.files.insert(path.clone(), Some(content));
                }
                Looked::Nothing => {}
                Looked::Other(what) => left.notes.push(format!("{path:?} is {what}; that is left out.")),
            }
        }
        left.outside.extend(strangers(place, &self.root.join("rules"), &deployed, scope, ours));
        left.outside.sort();
        left.outside.dedup();
        Ok(left)
    }

    /// Every file that an agent was given.
    fn deployed(&self) -> Result<BTreeMap<String, Deployed>, RevertError> {
        let mut files = self.all()?;
        files.retain(|path, _| !gives_orders(path));
        Ok(files)
    }

    /// Every file of the deployed tree whose name is text; submodules and unreadable parts are left out.
    fn all(&self) -> Result<BTreeMap<String, Deployed>, RevertError> {
        let mut files = BTreeMap::new();
        let walked = self.tree_of(self.head)?.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if let (Some(ObjectType::Blob), Ok(name)) = (entry.kind(), std::str::from_utf8(entry.name_bytes())) {
                files.insert(format!("{folder}{name}"), Deployed { id: entry.id(), mode: entry.filemode() });
            }
            git2::TreeWalkResult::Ok
        });
        walked.map_err(GitError::reading("the deployed tree"))?;
        Ok(files)
    }

    fn compare(&self, place: &Path, path: &str, file: &Deployed, in_scope: bool, left: &mut Left) {
        let looked = look(place, path);
        let is_same = match &looked {
            Looked::File(content, _) => {
                file.mode != SYMLINK && Oid::hash_object(ObjectType::Blob, content).is_ok_and(|id| id == file.id)
            }
            Looked::Other(_) => file.mode == SYMLINK && self.is_same_link(place, path, file.id),
            Looked::Nothing => false,
        };
        if let Looked::File(_, is_executable) = looked
            && file.mode != SYMLINK
            && is_executable != (file.mode & 0o111 != 0)
        {
            left.notes.push(format!("The mode of {path:?} was changed; that is left out."));
        }
        if is_same {
            return;
        }
        match looked {
            Looked::File(content, _) if in_scope && file.mode != SYMLINK => {
                left.files.insert(path.to_owned(), Some(content));
            }
            Looked::Nothing if in_scope => {
                left.files.insert(path.to_owned(), None);
            }
            Looked::Other(what) if in_scope => left.outside.push(format!("{path} (now {what})")),
            Looked::File(..) | Looked::Nothing | Looked::Other(_) => left.outside.push(path.to_owned()),
        }
    }

    fn is_same_link(&self, place: &Path, path: &str, id: Oid) -> bool {
        let target = fs::read_link(place.join(path)).ok();
        let held = self.store.find_blob(id).ok();
        target.zip(held).is_some_and(|(target, held)| target.as_os_str().as_bytes() == held.content())
    }
}

/// What stands at a path.
enum Looked {
    /// A file with this content, and whether it may be executed.
    File(Vec<u8>, bool),
    /// Nothing.
    Nothing,
    /// Something that is no file to be read; what.
    Other(&'static str),
}

/// Looks at a path without following any link, neither at its end nor on the way.
fn look(place: &Path, path: &str) -> Looked {
    let mut at = place.to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    for (number, part) in parts.iter().enumerate() {
        at.push(part);
        let Ok(found) = fs::symlink_metadata(&at) else { return Looked::Nothing };
        let is_last = number + 1 == parts.len();
        if found.is_symlink() {
            return Looked::Other(if is_last { "a link" } else { "behind a link" });
        }
        if is_last {
            return file(&at, &found);
        }
        if !found.is_dir() {
            return Looked::Nothing;
        }
    }
    Looked::Nothing
}

fn file(path: &Path, found: &Metadata) -> Looked {
    use std::os::unix::fs::PermissionsExt;
    if found.is_dir() {
        return Looked::Other("a folder");
    }
    if !found.is_file() {
        return Looked::Other("no file");
    }
    if found.len() > FILE_BYTES {
        return Looked::Other("too large a file");
    }
    let is_executable = found.permissions().mode() & 0o111 != 0;
    fs::read(path).map_or(Looked::Other("a file that cannot be read"), |content| Looked::File(content, is_executable))
}

/// Files that nobody deployed and that nobody may make, as paths.
fn strangers(
    place: &Path,
    rules: &Path,
    deployed: &BTreeMap<String, Deployed>,
    scope: &BTreeSet<String>,
    ours: &str,
) -> Vec<String> {
    // What is ignored is asked of a repository that the agent never saw.
    let repo = Repository::init(rules).ok().filter(|repo| repo.set_workdir(place, false).is_ok());
    let is_ignored = |path: &str| repo.as_ref().is_some_and(|repo| repo.is_path_ignored(path).unwrap_or(false));
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    let mut n_entries = 0;
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(place.join(&folder)) else { continue };
        for entry in entries.flatten() {
            n_entries += 1;
            if n_entries > ENTRIES {
                found.push("more files than are looked at".to_owned());
                return found;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}{name}");
            let is_at_top = folder.is_empty() && (name == ".git" || name == ours);
            let is_known = deployed.contains_key(&path) || scope.contains(&path);
            if is_at_top || is_known || RESIDUE.contains(&name.as_str()) || name.ends_with(".pyc") || is_ignored(&path)
            {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(format!("{path}/"));
            } else {
                found.push(path);
            }
        }
    }
    found
}
