//! Repositories to go back in, and changes without one.

use std::fs;
use std::path::{Path, PathBuf};

use aftercare::triage::classify::classify;
use aftercare::triage::{Change, FileChange, FileStatus, Hunk, HunkId};
use aftercare::units::Timestamp;
use git2::{DiffOptions, Oid, Patch, Repository, Signature, Time};
use tempfile::TempDir;

/// When everything happens.
pub const NOW: i64 = 1_763_979_540;

/// A repository with a work tree, in a folder that also holds what execution needs.
pub struct Scene {
    folder: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main");
        Repository::init_opts(folder.path().join("repo"), &options).unwrap();
        Self { folder }
    }

    pub fn repo(&self) -> Repository {
        Repository::open(self.path()).unwrap()
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn now() -> Timestamp {
        Timestamp::from_seconds(NOW)
    }

    /// Makes the work tree hold exactly these files, and commits it.
    pub fn commit(&self, subject: &str, files: &[(&str, &[u8])]) -> Oid {
        let repo = self.repo();
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name == ".git") {
                continue;
            }
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        for (path, content) in files {
            self.write(path, content);
        }
        self.commit_all(&repo, subject)
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits the work tree as it is.
    pub fn commit_all(&self, repo: &Repository, subject: &str) -> Oid {
        let mut index = repo.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
        self.commit_tree(repo, subject, &tree)
    }

    /// Commits a tree on HEAD.
    pub fn commit_tree(&self, repo: &Repository, subject: &str, tree: &git2::Tree<'_>) -> Oid {
        let author = Signature::new("Ada", "ada@example.org", &Time::new(NOW, 0)).unwrap();
        let parent = repo.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        repo.commit(Some("HEAD"), &author, &author, subject, tree, &parents).unwrap()
    }

    /// Everything that must not change: each file with its bytes, but for git's objects and aftercare's branches.
    pub fn untouchable(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        walk(&self.path(), &mut all);
        let own = ["/.git/objects/", "/aftercare", "/.git/worktrees"];
        all.retain(|(path, _)| !own.iter().any(|own| path.to_string_lossy().contains(own)));
        all.sort();
        all
    }

    /// All of the repository, objects too.
    pub fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        walk(&self.path(), &mut all);
        all.sort();
        all
    }
}

fn walk(folder: &Path, all: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            all.push((path.clone(), fs::read_link(&path).unwrap().to_string_lossy().into_owned().into_bytes()));
        } else if path.is_dir() {
            all.push((path.clone(), Vec::new()));
            walk(&path, all);
        } else {
            all.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
}

/// A change without a repository.
pub fn change(files: &[(&str, Option<&String>, Option<&String>)]) -> Change {
    let mut next = 0;
    let files = files
        .iter()
        .map(|(path, base, head)| FileChange {
            path: (*path).to_owned(),
            old_path: None,
            status: match (base, head) {
                (None, _) => FileStatus::Added,
                (_, None) => FileStatus::Deleted,
                _ => FileStatus::Modified,
            },
            class: classify(path, head.or(*base).map(String::as_str)),
            opaque: false,
            hunks: hunks(base.map_or("", String::as_str), head.map_or("", String::as_str), &mut next),
            base_text: base.cloned(),
            head_text: head.cloned(),
        })
        .collect();
    Change {
        base: String::new(),
        head: String::new(),
        commits: Vec::new(),
        files,
        paths: Vec::new(),
        sources: Vec::new(),
    }
}

fn hunks(base: &str, head: &str, next: &mut u32) -> Vec<Hunk> {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let patch = Patch::from_buffers(base.as_bytes(), None, head.as_bytes(), None, Some(&mut options)).unwrap();
    (0..patch.num_hunks())
        .map(|index| {
            let (hunk, n_lines) = patch.hunk(index).unwrap();
            let side = |origin| {
                let lines = (0..n_lines).map(|line| patch.line_in_hunk(index, line).unwrap());
                lines
                    .filter(|line| line.origin() == origin)
                    .map(|line| String::from_utf8_lossy(line.content()).trim_end_matches(['\r', '\n']).to_owned())
                    .collect()
            };
            *next += 1;
            Hunk {
                id: HunkId(*next - 1),
                old_start: hunk.old_start(),
                new_start: hunk.new_start(),
                removed: side('-'),
                added: side('+'),
            }
        })
        .collect()
}
