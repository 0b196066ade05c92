//! Judges what going back would mean, on scripted deploys.
//!
//! The cases are the files of `tests/data/remedy/`. A case starts with `===` and its name; then lines
//! `expect: LEVEL RULE PATH:LINE`, all and only those that are found, and perhaps `commit: SUBJECT`;
//! then the files: `--- PATH`, and the whole file with ` `, `-` or `+` before each line, as in a diff.

use std::fs;
use std::path::Path;

use aftercare::remedy::Hazard;
use aftercare::remedy::safety::concerns;
use aftercare::shell::git::read;
use proptest::prelude::*;

use super::scene::{Scene, change};

#[derive(Default)]
struct Case {
    name: String,
    subject: Option<String>,
    expected: Vec<String>,
    files: Vec<(String, Option<String>, Option<String>)>,
}

fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name: name.to_owned(), ..Case::default() });
            continue;
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(expected) = line.strip_prefix("expect: ") {
            case.expected.push(expected.to_owned());
        } else if let Some(subject) = line.strip_prefix("commit: ") {
            case.subject = Some(subject.to_owned());
        } else if let Some(path) = line.strip_prefix("--- ") {
            case.files.push((path.to_owned(), None, None));
        } else if let Some((_, base, head)) = case.files.last_mut() {
            let Some(mark) = line.chars().next() else { continue };
            let content = format!("{}\n", &line[mark.len_utf8()..]);
            if mark != '+' {
                base.get_or_insert_default().push_str(&content);
            }
            if mark != '-' {
                head.get_or_insert_default().push_str(&content);
            }
        }
    }
    cases
}

fn found(case: &Case) -> Vec<String> {
    let scene = Scene::new();
    let side = |head: bool| -> Vec<(&str, &[u8])> {
        case.files
            .iter()
            .filter_map(|(path, base, after)| {
                Some((path.as_str(), if head { after } else { base }.as_ref()?.as_bytes()))
            })
            .collect()
    };
    let base = scene.commit("Before", &side(false));
    let head = scene.commit(case.subject.as_deref().unwrap_or("Change it"), &side(true));
    let change = read::change(&scene.repo(), &format!("{base}..{head}")).unwrap();
    concerns(&change)
        .iter()
        .map(|found| {
            format!("{} {} {}:{}", format!("{:?}", found.level).to_lowercase(), found.rule, found.file, found.line)
        })
        .collect()
}

#[test]
fn every_case_is_judged_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/remedy");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut n_cases = 0;
    for file in files {
        for case in parse(&fs::read_to_string(&file).unwrap()) {
            n_cases += 1;
            let (mut found, mut expected) = (found(&case), case.expected.clone());
            found.sort();
            expected.sort();
            if found != expected {
                wrong.push(format!(
                    "{}: {}\n  found    {found:#?}\n  expected {expected:#?}",
                    file.display(),
                    case.name
                ));
            }
        }
    }
    assert!(n_cases > 85, "only {n_cases} cases");
    assert!(wrong.is_empty(), "{} of {n_cases} cases:\n{}", wrong.len(), wrong.join("\n"));
}

const PATHS: [&str; 14] = [
    "db/migrate/20260101000000_x.rb",
    "app/migrations/0002_x.py",
    "migrations/1_x.sql",
    "openapi.yaml",
    "api.proto",
    "schema.graphql",
    "x.avsc",
    "main.tf",
    "k8s/app.yaml",
    "Cargo.lock",
    "package-lock.json",
    "src/auth/x.py",
    "config/flags.yaml",
    "db.changelog-1.xml",
];

proptest! {
    /// Whatever a deploy holds, it is judged without failing, twice the same, on lines that exist,
    /// and nothing that could act on a terminal comes out of it.
    #[test]
    fn any_text_can_be_judged(path in prop::sample::select(&PATHS), base in hostile(), head in hostile()) {
        let change = change(&[(path, Some(&base), Some(&head))]);
        let found = concerns(&change);
        prop_assert_eq!(&found, &concerns(&change));
        let n_lines = base.lines().count().max(head.lines().count()).max(1);
        for concern in found {
            prop_assert!(concern.line >= 1 && concern.line as usize <= n_lines, "{:?}", concern);
            prop_assert!(!concern.why.chars().any(char::is_control));
        }
    }
}

