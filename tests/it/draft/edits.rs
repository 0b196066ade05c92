//! Edits as models write them, applied to real sources: one meaning, or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aftercare::remedy::advice::{Applied, Reply, apply};
use aftercare::triage::{Change, Class, FileChange, FileStatus};

use super::malformed::{WAYS, block, function};

/// A source file and a change of it.
pub struct Seed {
    pub path: String,
    pub file: String,
    pub search: String,
    pub replace: String,
    pub function: Option<(String, String)>,
}

impl Seed {
    fn read(text: &str) -> Self {
        let parts = sections(text);
        let (path, file) = one(&parts, "file ");
        let (_, search) = one(&parts, "search");
        let (_, replace) = one(&parts, "replace");
        let function =
            parts.iter().find_map(|(name, text)| Some((name.strip_prefix("function ")?.to_owned(), text.clone())));
        Self { path, file, search, replace, function }
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    pub fn after(&self) -> String {
        assert_eq!(self.file.matches(&self.search).count(), 1, "{} is not clear", self.path);
        self.file.replacen(&self.search, &self.replace, 1)
    }

    /// The lines above and below the search text, with something in place of the outermost above.
    pub fn around(&self, n_lines: usize, first: &str) -> (String, String) {
        let at = self.file.find(&self.search).unwrap();
        let above: Vec<&str> = self.file[..at].split_inclusive('\n').collect();
        let below = self.file[at + self.search.len()..].split_inclusive('\n').take(n_lines).collect::<String>();
        let above = above[above.len().saturating_sub(n_lines)..].concat();
        (format!("{first}{above}"), below)
    }

    /// The first line of the function that is changed, where the search text does not hold it.
    pub fn line_of_function(&self) -> Option<String> {
        let text = &self.function.as_ref()?.1;
        let first = text.split_inclusive('\n').next()?;
        let at = self.file.find(first)?;
        let between = self.file.get(at + first.len()..self.file.find(&self.search)?)?;
        (between.lines().count() > 0).then(|| first.to_owned())
    }
}

/// The parts of a case file: `-- name --` and the lines behind it.
pub fn sections(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let head = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (head, parts.last_mut()) {
            (Some(name), _) => parts.push((name.to_owned(), String::new())),
            (None, Some((_, body))) => body.push_str(line),
            (None, None) => {}
        }
    }
    parts
}

fn one(parts: &[(String, String)], name: &str) -> (String, String) {
    let found = parts.iter().find_map(|(head, text)| Some((head.strip_prefix(name)?.to_owned(), text.clone())));
    found.unwrap_or_else(|| panic!("no part {name:?}"))
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/edits")
}

fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    texts.sort();
    texts
}

/// A deploy that touched these files; `beside` are other paths of the tree.
pub fn change_of(files: &[(&str, &str)], beside: &[&str]) -> Change {
    let file = |(path, text): &(&str, &str)| FileChange {
        path: (*path).to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Runtime,
        opaque: false,
        hunks: Vec::new(),
        base_text: Some(String::new()),
        head_text: Some((*text).to_owned()),
    };
    let paths = files.iter().map(|(path, _)| *path).chain(beside.iter().copied()).map(str::to_owned).collect();
    Change { files: files.iter().map(file).collect(), paths, ..Change::default() }
}

fn applied(reply: &str, change: &Change) -> (Applied, Vec<String>) {
    let reply = Reply::read(reply);
    let applied = apply(&reply.edits, change);
    let failed = applied.failed.iter().map(|failed| failed.why.clone());
    let mut why: Vec<String> = reply.problems.iter().cloned().chain(failed).collect();
    if reply.edits.is_empty() && why.is_empty() {
        why.push("There is no edit in the reply.".to_owned());
    }
    (applied, why)
}

