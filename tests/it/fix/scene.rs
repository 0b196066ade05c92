//! A repository with a deploy, and the program beside it.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use git2::{IndexAddOption, Repository, Signature, Time};
use serde_json::Value;
use tempfile::TempDir;

/// The file that holds the error, in the folder beside the repository.
pub const ERROR: &str = "error.txt";

pub struct Scene {
    folder: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        Repository::init_opts(folder.path().join("repo"), &options).unwrap();
        fs::write(folder.path().join(ERROR), "the service does not answer\n").unwrap();
        Self { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.beside("repo")
    }

    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn repo(&self) -> Repository {
        Repository::open(self.path()).unwrap()
    }

    /// Makes the work tree hold exactly these files, and commits it.
    pub fn commit(&self, files: &[(&str, &str)]) {
        self.commit_bytes(&files.iter().map(|(path, text)| (*path, text.as_bytes())).collect::<Vec<_>>());
    }

    pub fn commit_bytes(&self, files: &[(&str, &[u8])]) {
        self.commit_raw(&files.iter().map(|(path, text)| (path.as_bytes(), *text)).collect::<Vec<_>>());
    }

    pub fn commit_raw(&self, files: &[(&[u8], &[u8])]) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|name| name == ".git") {
                continue;
            }
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        for (path, text) in files {
            let path = self.path().join(std::ffi::OsStr::from_bytes(path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.commit_all();
    }

    pub fn write(&self, path: &str, text: &[u8]) {
        fs::write(self.path().join(path), text).unwrap();
    }

    /// Commits the work tree as it is.
    pub fn commit_all(&self) {
        let repo = self.repo();
        let mut index = repo.index().unwrap();
        index.clear().unwrap();
        index.add_all(["*"], IndexAddOption::FORCE, None).unwrap();
        index.write().unwrap();
        let tree = repo.find_tree(index.write_tree().unwrap()).unwrap();
        let author = Signature::new("Ada", "ada@example.org", &Time::new(1_760_000_000, 0)).unwrap();
        let parent = repo.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        repo.commit(Some("HEAD"), &author, &author, "Deploy", &tree, &parents).unwrap();
    }

    /// Every file of the repository, work tree and `.git`, with its content.
    pub fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut open = vec![self.path()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let text = fs::read(&path).unwrap();
                found.push((path, text));
            }
        }
        found.sort();
        found
    }

    pub fn aftercare(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
        command.args(args).current_dir(self.folder.path()).env("AFTERCARE_STATE", self.beside("state"));
        command.env("TMPDIR", self.temporary()).env("XDG_CONFIG_HOME", self.folder.path());
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Where the program makes its temporary folders.
    fn temporary(&self) -> PathBuf {
        let path = self.beside("temporary");
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn args<'a>(repo: &'a str, command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        let start = ["fix", "--error", ERROR, "--repo", repo, "--range", "main~1..main"];
        [&start, more, &["--repro", "--"], command].concat()
    }

    /// Runs `fix` over the last commit; returns its exit status and JSON.
    #[track_caller]
    pub fn run(&self, command: &[&str], more: &[&str]) -> (i32, Value) {
        let repo = self.path().display().to_string();
        let output = self.aftercare(&Self::args(&repo, command, &[more, &["--json"]].concat()));
        let fix = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), fix)
    }

    /// Runs `fix` over the last commit, which must find something and leave nothing behind.
    #[track_caller]
    pub fn fix(&self, command: &[&str]) -> Value {
        let (status, fix) = self.run(command, &[]);
        assert_eq!(status, 0, "{fix:#}");
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0, "something is left behind");
        fix
    }

    /// Runs `fix` over the last commit; returns its words and its exit status.
    pub fn text(&self, command: &[&str]) -> (String, i32) {
        let repo = self.path().display().to_string();
        let output = self.aftercare(&Self::args(&repo, command, &[]));
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
    }
}
