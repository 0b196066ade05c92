//! Tells whether a source file refers to another one, by the words of its imports.

use std::collections::HashSet;

use super::syntax::words;

/// Of all paths, those that the text of the file at `path` may import; in the order of `all`.
///
/// A path is looked at closely only when its own name, or its folder's, is a word of the text.
#[must_use]
pub fn imported<'p>(path: &str, text: &str, all: &'p [String]) -> Vec<&'p str> {
    let extension = |path: &str| path.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_ascii_lowercase());
    let own = extension(path);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let said: HashSet<&str> = words(text).chain(text.split(['"', '\'', '/', '`']).map(str::trim)).collect();
    let digest = digest(&own, text);
    let may_be = |target: &&String| {
        let (target_folder, name) = target.rsplit_once('/').unwrap_or(("", target.as_str()));
        let stem = name.split('.').next().unwrap_or(name);
        let is_said = |word: &str| word.len() > 1 && (said.contains(word) || said.contains(camel(word).as_str()));
        let is_package = matches!(stem, "__init__" | "index" | "mod" | "lib");
        is_kin(&own, &extension(target))
            && (is_said(stem)
                || is_package
                || (own == "go"
                    && (folder == target_folder
                        || said.contains(target_folder.rsplit('/').next().unwrap_or_default()))))
    };
    all.iter().filter(may_be).filter(|target| imports(path, &digest, target)).map(String::as_str).collect()
}

/// Whether files of these two extensions import each other.
fn is_kin(own: &str, other: &str) -> bool {
    const KIN: &[&[&str]] = &[
        &["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"],
        &["java", "kt", "scala", "groovy"],
        &["c", "cc", "cpp", "cxx", "h", "hpp", "hh", "m", "mm"],
    ];
    own == other || KIN.iter().any(|kin| kin.contains(&own) && kin.contains(&other))
}

/// What of a text can import something: its lines of imports where the language has such.
fn digest(extension: &str, text: &str) -> String {
    match extension {
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => {
            import_lines(text).collect::<Vec<_>>().join("\n")
        }
        _ => text.to_owned(),
    }
}

/// Whether the text of the file at `path` imports, or by its language's rule sees, the file `target`.
///
/// Lexical: a file of the same folder is seen in Go, Java, Kotlin and C#; elsewhere an import names it.
pub(super) fn imports(path: &str, text: &str, target: &str) -> bool {
    let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
    let (target_folder, target_name) = target.rsplit_once('/').unwrap_or(("", target));
    let (stem, extension) = target_name.rsplit_once('.').unwrap_or((target_name, ""));
    let own_extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_package = matches!(stem, "__init__" | "index" | "mod" | "lib");
    let last_folder = target_folder.rsplit('/').next().unwrap_or_default();
    let name = if is_package { last_folder } else { stem };
    match (own_extension, extension) {
        ("go", "go") => folder == target_folder || quotes_end(text, target_folder),
        ("java" | "kt" | "scala" | "cs" | "php" | "groovy", _) => {
            folder == target_folder && names(text, stem) || names(text, stem) && stem.starts_with(char::is_uppercase)
        }
        ("rb", "rb") => is_quoted(text, name) || names(text, &camel(stem)),
        ("py", "py") => python(text, name, last_folder),
        ("js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte", _) => {
            import_lines(text).any(|line| {
                line.split(['"', '\'', '`']).skip(1).step_by(2).any(|part| names_module(folder, part, target, name))
            })
        }
        ("rs", "rs") => {
            let name = &*if stem == "lib" { crate_name(target_folder) } else { name.to_owned() };
            is_of_crate(path, target)
                || text.lines().any(|line| {
                    (line.contains("mod ") || line.contains("use ") || line.contains("::")) && names(line, name)
                })
        }
        ("c" | "cc" | "cpp" | "cxx" | "h" | "hpp" | "m" | "mm", _) => {
            text.lines().any(|line| line.trim_start().starts_with('#') && names(line, stem))
        }
        ("sh" | "bash" | "", "sh" | "bash" | "") => {
            text.lines().any(|line| holds_source(line) && line.contains(target_name)) || names(text, target_name)
        }
        _ => own_extension == extension && import_lines(text).any(|line| names(line, name)),
    }
}

/// Whether a text that imports the file `target` names this function of it where it imports, or
/// calls it by the file's or its folder's name; a method of some object is not told by its name.
pub(super) fn refers(text: &str, target: &str, function: &str) -> bool {
    let stem = target.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let folder = target.rsplit('/').nth(1).unwrap_or_default();
    let owners = [stem.to_owned(), folder.to_owned(), camel(stem)];
    let is_qualified = |owner: &String| {
        owner.len() > 1 && [".", "::", "->"].iter().any(|dot| names(text, &format!("{owner}{dot}{function}")))
    };
    owners.iter().any(is_qualified) || imported_names(text).any(|line| names(line, function))
}