/// Texts of the words that matter, and of any others.
fn hostile() -> impl Strategy<Value = String> {
    let words = [
        "ALTER TABLE ",
        "t ",
        "DROP ",
        "COLUMN ",
        "c",
        ";",
        "\n",
        "\n  ",
        "(",
        ")",
        "'",
        "\"",
        "`",
        "$$",
        "/*",
        "--",
        "<<~SQL",
        "def down",
        "execute ",
        "remove_column :a, :b",
        "message M {",
        "}",
        "string a = 1;",
        "paths:",
        "  /x:",
        "- name: y",
        "{",
        "[",
        "]",
        ",",
        "\"a\": ",
        ":",
        "#",
        "<addColumn ",
        "resource \"a\" \"b\" {",
        "kind: Service",
        "---",
        "\u{1b}[2J",
        "\u{202e}",
        "é",
        "\0",
        "type Q {",
        "a(b: C!): D",
    ];
    prop::collection::vec(
        prop_oneof![4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,6}"],
        0..40,
    )
    .prop_map(|words| words.concat())
}

/// Statements that nest deeply, or are long, end neither the parser's stack nor that of whoever drops the result.
#[test]
fn a_statement_may_nest_as_deep_as_it_likes() {
    let n = 3_000;
    let texts = [
        format!("SELECT {}1{};", "(".repeat(n), ")".repeat(n)),
        format!("UPDATE t SET a = 1{} WHERE b;", " + 1".repeat(n)),
        format!("UPDATE t SET a = 1{} WHERE b;", " + 1".repeat(600)),
        format!("DELETE FROM t WHERE {}1=1{};", "NOT (".repeat(400), ")".repeat(400)),
        format!("SELECT {}1{};", "CASE WHEN a THEN ".repeat(400), " END".repeat(400)),
        format!("CREATE TABLE t (a {}int{});", "ARRAY<".repeat(400), ">".repeat(400)),
        format!("{}SELECT 1{};", "WITH a AS (".repeat(300), ") SELECT 1".repeat(300)),
        format!("DO $a${}$a$;", "BEGIN IF x THEN ".repeat(500)),
        format!(
            "DO $a$ BEGIN EXECUTE '{}DROP TABLE x{}'; END $a$;",
            "DO $b$ BEGIN EXECUTE ''".repeat(50),
            "''; END $b$".repeat(50)
        ),
        "EXPLAIN ".repeat(700) + "SELECT 1;",
        "IF a BEGIN ".repeat(400) + "DROP TABLE t" + &" END".repeat(400),
    ];
    for text in texts {
        let text = format!("{text}\nDROP TABLE users;");
        let change = change(&[("migrations/1_x.sql", None, Some(&text))]);
        assert!(concerns(&change).iter().any(|found| found.level == Hazard::Red), "{}", &text[..40]);
    }
}

#[test]
fn a_large_deploy_is_judged_in_linear_time() {
    let time = |n: usize| {
        let mut head = String::new();
        for index in 0..n {
            head.push_str(&format!("ALTER TABLE t{index} ADD COLUMN c int, DROP COLUMN d;\n"));
        }
        let nested = "(".repeat(n) + &"create_table :x, (".repeat(n);
        let change = change(&[
            ("migrations/1_x.sql", None, Some(&head)),
            ("db/migrate/20260101000000_x.rb", None, Some(&nested)),
        ]);
        let started = std::time::Instant::now();
        assert!(!concerns(&change).is_empty());
        started.elapsed()
    };
    let (small, large) = (time(500), time(4_000));
    assert!(large < small * 40 + std::time::Duration::from_millis(200), "{small:?} for 500, {large:?} for 4000");
}
