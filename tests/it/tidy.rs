//! The project's own rules about its sources: layers, sizes, documentation.

use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;

/// What no pure layer may name: the clock, files, the network, processes, threads, the environment,
/// and the crates that bring them.
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::env",
    "std::os",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "crossterm",
    "git2",
    "reqwest",
    "rusqlite",
    "signal_hook",
    "portable_pty",
    "println!",
    "eprintln!",
];

/// A layer, the other layers that it may import, and what it may not name.
struct Layer {
    name: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
    never_beside: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    Layer { name: "units", may_import: &[], never: EFFECTS, never_beside: &["ratatui"] },
    Layer { name: "ingest", may_import: &["units"], never: EFFECTS, never_beside: &["ratatui"] },
    Layer { name: "detect", may_import: &["units", "ingest"], never: EFFECTS, never_beside: &["ratatui"] },
    Layer { name: "triage", may_import: &["units", "ingest", "detect"], never: EFFECTS, never_beside: &["ratatui"] },
    Layer {
        name: "remedy",
        may_import: &["units", "ingest", "detect", "triage"],
        never: EFFECTS,
        never_beside: &["ratatui"],
    },
    Layer {
        name: "engine",
        may_import: &["units", "ingest", "detect", "triage", "remedy"],
        never: EFFECTS,
        never_beside: &["ratatui"],
    },
    Layer {
        name: "config",
        may_import: &["units", "ingest", "detect", "triage", "remedy", "engine"],
        never: EFFECTS,
        never_beside: &["ratatui"],
    },
    Layer {
        name: "app",
        may_import: &["units", "ingest", "detect", "triage", "remedy", "engine", "config"],
        never: EFFECTS,
        never_beside: &["ratatui"],
    },
    Layer {
        name: "view",
        may_import: &["units", "ingest", "detect", "triage", "remedy", "engine", "config", "app"],
        never: EFFECTS,
        never_beside: &[],
    },
    Layer {
        name: "shell",
        may_import: &["units", "ingest", "detect", "triage", "remedy", "engine", "config", "app", "view"],
        never: &[],
        never_beside: &[],
    },
];

struct File {
    path: PathBuf,
    shown: String,
    text: String,
    syntax: syn::File,
}

fn files_below(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let shown = path.strip_prefix(root).unwrap().display().to_string();
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
            files.push(File { path, shown, text, syntax });
        }
    }
    assert!(!files.is_empty(), "no source below {folder}");
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn all_files() -> Vec<File> {
    let mut files = files_below("src");
    files.extend(files_below("tests"));
    files
}

#[track_caller]
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

fn is_test(file: &File) -> bool {
    file.shown.ends_with("/tests.rs") || file.shown.contains("/tests/") || file.shown.starts_with("tests/")
}

/// The code without comments, so that words in documentation are not taken for imports.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let code = line.trim_start();
        (!code.starts_with("//")).then_some((index + 1, code))
    })
}

/// The text with its literals blanked: a list of words is no import.
fn without_literals(text: &str) -> String {
    let mut lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let mut streams = vec![text.parse::<proc_macro2::TokenStream>().unwrap()];
    while let Some(stream) = streams.pop() {
        for token in stream {
            match token {
                proc_macro2::TokenTree::Group(group) => streams.push(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => blank(&mut lines, literal.span()),
                proc_macro2::TokenTree::Ident(_) | proc_macro2::TokenTree::Punct(_) => {}
            }
        }
    }
    lines.into_iter().flat_map(|line| line.into_iter().chain(['\n'])).collect()
}

fn blank(lines: &mut [Vec<char>], span: proc_macro2::Span) {
    let (start, end) = (span.start(), span.end());
    for number in start.line..=end.line {
        let line = &mut lines[number - 1];
        let from = if number == start.line { start.column } else { 0 };
        let to = if number == end.line { end.column } else { line.len() };
        line[from..to].fill(' ');
    }
}

#[test]
fn no_layer_imports_a_later_one_or_an_effect() {
    let mut found = Vec::new();
    for file in files_below("src").iter().filter(|file| !is_test(file)) {
        let inside = file.shown.trim_start_matches("src/");
        let name = inside.split(['/', '.']).next().unwrap();
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
            assert!(["lib", "main"].contains(&name), "{} belongs to no layer", file.shown);
            continue;
        };
        for (number, line) in code(&without_literals(&file.text)) {
            let later = LAYERS.iter().filter(|other| other.name != name && !layer.may_import.contains(&other.name));
            let later = later.map(|other| format!("crate::{}", other.name));
            let banned = layer.never.iter().chain(layer.never_beside).map(|word| (*word).to_owned());
            for word in later.chain(banned) {
                if names(line, &word) {
                    found.push(format!("{}:{number}: {} may not name {word}", file.shown, layer.name));
                }
            }
        }
    }
    none("layers are crossed", &found);
}