/// How code outside of a crate names it, as far as its folder tells: `order_book` of `order-book/src`.
fn crate_name(folder: &str) -> String {
    folder.strip_suffix("/src").unwrap_or_default().rsplit('/').next().unwrap_or_default().replace('-', "_")
}

/// Whether a path is a test, example or benchmark beside the sources of the crate whose `lib.rs` the target is:
/// those see nothing of it but that.
fn is_of_crate(path: &str, target: &str) -> bool {
    let Some(root) = target.strip_suffix("src/lib.rs") else { return false };
    let inner = path.strip_prefix(root).unwrap_or_default();
    ["tests/", "benches/", "examples/"].iter().any(|folder| inner.starts_with(folder))
}

/// The lines of imports, those of parenthesized lists included.
fn imported_names(text: &str) -> impl Iterator<Item = &str> {
    let mut in_list = false;
    text.lines().filter(move |line| {
        let bare = line.trim_start();
        let starts = ["import ", "from ", "use ", "const {", "export "].iter().any(|word| bare.starts_with(word))
            || bare.contains("require(");
        let is_part = starts || in_list;
        if is_part {
            let opens = bare.contains(['(', '{']);
            let closes = bare.contains([')', '}']);
            in_list = (in_list || opens) && !closes;
        }
        is_part
    })
}

/// The lines that may import something, without reading the whole text twice.
fn import_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| ["import", "require", "from", "use", "include", "load"].iter().any(|word| line.contains(word)))
}

fn python(text: &str, name: &str, folder: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let imports = (0..lines.len()).filter(|index| {
        lines.get(*index).is_some_and(|line| {
            let line = line.trim_start();
            line.starts_with("import ") || line.starts_with("from ")
        })
    });
    imports.into_iter().any(|index| {
        // A parenthesized import runs on.
        let more = lines.get(index..(index + 12).min(lines.len())).unwrap_or_default();
        let is_open = more.first().is_some_and(|line| line.contains('(') && !line.contains(')'));
        let n_lines =
            if is_open { more.iter().position(|line| line.contains(')')).map_or(more.len(), |at| at + 1) } else { 1 };
        let statement = more.get(..n_lines).unwrap_or_default().join(" ");
        let module = statement.split_whitespace().nth(1).unwrap_or_default();
        let is_module = module.trim_end_matches(',').rsplit('.').next() == Some(name);
        let is_from_folder = statement.contains("import")
            && module.rsplit('.').next().is_none_or(|last| last == folder || last.is_empty());
        is_module
            || (is_from_folder && names(&statement, name))
            || (statement.starts_with("import") && names(&statement, name))
    })
}

/// Whether what a line of JavaScript imports is the target: where it starts with a dot, exactly that
/// file or its folder; else a path of some package that ends in the target's name.
fn names_module(folder: &str, part: &str, target: &str, name: &str) -> bool {
    if !part.starts_with('.') {
        return !name.is_empty() && ends_with_module(part, name);
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for step in part.split('/').filter(|step| !step.is_empty() && *step != ".") {
        if step == ".." {
            parts.pop();
        } else {
            parts.push(step);
        }
    }
    let wanted = parts.join("/");
    let bare = |path: &str| path.rsplit_once('.').map_or(path.to_owned(), |(stem, _)| stem.to_owned());
    let is_script = ["js", "mjs", "cjs", "jsx", "ts"].iter().any(|end| wanted.ends_with(&format!(".{end}")));
    let stem = bare(target);
    wanted == target
        || wanted == stem
        || (is_script && bare(&wanted) == stem)
        || stem == if wanted.is_empty() { "index".to_owned() } else { format!("{wanted}/index") }
}

fn ends_with_module(part: &str, name: &str) -> bool {
    let last = part.rsplit('/').next().unwrap_or(part);
    let last =
        [".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx"].iter().find_map(|end| last.strip_suffix(end)).unwrap_or(last);
    last == name
}

fn quotes_end(text: &str, folder: &str) -> bool {
    !folder.is_empty() && (text.contains(&format!("/{folder}\"")) || text.contains(&format!("\"{folder}\"")))
}

fn is_quoted(text: &str, name: &str) -> bool {
    import_lines(text)
        .any(|line| line.split(['"', '\'']).any(|part| ends_with_module(part.trim_end_matches(".rb"), name)))
}

fn holds_source(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(". ")
        || line.starts_with("source ")
        || line.contains("sh ")
        || line.contains("./")
        || line.contains('$')
}

/// `order_line` as Ruby's autoloading names its class.
fn camel(stem: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    stem.split('_').map(capital).collect()
}

fn names(text: &str, name: &str) -> bool {
    if name.len() < 2 {
        return false;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, name.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|byte| is_part(*byte));
        let after = bytes.get(at + name.len()).is_some_and(|byte| is_part(*byte));
        !before && !after
    })
}

#[cfg(test)]
mod tests;
