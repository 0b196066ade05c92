//! Whether a draft needs a package that the program does not need already.
//!
//! A package is new where neither the file as deployed or before brought it in, nor it comes with the language, nor
//! the repository has or declares it. What modules of a language can do is looked for where they are called.

mod known;
mod standard;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, Touched};
use crate::remedy::fix::Check;
use crate::triage::classify::is_manifest;
use standard::Language;

pub use known::Known;

/// Statements that bring another module in; group 1 is its name.
static IMPORTS: LazyLock<Vec<(Language, Regex)>> = LazyLock::new(|| {
    let all = [
        (Language::Python, r"^\s*(?:from|import)\s+([\w.]+)"),
        (Language::Python, r"^\s*import\s+[\w.]+(?:\s+as\s+\w+)?\s*,\s*([\w.]+)"),
        (Language::Python, r#"\b__import__\(\s*["'](\w+)"#),
        (Language::Script, r#"^\s*(?:import|export)\s.*?from\s+["']([^"']+)["']"#),
        (Language::Script, r#"^\s*\}\s*from\s+["']([^"']+)["']"#),
        (Language::Script, r#"^\s*import\s+["']([^"']+)["']"#),
        (Language::Script, r#"\b(?:require|import)\s*\(\s*["'`]([^"'`]+)["'`]"#),
        (Language::Go, r#"^\s*(?:import\s+)?(?:[\w.]+\s+)?["`]([\w.-]+(?:/[\w.~-]+)*)["`]\s*(?://.*)?$"#),
        (Language::Rust, r"^\s*(?:pub(?:\([\w\s:]+\))?\s+)?(?:use|extern\s+crate)\s+(?:::)?(\w+)"),
        (Language::Jvm, r"^\s*import\s+(?:static\s+)?([\w.]+)"),
        (Language::Sharp, r"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;"),
        (Language::Php, r"^\s*use\s+(?:function\s+|const\s+)?\\?([\w\\]+)"),
        (Language::Ruby, r#"\brequire\s*\(?\s*["']([^"']+)["']"#),
    ];
    all.into_iter().filter_map(|(language, pattern)| Some((language, Regex::new(pattern).ok()?))).collect()
});

/// Asks whether the draft needs a package that was not needed.
pub(super) fn dependencies(files: &[Touched<'_>], known: &Known) -> Check {
    let mut found = Vec::new();
    for file in files {
        if is_manifest(file.path) && file.new != file.head {
            found.push(Finding::new(file, "is a list of dependencies"));
        }
        let language = Language::of(file.path);
        let had = roots(file.path, file.head).union(&roots(file.path, file.base)).cloned().collect::<BTreeSet<_>>();
        let own = own_roots(language, file);
        let is_new =
            |root: &&String| !language.has(root) && !own.contains(*root) && !known.has(language, file.path, root);
        for root in roots(file.path, file.new).difference(&had).filter(is_new) {
            found.push(Finding::new(file, format!("brings in {root:?}")));
        }
        let fetched = |text: Option<&str>| fetches(text.unwrap_or_default());
        let had = fetched(file.head).union(&fetched(file.base)).cloned().collect::<BTreeSet<_>>();
        for line in fetched(file.new).difference(&had) {
            found.push(Finding::new(file, format!("fetches by {line:?}")));
        }
    }
    super::check("no new dependency", &found, "It brings in nothing that the program did not use.")
}

/// The roots of the modules that a text brings in.
fn roots(path: &str, text: Option<&str>) -> BTreeSet<String> {
    let language = Language::of(path);
    let code = super::code_of(path, text.unwrap_or_default());
    // A bare string in a line is an import in Go only.
    let applies = |of: Language| language == of || (language == Language::Other && of != Language::Go);
    let patterns = || IMPORTS.iter().filter(|(of, _)| applies(*of));
    let lines = code.lines().filter(|line| line.len() < 400);
    let named = lines.flat_map(|line| patterns().filter_map(move |(_, pattern)| pattern.captures(line)));
    let roots = named.filter_map(|found| found.get(1)).map(|name| root_in(language, name.as_str()));
    roots.filter(|root| !root.is_empty()).collect()
}

/// Roots that a file as deployed declares to be its own: its package or namespace, and modules that it has.
fn own_roots(language: Language, file: &Touched<'_>) -> BTreeSet<String> {
    static DECLARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*(?:package|namespace|(?:pub(?:\([\w\s:]+\))?\s+)?mod)\s+([\w.\\]+)").ok()
    });
    if !matches!(language, Language::Jvm | Language::Sharp | Language::Php | Language::Rust) {
        return BTreeSet::new();
    }
    let text = file.head.or(file.base).unwrap_or_default();
    let declared = DECLARED.iter().flat_map(|pattern| pattern.captures_iter(text));
    let names = declared.filter_map(|found| found.get(1));
    names
        .map(|name| name.as_str().split('\\').next().unwrap_or_default())
        .map(|name| own_root(language, name))
        .collect()
}

fn own_root(language: Language, name: &str) -> String {
    if language == Language::Php { name.to_owned() } else { root_in(language, name) }
}

/// Lines by which something is fetched: base images, actions of a pipeline, packages that are installed.
static FETCHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?mx) ^\s*FROM\s+\S+ | ^\s*-?\s*uses:\s*\S+ | ^\s*-?\s*image:\s*\S+ | \bpip[\d.]*(?:\.main|\s+install\b.*) | \b(?:npm|pnpm|yarn|bun)\s+(?:i|add|install)\s+\S.*
         | \b(?:cargo|poetry|uv|dotnet|composer)\s+(?:add|require|install)\s.* | \bgo\s+(?:get|install)\s.* | \bgem\s+install\s.* | \bnpx\s+\S+
         | \b(?:apt|apt-get|apk|yum|dnf|brew)\s+(?:-\w+\s+)*(?:add|install)\s.*",
    )
    .ok()
});

fn fetches(text: &str) -> BTreeSet<String> {
    let lines = FETCHED.iter().flat_map(|pattern| pattern.find_iter(text));
    let plain = |text: &str| text.split_whitespace().filter(|word| *word != "-").collect::<Vec<_>>().join(" ");
    lines.map(|found| plain(found.as_str())).collect()
}

/// The package that a module belongs to; empty for one of the program's own files, or a class of the language itself.
fn root_in(language: Language, name: &str) -> String {
    match language {
        // Names begin with a country or a company, and that is no package.
        Language::Jvm => {
            let mut parts = name.split('.');
            let first = parts.next().unwrap_or_default();
            let second = parts.next().filter(|_| !Language::Jvm.has(first) && first != "kotlinx");
            second.map_or_else(|| first.to_owned(), |second| format!("{first}.{second}"))
        }
        Language::Php => name.split_once('\\').map(|(first, _)| first.to_owned()).unwrap_or_default(),
        _ => root(name),
    }
}

fn root(name: &str) -> String {
    // Aliases of the program's own folders, as bundlers know them.
    if name.starts_with(['.', '/', '#']) || name.starts_with("@/") || name.starts_with("~/") {
        return String::new();
    }
    let name = name.strip_prefix("node:").unwrap_or(name);
    let n_parts = if name.starts_with('@') { 2 } else { 1 };
    if name.contains('/') {
        let is_address = name.split('/').next().is_some_and(|first| first.contains('.'));
        return name.split('/').take(n_parts.max(if is_address { 3 } else { 1 })).collect::<Vec<_>>().join("/");
    }
    name.split('.').next().unwrap_or(name).to_owned()
}
