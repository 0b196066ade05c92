//! Matches paths of another machine with paths of the repository, from the end backwards.

use std::collections::{HashMap, HashSet};

/// Where others' code lives; what lies below is ours only when the repository holds that folder too.
const FOREIGN: &[&str] = &[
    "site-packages",
    "dist-packages",
    "node_modules",
    "gems",
    "bower_components",
    ".cargo",
    ".rustup",
    "rustc",
    "pkg",
    ".m2",
    ".gradle",
    ".nuget",
    "vendor",
];
/// Folders into which compilers of JavaScript write.
const COMPILED: &[&str] = &["dist", "build", "lib", "out", "server", ".next", "chunks", "app"];

/// The paths that may be meant by what an error names.
pub(super) struct Paths<'a> {
    by_name: HashMap<&'a str, Vec<&'a str>>,
    changed: &'a HashSet<&'a str>,
    /// Where the repository lies on the machine that wrote the error, with its closing slash.
    root: Option<String>,
}

/// A path of the repository that an error names.
pub(super) struct Found<'a> {
    pub(super) path: &'a str,
    /// 1 when nothing else can be meant.
    pub(super) certainty: f64,
    /// Whether the error names the source itself, and not what was compiled from it.
    pub(super) is_source: bool,
}

impl<'a> Paths<'a> {
    /// Keeps those of `all` that could be one of the `wanted`.
    pub(super) fn new<'w>(
        all: &'a [String],
        changed: &'a HashSet<&'a str>,
        wanted: impl Iterator<Item = &'w str>,
    ) -> Self {
        let stems: HashSet<String> = wanted.map(|file| stem(&normal(file)).to_owned()).collect();
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        let known: HashSet<&str> =
            if stems.is_empty() { HashSet::new() } else { all.iter().map(String::as_str).collect() };
        // A caller without a list of paths still knows the changed ones.
        for path in known.iter().chain(changed.iter().filter(|path| !known.contains(**path))) {
            if stems.contains(stem(path)) {
                by_name.entry(name(path)).or_default().push(path);
            }
        }
        by_name.values_mut().for_each(|paths| paths.sort_unstable());
        Self { by_name, changed, root: None }
    }

    /// Learns from absolute paths where the repository lies on the machine that wrote the error.
    pub(super) fn learn_root<'w>(&mut self, files: impl Iterator<Item = &'w str>) {
        let mut votes: HashMap<String, usize> = HashMap::new();
        for file in files.map(normal).filter(|file| file.starts_with('/') && !is_foreign(file)) {
            let whole =
                self.by_name.get(name(&file)).into_iter().flatten().filter(|path| file.ends_with(&format!("/{path}")));
            if let Some(path) = whole.max_by_key(|path| path.len()) {
                let n_parts = path.split('/').count();
                let root = file.get(..file.len() - path.len()).unwrap_or_default().to_owned();
                *votes.entry(root).or_default() += n_parts - 1;
            }
        }
        let best =
            votes.into_iter().filter(|(_, votes)| *votes > 0).max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        self.root = best.map(|(root, _)| root);
    }

    /// The path of the repository that is meant by a file, if one is. Where several could be,
    /// one that `holds` the function is preferred, then one that changed.
    pub(super) fn find(&self, file: &str, holds: impl Fn(&str) -> bool) -> Option<Found<'a>> {
        let file = normal(file);
        if let Some(rest) = self.root.as_deref().and_then(|root| file.strip_prefix(root)) {
            let exact = self.by_name.get(name(&file)).into_iter().flatten().find(|path| **path == rest);
            if let Some(path) = exact {
                return Some(Found { path, certainty: 1.0, is_source: true });
            }
        }
        match self.by_name.get(name(&file)) {
            Some(candidates) => self.best(&file, candidates, &holds, true),
            None => self.source_of(&file, &holds),
        }
    }

    fn best(
        &self,
        file: &str,
        candidates: &[&'a str],
        holds: &impl Fn(&str) -> bool,
        is_source: bool,
    ) -> Option<Found<'a>> {
        let is_under_root = self.root.as_deref().is_some_and(|root| file.starts_with(root));
        let rated = candidates.iter().filter_map(|path| {
            let n_common = common_parts(file, path);
            let is_whole = n_common == path.split('/').count();
            let names_all = n_common == file.trim_start_matches('/').split('/').count();
            let is_plausible = match n_common {
                0 => false,
                // Only the file's name agrees: an absolute path of elsewhere, unless the function is there too.
                1 => names_all || holds(path) || (is_whole && !is_under_root && self.root.is_none()),
                _ => true,
            };
            let is_ours =
                !is_foreign(file) || foreign_part(file).is_some_and(|part| path.split('/').any(|own| own == part));
            (is_plausible && is_ours).then_some((n_common, *path))
        });
        let rated: Vec<(usize, &str)> = rated.collect();
        let most = rated.iter().map(|(n_common, _)| *n_common).max()?;
        let longest: Vec<&str> =
            rated.into_iter().filter(|(n_common, _)| *n_common == most).map(|(_, path)| path).collect();
        if let [path] = longest.as_slice() {
            return Some(Found { path, certainty: 1.0, is_source });
        }
        let holding: Vec<&str> = longest.iter().copied().filter(|path| holds(path)).collect();
        if let [path] = holding.as_slice() {
            return Some(Found { path, certainty: 0.9, is_source });
        }
        let pool = if holding.is_empty() { &longest } else { &holding };
        let path = pool.iter().find(|path| self.changed.contains(**path)).or(pool.first())?;
        Some(Found { path, certainty: 1.0 / pool.len().min(4) as f64, is_source })
    }

    /// The source from which a file was compiled, or that a module name without extension means.
    fn source_of(&self, file: &str, holds: &impl Fn(&str) -> bool) -> Option<Found<'a>> {
        let (folder, last) = file.rsplit_once('/').unwrap_or(("", file));
        let parts: Vec<&str> = folder.split('/').filter(|part| !COMPILED.contains(part)).collect();
        let bare = stem(last);
        let extensions: &[&str] = match last.strip_prefix(bare) {
            Some(".js" | ".mjs" | ".cjs") => &["ts", "tsx", "mts", "cts", "jsx"],
            Some("") => &["py", "rb", "java", "kt", "go", "ts", "js", "rs", "cs", "php", "ex", "scala"],
            _ => return None,
        };
        let names = extensions.iter().map(|extension| format!("{bare}.{extension}"));
        names.into_iter().find_map(|name| {
            let candidates = self.by_name.get(name.as_str())?;
            let file = if parts.is_empty() { name.clone() } else { format!("{}/{name}", parts.join("/")) };
            let found = self.best(&file, candidates, holds, false)?;
            Some(Found { certainty: found.certainty * 0.8, ..found })
        })
    }
}

