//! What a repository has and declares: its own modules, and the packages that its manifests name.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::standard::Language;

/// The packages that a repository has or declares, as deployed.
///
/// Without anything known, every package that a file did not bring in is new.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Python packages and modules at the roots of its source folders; folders and stems of Ruby's `lib`.
    own: BTreeSet<String>,
    /// Names in manifests, in lower case with `-` as `_`; addresses of Go modules as they are.
    declared: BTreeSet<String>,
}

/// Names of packages in manifests, by the file's name.
static NAMES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let all = [
        ("package.json", r#"(?m)^\s*"(@?[\w./-]+)"\s*:\s*"(?:[\^~<>=*\d]|workspace:|npm:|file:|link:)[^"]*""#),
        ("package.json", r#"(?m)^\s*"name"\s*:\s*"(@?[\w./-]+)""#),
        ("go.mod", r"(?m)^\s*(?:module\s+|require\s+)?([\w-]+\.[\w.-]+(?:/[\w.~-]+)*)(?:\s|$)"),
        ("cargo.toml", r#"(?m)^\s*([\w-]+)(?:\.workspace)?\s*=\s*(?:"[\^~<>=*\d]|\{|true)"#),
        ("cargo.toml", r#"(?m)^\s*name\s*=\s*"([\w-]+)"|^\[[\w.'()=,"\s-]*dependencies\.([\w-]+)\]"#),
        (
            "pyproject.toml",
            r#"(?m)^\s*["']([A-Za-z][\w.-]*)\s*(?:\[[\w,\s-]*\])?\s*(?:[<>=!~;@(][^"']*)?["']\s*,?|^\s*([A-Za-z][\w.-]*)\s*=\s*(?:"[\^~<>=*\d]|\{)"#,
        ),
        ("setup.py", r#"["']([A-Za-z][\w.-]*)\s*(?:\[[\w,\s-]*\])?\s*(?:[<>=!~;][^"']*)?["']"#),
        ("setup.cfg", r"(?m)^\s+([A-Za-z][\w.-]*)\s*(?:\[[\w,\s-]*\])?\s*(?:[<>=!~;].*)?$"),
        ("requirements", r"(?m)^\s*([A-Za-z][\w.-]*)\s*(?:\[[\w,\s-]*\])?\s*(?:[<>=!~;#@].*)?$"),
        ("gemfile", r#"(?m)^\s*gem\s*\(?\s*["']([\w-]+)["']"#),
        (
            ".gemspec",
            r#"\badd(?:_runtime|_development)?_dependency\s*\(?\s*["']([\w-]+)["']|\.name\s*=\s*["']([\w-]+)["']"#,
        ),
        ("pom.xml", r"<groupId>\s*([\w.-]+)\s*</groupId>"),
        ("build.gradle", r#"["']([\w.-]+):[\w.-]+:[^"']*["']"#),
        (".csproj", r#"<PackageReference\s+(?:Include|Update)="([\w.]+)""#),
    ];
    all.into_iter().filter_map(|(name, pattern)| Some((name, Regex::new(pattern).ok()?))).collect()
});

/// Packages of Python whose module is called otherwise.
const ALIASES: [(&str, &str); 10] = [
    ("attrs", "attr"),
    ("pyyaml", "yaml"),
    ("pillow", "PIL"),
    ("beautifulsoup4", "bs4"),
    ("python_dateutil", "dateutil"),
    ("scikit_learn", "sklearn"),
    ("opencv_python", "cv2"),
    ("pyopenssl", "OpenSSL"),
    ("protobuf", "google"),
    ("pycryptodome", "Crypto"),
];

impl Known {
    /// What a repository has, by the paths of all its files, and declares, by its manifests: paths and texts.
    #[must_use]
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p str>, manifests: &[(String, String)]) -> Self {
        let paths: BTreeSet<&str> = paths.into_iter().collect();
        let mut known = Self::default();
        for path in &paths {
            known.own.extend(own_module(path, &paths).map(str::to_owned));
        }
        for (path, text) in manifests {
            let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
            let patterns = NAMES.iter().filter(|(of, _)| name.contains(of));
            let found = patterns.flat_map(|(_, pattern)| pattern.captures_iter(text));
            let names = found.filter_map(|found| found.get(1).or_else(|| found.get(2)));
            known.declared.extend(names.map(|name| plain(name.as_str())));
        }
        for (package, module) in ALIASES {
            if known.declared.contains(package) {
                known.declared.insert(plain(module));
            }
        }
        known
    }

    /// Whether a manifest that is worth reading has this path.
    #[must_use]
    pub fn is_worth_reading(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let is_lock = name.ends_with(".lock") || name.contains("-lock.");
        !is_lock && NAMES.iter().any(|(of, _)| name.contains(of))
    }

    /// Whether a module of this root is the repository's own, or of a package that it declares.
    pub(super) fn has(&self, language: Language, path: &str, root: &str) -> bool {
        let beside = || path.rsplit_once('/').map_or_else(|| root.to_owned(), |(folder, _)| format!("{folder}/{root}"));
        let is_own = match language {
            Language::Python | Language::Ruby => self.own.contains(root) || self.own.contains(&beside()),
            _ => false,
        };
        let declared = |name: &str| self.declared.contains(name);
        is_own
            || match language {
                Language::Go => self.declared.iter().any(|module| is_within(root, module) || is_within(module, root)),
                Language::Jvm => {
                    self.declared.iter().any(|group| *group == root || group.starts_with(&format!("{root}.")))
                }
                Language::Sharp => self.declared.iter().any(|name| name.split('.').next() == Some(&plain(root))),
                Language::Data | Language::Php => false,
                Language::Python | Language::Script | Language::Rust | Language::Ruby | Language::Other => {
                    declared(&plain(root))
                }
            }
    }
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Whether an address is that of a module, or of something in it.
fn is_within(address: &str, module: &str) -> bool {
    let (address, module) = (plain(address), plain(module));
    module.contains('/') && address.strip_prefix(&module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The module that a file belongs to, by the name that it is brought in with; for one beside which no package is,
/// its path without the ending.
fn own_module<'p>(path: &'p str, paths: &BTreeSet<&str>) -> Option<&'p str> {
    if let Some(folder) = path.strip_suffix("/__init__.py") {
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        let is_root = !paths.contains(format!("{above}/__init__.py").as_str());
        return is_root.then_some(name);
    }
    if let Some(stem) = path.strip_suffix(".py") {
        let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_package = paths.contains(format!("{folder}/__init__.py").as_str());
        return (!is_package).then_some(stem.strip_prefix("src/").unwrap_or(stem));
    }
    let (_, within) = path.strip_suffix(".rb")?.split_once("lib/")?;
    within.split('/').next()
}
