use super::*;
use crate::remedy::fix::unit::Units;
use crate::triage::Class;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// A modified file whose hunks are given as first line before, first line after, removed, added.
fn file(path: &str, base: &str, head: &str, hunks: &[(u32, u32, &str, &str)]) -> FileChange {
    FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class: Class::Config,
        opaque: false,
        hunks: hunks
            .iter()
            .map(|(old_start, new_start, removed, added)| Hunk {
                id: HunkId(0),
                old_start: *old_start,
                new_start: *new_start,
                removed: lines(removed),
                added: lines(added),
            })
            .collect(),
        base_text: Some(base.to_owned()),
        head_text: Some(head.to_owned()),
    }
}

/// The removed lines of the hunks after cutting.
#[track_caller]
fn check(path: &str, removed: &str, added: &str, expected: &[&str]) {
    let change = Change { files: vec![file(path, "", "", &[(3, 5, removed, added)])], ..Change::default() };
    let hunks = &refined(change).files[0].hunks;
    let actual: Vec<String> = hunks.iter().map(|hunk| hunk.removed.join("|")).collect();
    assert_eq!(actual, expected, "{path}");
    for (index, hunk) in hunks.iter().enumerate() {
        assert_eq!(hunk.id, HunkId(u32::try_from(index).unwrap()));
        if hunks.len() > 1 {
            assert_eq!((hunk.old_start, hunk.new_start), (3 + hunk.id.0, 5 + hunk.id.0));
        }
    }
}

#[test]
fn neighboring_keys_are_taken_back_one_by_one() {
    check("app.yaml", "timeout: 5\nurl: a", "timeout: 9\nurl: b", &["timeout: 5", "url: a"]);
    check("app.toml", "timeout = 5\nurl = \"a\"", "timeout = 9\nurl = \"b\"", &["timeout = 5", "url = \"a\""]);
    check("app.json", "  \"a\": 1,\n  \"b\": 2", "  \"a\": 3,\n  \"b\": 4", &["  \"a\": 1,", "  \"b\": 2"]);
    check(".env", "A=1\nB=2", "A=3\nB=4", &["A=1", "B=2"]);
    check("a.properties", "a.b=1\nc.d: 2", "a.b=3\nc.d: 4", &["a.b=1", "c.d: 2"]);
    check("requirements.txt", "a==1\nb==2", "a==3\nb==4", &["a==1", "b==2"]);
}

#[test]
fn what_is_no_pair_of_keys_stays_whole() {
    check("app.yaml", "a: 1\nb: 2", "a: 1\nc: 2", &["a: 1|b: 2"]);
    check("app.yaml", "a: 1\nb: 2", "a: 3", &["a: 1|b: 2"]);
    check("app.yaml", "  a: 1\nb: 2", "a: 3\nb: 4", &["  a: 1|b: 2"]);
    check("app.yaml", "- x\n- y", "- z\n- w", &["- x|- y"]);
    check("app.json", "{\"a\": 1,\n  \"b\": 2", "{\"a\": 3,\n  \"b\": 4", &["{\"a\": 1,|  \"b\": 2"]);
    check("main.py", "a = 1\nb = 2", "a = 3\nb = 4", &["a = 1|b = 2"]);
}

const LOCK: [&str; 2] = [
    "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nchecksum = \"a\"\n\n[[package]]\nname = \"time_core\"\nversion = \"0.1.0\"\n",
    "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\nchecksum = \"b\"\n\n[[package]]\nname = \"time_core\"\nversion = \"0.2.0\"\n",
];

#[test]
fn a_package_goes_back_with_its_lines_in_manifest_and_lock() {
    let manifest = [
        "[dependencies]\nserde = \"1.0.1\"\ntime-core = { version = \"0.1\" }\n",
        "[dependencies]\nserde = \"1.0.2\"\ntime-core = { version = \"0.2\" }\n",
    ];
    let cargo = file(
        "Cargo.toml",
        manifest[0],
        manifest[1],
        &[(
            2,
            2,
            "serde = \"1.0.1\"\ntime-core = { version = \"0.1\" }",
            "serde = \"1.0.2\"\ntime-core = { version = \"0.2\" }",
        )],
    );
    let lock = file(
        "Cargo.lock",
        LOCK[0],
        LOCK[1],
        &[
            (5, 5, "version = \"1.0.1\"\nchecksum = \"a\"", "version = \"1.0.2\"\nchecksum = \"b\""),
            (10, 10, "version = \"0.1.0\"", "version = \"0.2.0\""),
        ],
    );
    let change = refined(Change { files: vec![cargo, lock], ..Change::default() });
    let taken: Vec<Vec<u32>> =
        Units::of(&change).units.iter().map(|unit| unit.hunks.iter().map(|id| id.0).collect()).collect();
    assert_eq!(taken, [vec![0, 2, 3], vec![1, 4]]);
}

#[track_caller]
fn about(path: &str, text: &str, line: u32, expected: Option<&str>) {
    let own = text.lines().nth(line as usize - 1).unwrap();
    let file = file(path, text, text, &[(line, line, own, own)]);
    assert_eq!(package(&file, &file.hunks[0]).as_deref(), expected, "{path}:{line}");
}

#[test]
fn every_lock_file_tells_whose_line_it_is() {
    about("Cargo.lock", LOCK[0], 6, Some("serde"));
    about("Cargo.lock", LOCK[0], 10, Some("time-core"));
    about("Cargo.lock", LOCK[0], 1, None);
    let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\n\n[package.dependencies]\nb = \"*\"\n\n[metadata]\ncontent-hash = \"x\"\n";
    about("poetry.lock", poetry, 6, Some("a"));
    about("poetry.lock", poetry, 9, None);
    let npm = "{\n  \"packages\": {\n    \"\": {\n      \"dependencies\": {\n        \"left-pad\": \"^1.0.0\"\n      }\n    },\n    \"node_modules/@a/b\": {\n      \"version\": \"2.0.0\",\n      \"integrity\": \"sha\"\n    }\n  }\n}\n";
    about("package-lock.json", npm, 5, Some("left-pad"));
    about("package-lock.json", npm, 9, Some("@a/b"));
    about("package-lock.json", npm, 10, Some("@a/b"));
    about("yarn.lock", "\"@a/b@^1\":\n  version \"1.2\"\nc@2, c@^2:\n  version \"2\"\n", 2, Some("@a/b"));
    about("yarn.lock", "\"@a/b@^1\":\n  version \"1.2\"\nc@2, c@^2:\n  version \"2\"\n", 4, Some("c"));
    about("pnpm-lock.yaml", "packages:\n\n  /a@1.0.0:\n    resolution: {integrity: x}\n", 4, Some("a"));
    about("Gemfile.lock", "GEM\n  specs:\n    rails (7.0.1)\n", 3, Some("rails"));
    about("go.mod", "module x\n\nrequire a.b/c v1.2.3\n", 3, Some("a.b/c"));
    about("go.sum", "a.b/c v1.2.3/go.mod h1:x\n", 1, Some("a.b/c"));
    about("requirements.txt", "django==4.2\n", 1, Some("django"));
    about("package.json", "{\n  \"a\": \"^1\",\n  \"scripts\": {\n", 2, Some("a"));
    about("package.json", "{\n  \"name\": \"x\",\n", 2, None);
    about("src/app.yaml", "a: 1\n", 1, None);
}