/// A path with slashes, without scheme, query, drive and dots.
fn normal(file: &str) -> String {
    let file = file.trim().replace('\\', "/");
    let file = [
        "file://",
        "webpack-internal:///",
        "webpack:///",
        "webpack://",
        "app:///",
        "vite://",
        "turbopack:///",
        "http://",
        "https://",
    ]
    .iter()
    .find_map(|scheme| file.strip_prefix(scheme))
    .unwrap_or(&file);
    let file = file.split(['?', '#']).next().unwrap_or(file);
    let file = match file.as_bytes() {
        [drive, b':', ..] if drive.is_ascii_alphabetic() => file.get(2..).unwrap_or_default(),
        _ => file,
    };
    let is_absolute = file.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in file.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part != ".." {
            parts.push(part);
        } else if parts.pop().is_none() {
            continue;
        }
    }
    format!("{}{}", if is_absolute { "/" } else { "" }, parts.join("/"))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn stem(path: &str) -> &str {
    let name = name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

fn common_parts(a: &str, b: &str) -> usize {
    let (a, b) = (a.trim_start_matches('/'), b.trim_start_matches('/'));
    a.rsplit('/').zip(b.rsplit('/')).take_while(|(a, b)| a == b).count()
}

fn foreign_part(file: &str) -> Option<&'static str> {
    FOREIGN
        .iter()
        .copied()
        .find(|part| file.split('/').any(|own| own == *part) && (*part != "pkg" || file.contains("/go/pkg/mod/")))
}

/// Whether a path is that of a library, a runtime or a tool chain.
pub(in crate::triage) fn is_foreign(file: &str) -> bool {
    foreign_part(file).is_some()
        || ["/usr/lib/", "/usr/local/lib/", "/usr/local/go/", "/usr/lib64/", "/opt/hostedtoolcache/", "/rustc/"]
            .iter()
            .any(|start| file.starts_with(start))
        || ["node:", "internal/", "<"].iter().any(|start| file.starts_with(start))
        || file.contains("/lib/python3")
        || file.contains("/lib/ruby/")
        || file.contains("/libexec/")
}
