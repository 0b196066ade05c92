//! Tells whether a source file refers to another one, by the words of its imports.

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
        ("js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "vue" | "svelte", _) => import_lines(text).any(|line| {
            line.split(['"', '\'', '`']).any(|part| ends_with_module(part, name) || ends_with_module(part, target_name))
        }),
        ("rs", "rs") => text
            .lines()
            .any(|line| (line.contains("mod ") || line.contains("use ") || line.contains("::")) && names(line, name)),
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