/// Whether the line has the word, not as a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn no_file_is_longer_than_the_cap() {
    let long = all_files().iter().map(|file| (file.text.lines().count(), file.shown.clone())).collect::<Vec<_>>();
    let long =
        long.iter().filter(|(lines, _)| *lines > FILE_LINES).map(|(lines, name)| format!("{name}: {lines} lines"));
    none("files are longer than 500 lines", &long.collect::<Vec<_>>());
}

#[derive(Default)]
struct Functions {
    long: Vec<(String, usize, usize)>,
}

impl Functions {
    fn see(&mut self, name: &syn::Ident, block: &syn::Block) {
        let span = block.span();
        let lines = span.end().line - span.start().line + 1;
        if lines > FUNCTION_LINES {
            self.long.push((name.to_string(), span.start().line, lines));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.see(&item.sig.ident, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.see(&item.sig.ident, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn no_function_is_longer_than_the_cap() {
    let mut found = Vec::new();
    for file in all_files() {
        let mut functions = Functions::default();
        functions.visit_file(&file.syntax);
        let long = functions.long.iter();
        found.extend(long.map(|(name, line, lines)| format!("{}:{line}: {name} has {lines} lines", file.shown)));
    }
    none("functions are longer than 60 lines", &found);
}

/// Documentation that is missing is the compiler's matter; this finds the empty kind.
#[test]
fn no_documentation_is_empty_or_repeats_the_name() {
    let mut found = Vec::new();
    for file in files_below("src") {
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for (index, line) in lines.iter().enumerate() {
            let is_lone = *line == "///" || *line == "//!";
            let after_doc = index > 0 && (lines[index - 1].starts_with("///") || lines[index - 1].starts_with("//!"));
            if is_lone && !after_doc {
                found.push(format!("{}:{}: begins with an empty line", file.shown, index + 1));
            }
            let Some(doc) = line.strip_prefix("/// ") else { continue };
            let next = lines.get(index + 1).copied().unwrap_or_default();
            if is_name_again(doc, next) {
                found.push(format!("{}:{}: {doc:?} repeats the name", file.shown, index + 1));
            }
        }
        if !is_test(&file) && !file.text.starts_with("//!") {
            found.push(format!("{}: does not open with what it is for", file.shown));
        }
    }
    none("documentation says nothing", &found);
}

fn is_name_again(doc: &str, next: &str) -> bool {
    let item = ["pub fn ", "pub struct ", "pub enum ", "pub const ", "fn ", "struct ", "enum "];
    let Some(rest) = item.iter().find_map(|prefix| next.strip_prefix(prefix)) else { return false };
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    !name.is_empty() && plain(doc) == plain(&name)
}

#[test]
fn no_name_says_nothing_and_no_folder_has_a_mod_file() {
    let empty = ["mod", "utils", "util", "helpers", "helper", "common", "misc", "manager"];
    let found = all_files()
        .iter()
        .map(|file| (file.path.file_stem().unwrap().to_owned(), file.shown.clone()))
        .filter(|(stem, _)| empty.iter().any(|name| stem.to_str() == Some(name)))
        .map(|(_, shown)| shown)
        .collect::<Vec<_>>();
    none("names say nothing", &found);
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    let mut found = Vec::new();
    for file in all_files() {
        for (number, line) in code(&file.text) {
            let silences = ["#[allow", "#![allow", "#[expect", "#![expect"].iter().any(|start| line.starts_with(start));
            let bare = !is_test(&file) && (line.starts_with("#[allow") || line.starts_with("#![allow"));
            let whole = file.text.lines().skip(number - 1).take(6).collect::<String>();
            if bare || (silences && !whole.contains("reason =")) {
                found.push(format!("{}:{number}: {line}", file.shown));
            }
        }
    }
    none("lints are silenced", &found);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("un", "implemented!"), concat!("to", "do!(")];
    let mut found = Vec::new();
    for file in all_files() {
        for (index, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", file.shown, index + 1, line.trim()));
            }
        }
    }
    none("something is left for later", &found);
}

/// What ships must not lean on anything outside the repository.
#[test]
fn nothing_outside_the_repository_is_named() {
    let outside = concat!("../sha", "red");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> =
        files_below("src").iter().filter(|file| file.text.contains(outside)).map(|file| file.shown.clone()).collect();
    for name in ["README.md", "CHANGELOG.md", "Cargo.toml"] {
        if fs::read_to_string(root.join(name)).is_ok_and(|text| text.contains(outside)) {
            found.push(name.to_owned());
        }
    }
    none("files name a path outside the repository", &found);
}