/// What an author makes of the reason: more lines around, the lines that were shown, or all of it again.
fn second(seed: &Seed, why: &str) -> String {
    if let Some((_, shown)) = why.split_once("exactly:\n") {
        let shown = format!("{shown}\n");
        if shown.contains(&seed.search) {
            return block(seed, &shown, &shown.replacen(&seed.search, &seed.replace, 1));
        }
    }
    let (front, back) = seed.around(4, "");
    match &seed.function {
        Some((_, text)) if !why.contains("several") => function(seed, text),
        _ => block(seed, &format!("{front}{}{back}", seed.search), &format!("{front}{}{back}", seed.replace)),
    }
}

#[test]
fn malformed_edits_apply_as_meant_or_are_refused() {
    let (mut n_cases, mut n_first, mut n_second) = (0, 0, 0);
    let mut wrong = Vec::new();
    let mut missed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, text) in texts(&folder()) {
        let seed = Seed::read(&text);
        for crlf in [false, true] {
            let file = if crlf { seed.file.replace('\n', "\r\n") } else { seed.file.clone() };
            let expected = if crlf { seed.after().replace('\n', "\r\n") } else { seed.after() };
            let change = change_of(&[(&seed.path, &file), ("docs/other.md", "# Other\n")], &["README.md"]);
            for (way, write) in WAYS {
                let Some(reply) = write(&seed) else { continue };
                n_cases += 1;
                let (done, why) = applied(&reply, &change);
                let text = done.files.get(&seed.path);
                if why.is_empty() {
                    // Whoever loses blank lines means none by it.
                    let same = |text: &String| match *way {
                        "blank lines lost" => text.split_whitespace().eq(expected.split_whitespace()),
                        _ => *text == expected,
                    };
                    if !text.is_some_and(same) {
                        wrong.push(format!("{name}, {way}\n{reply}\ngave\n{}", text.map_or("nothing", |text| text)));
                    }
                    n_first += 1;
                    n_second += 1;
                    continue;
                }
                missed.entry(way).or_default().push(format!("{name}: {}", why.join(" | ")));
                assert!(text.is_none(), "{name}, {way}: half of it was applied");
                let (done, why) = applied(&second(&seed, &why.join(" ")), &change);
                if why.is_empty() {
                    assert_eq!(done.files.get(&seed.path), Some(&expected), "{name}, {way}: the second time");
                    n_second += 1;
                }
            }
        }
    }
    let share = |n: u32| 100.0 * f64::from(n) / f64::from(n_cases);
    println!(
        "{n_cases} malformed edits: {:.1} % at the first reply, {:.1} % at the second",
        share(n_first),
        share(n_second)
    );
    missed.iter().for_each(|(way, why)| println!("  {way}: {} missed, {}", why.len(), why[0]));
    assert!(wrong.is_empty(), "applied otherwise than meant:\n{}", wrong.join("\n\n"));
    assert!(n_cases >= 500 && share(n_first) >= 97.0 && share(n_second) >= 99.5);
}

/// Cases by hand: what has one meaning becomes it, what has none or two is refused with the reason.
#[test]
fn edits_with_one_meaning_apply_and_others_say_why_not() {
    for (name, text) in texts(&folder().join("cases")) {
        let parts = sections(&text);
        let (path, file) = one(&parts, "file ");
        let beside: Vec<&str> = parts.iter().filter_map(|(head, _)| head.strip_prefix("beside ")).collect();
        let also = parts.iter().filter_map(|(head, text)| Some((head.strip_prefix("also ")?, text.as_str())));
        let files: Vec<(&str, &str)> = [(path.as_str(), file.as_str())].into_iter().chain(also).collect();
        let change = change_of(&files, &beside);
        let part = |name: &str| parts.iter().find(|(head, _)| head == name).map(|(_, text)| text.clone());
        let (mut done, why) = applied(&part("reply").unwrap(), &change);
        if let Some(reason) = part("refused") {
            let why = why.join("\n");
            assert!(why.contains(reason.trim()), "{name}: refused for another reason: {why:?}");
            let Some(again) = part("reply again") else { continue };
            done = applied(&again, &change).0;
        } else {
            assert!(why.is_empty(), "{name}: {why:?}");
        }
        assert_eq!(done.files.get(&path), part("becomes").as_ref(), "{name}");
    }
}
