//! Reads the scripted deploys of `tests/data/service`; see the README there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a file is, by its path.
pub type Tree = BTreeMap<String, String>;

/// One deploy and the truth about it.
#[derive(Clone, Debug, Default)]
pub struct Deploy {
    pub name: String,
    /// The culprit's path, and the text of a line that it adds or removes.
    pub culprit: Option<(String, String)>,
    pub level: String,
    pub decides: Vec<String>,
    pub silent: Vec<String>,
    pub rates: Option<(f64, f64)>,
    /// The errors that are seen after it: the one that is judged, then those of the same moment.
    pub errors: Vec<String>,
    pub base: Tree,
    pub head: Tree,
}

/// A case as written: a deploy for each of its backgrounds.
#[derive(Clone, Debug, Default)]
struct Case {
    name: String,
    truth: Option<String>,
    level: String,
    decides: Vec<String>,
    silent: Vec<String>,
    rates: Option<(f64, f64)>,
    with: Vec<String>,
    edits: Vec<Edit>,
    errors: Vec<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Edit {
    path: String,
    kind: Kind,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Edit,
    New,
    Delete,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/service")
}

/// The service as it was deployed last.
pub fn tree() -> Tree {
    let root = folder().join("tree");
    let mut open = vec![root.clone()];
    let mut tree = Tree::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            tree.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    tree
}

/// Every deploy.
pub fn deploys() -> Vec<Deploy> {
    let base = tree();
    let harmless = cases(&fs::read_to_string(folder().join("changes.txt")).unwrap());
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder().join("deploys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let written = paths.iter().flat_map(|path| cases(&fs::read_to_string(path).unwrap()));
    let mut deploys = Vec::new();
    for case in written {
        assert!(!case.with.is_empty(), "{} is never deployed", case.name);
        deploys.extend(case.with.iter().map(|with| deploy(&case, with, &harmless, &base)));
    }
    deploys
}

fn deploy(case: &Case, with: &str, harmless: &[Case], base: &Tree) -> Deploy {
    let name = format!("{}, with {with}", case.name);
    let (listed, but) = with.split_once(" but ").unwrap_or((with, ""));
    let names: Vec<&str> = match listed {
        "everything" => harmless.iter().map(|change| change.name.as_str()).filter(|name| *name != but).collect(),
        _ => listed.split(", ").collect(),
    };
    let mut head = base.clone();
    case.edits.iter().for_each(|edit| apply(edit, &mut head, &name));
    for wanted in names {
        let change = harmless.iter().find(|change| change.name == wanted);
        let change = change.unwrap_or_else(|| panic!("{name}: no change named {wanted}"));
        change.edits.iter().for_each(|edit| apply(edit, &mut head, &name));
    }
    let truth = case.truth.as_deref().unwrap_or_else(|| panic!("{name} has no truth"));
    let (place, text) = truth.split_once(" | ").unwrap_or_else(|| panic!("{name}: truth {truth}"));
    Deploy {
        culprit: (place != "none").then(|| (place.to_owned(), text.to_owned())),
        level: case.level.clone(),
        decides: case.decides.clone(),
        silent: case.silent.clone(),
        rates: case.rates,
        errors: case.errors.iter().map(|lines| resolved(&lines.join("\n"), &head, &name)).collect(),
        base: base.clone(),
        head,
        name,
    }
}

fn apply(edit: &Edit, tree: &mut Tree, name: &str) {
    let path = &edit.path;
    match edit.kind {
        Kind::New => {
            let text = edit.after.iter().fold(String::new(), |text, line| text + line + "\n");
            assert!(tree.insert(path.clone(), text).is_none(), "{name}: {path} is there");
        }
        Kind::Delete => assert!(tree.remove(path).is_some(), "{name}: {path} is not there"),
        Kind::Edit => {
            let text = tree.get_mut(path).unwrap_or_else(|| panic!("{name}: {path} is not there"));
            let lines: Vec<&str> = text.lines().collect();
            let n_before = edit.before.len();
            let places: Vec<usize> = (0..lines.len())
                .filter(|at| lines.get(*at..at + n_before) == Some(&as_strs(&edit.before)[..]))
                .collect();
            let [at] = places.as_slice() else {
                panic!("{name}: {path} holds {:?} {} times", edit.before, places.len())
            };
            let (start, end) = (&lines[..*at], &lines[at + n_before..]);
            let lines: Vec<&str> =
                start.iter().copied().chain(as_strs(&edit.after)).chain(end.iter().copied()).collect();
            *text = lines.join("\n") + "\n";
        }
    }
}

fn as_strs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

/// Puts the numbers of lines in.
fn resolved(text: &str, head: &Tree, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let (place, after) = after.split_once('}').unwrap();
        let (path, wanted) = place.split_once('|').unwrap();
        let file = head.get(path).unwrap_or_else(|| panic!("{name}: {path} is not there"));
        let line = file.lines().position(|line| line.contains(wanted));
        let line = line.unwrap_or_else(|| panic!("{name}: {path} does not hold {wanted:?}"));
        out.push_str(before);
        out.push_str(&(line + 1).to_string());
        rest = after;
    }
    out + rest
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name: name.to_owned(), ..Case::default() });
            continue;
        }
        if let Some(case) = cases.last_mut().filter(|_| !line.is_empty()) {
            read(case, line);
        }
    }
    cases
}

fn read(case: &mut Case, line: &str) {
    let content = line.get(1..).unwrap_or_default().to_owned();
    match line.chars().next() {
        Some('|') => return case.errors.last_mut().unwrap().push(content),
        Some('-') => return case.edits.last_mut().unwrap().before.push(content),
        Some('+') => return case.edits.last_mut().unwrap().after.push(content),
        _ => {}
    }
    if matches!(line, "error:" | "sibling:") {
        return case.errors.push(Vec::new());
    }
    for (word, kind) in [("edit ", Kind::Edit), ("new ", Kind::New), ("delete ", Kind::Delete)] {
        if let Some(path) = line.strip_prefix(word) {
            let edit = Edit { path: path.to_owned(), kind, before: Vec::new(), after: Vec::new() };
            return case.edits.push(edit);
        }
    }
    let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("{}: {line:?}", case.name));
    let value = value.to_owned();
    match key {
        "truth" => case.truth = Some(value),
        "level" => case.level = value,
        "decides" => case.decides.push(value),
        "silent" => case.silent.push(value),
        "with" => case.with.push(value),
        "rates" => {
            let (before, after) = value.split_once(' ').unwrap();
            case.rates = Some((before.parse().unwrap(), after.parse().unwrap()));
        }
        _ => panic!("{}: {line:?}", case.name),
    }
}
