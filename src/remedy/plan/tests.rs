use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::remedy::fix::Check;
use crate::units::Timestamp;

fn commits(n: usize) -> Vec<Commit> {
    (0..n)
        .map(|index| Commit {
            id: format!("{index:040x}"),
            author: "Ada".to_owned(),
            at: Timestamp::from_seconds(1_700_000_000),
            subject: format!("Change {index}\u{1b}[2J\nSigned-off-by: nobody"),
            paths: Vec::new(),
        })
        .collect()
}

const BASE: &str = "1111111111111111111111111111111111111111";
const HEAD: &str = "2222222222222222222222222222222222222222";

/// An account with something in every field.
fn account() -> &'static Account {
    static ACCOUNT: LazyLock<Account> = LazyLock::new(|| Account {
        verdict: "Caused by this deploy.".to_owned(),
        evidence: "The command passes without it.".to_owned(),
        hunks: vec!["a.py:3: a frame is on it".to_owned()],
        n_left_out: 1,
        checks: vec![(Check { name: "applies", passed: true, detail: "It applies.".to_owned() }, false)],
        comments: vec![Comment { file: "a.py".to_owned(), line: 3, side: Side::After, text: "why?\nhow?".to_owned() }],
    });
    &ACCOUNT
}

fn parts<'a>(commits: &'a [Commit], command: Option<&'a [String]>) -> Parts<'a> {
    Parts {
        service: "checkout",
        origin: Origin::Rollback,
        scope: Scope::Range,
        account: account(),
        base: BASE,
        head: HEAD,
        parent: HEAD,
        tree: "3333333333333333333333333333333333333333",
        patch: "diff --git a/x b/x\n".to_owned(),
        concerns: vec![Concern {
            rule: "migration.drop-column".to_owned(),
            level: Hazard::Red,
            file: "db/1.sql".to_owned(),
            line: 3,
            why: "why".to_owned(),
            safer: "safer".to_owned(),
        }],
        commits,
        reason: "Errors rose 12 times.",
        refs: &[],
        target_branch: Some("main"),
        remote: Some("origin"),
        deploy_command: command,
        push: None,
    }
}

/// A plan with something in every field, for tests of what is made from plans.
pub(crate) fn plan() -> Plan {
    let command = ["deploy", "--rev={revision}", "{service}", "{branch}", "{base}"].map(str::to_owned);
    Plan::new(parts(&commits(2), Some(&command))).unwrap()
}

fn bytes(bytes: &[u8]) -> Content {
    Content::Bytes { mode: 0o100_644, bytes: bytes.to_vec() }
}

#[track_caller]
fn check_command(template: &[&str], service: &str, expected: Result<&[&str], PlanError>) {
    let template: Vec<String> = template.iter().map(|&argument| argument.to_owned()).collect();
    let actual = Plan::new(Parts { service, ..parts(&[], Some(&template)) });
    let argv = actual.map(|plan| plan.steps.into_iter().find(|step| step.runs).map(|step| step.argv));
    let expected = expected.map(|argv| Some(argv.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>()));
    assert_eq!(argv, expected);
}

#[test]
fn a_placeholder_is_filled_in_within_its_argument() {
    check_command(&["sh", "-c", "x {service} y"], "a b; rm -rf /", Ok(&["sh", "-c", "x a b; rm -rf / y"]));
    check_command(&["go", "{base}", "{service}{service}"], "api", Ok(&["go", BASE, "apiapi"]));
    check_command(&["go", "--rev={revision}"], "api", Ok(&["go", "--rev={revision}"]));
    check_command(&["jq", "{{{service}}}"], "api", Ok(&["jq", "{api}"]));
    check_command(&["go", "", "}"], "api", Ok(&["go", "", "}"]));
}

#[test]
fn a_command_that_cannot_be_filled_in_is_refused() {
    check_command(&[], "api", Err(PlanError::NoProgram));
    check_command(&[""], "api", Err(PlanError::NoProgram));
    check_command(&["go", "{tag}"], "api", Err(PlanError::UnknownPlaceholder("tag".to_owned())));
    check_command(&["go", "{}"], "api", Err(PlanError::UnknownPlaceholder(String::new())));
    check_command(&["go", "{service"], "api", Err(PlanError::OpenBrace("{service".to_owned())));
    for service in ["{revision}", "a\nb", "a\0b"] {
        let error = PlanError::UnfitValue { name: "service", value: service.to_owned() };
        check_command(&["go", "{service}"], service, Err(error));
    }
}

#[test]
fn the_revision_is_filled_in_last_and_stays_one_argument() {
    let argv = ["go".to_owned(), "--rev={revision}".to_owned(), "{revision}{revision}".to_owned()];
    assert_eq!(with_revision(&argv, "abc"), ["go", "--rev=abc", "abcabc"]);
}

#[test]
fn what_aftercare_runs_is_told_from_what_a_person_runs() {
    let runs: Vec<_> = plan().steps.iter().map(|step| (step.argv[0].clone(), step.runs)).collect();
    let expected = [("deploy", true), ("git", false), ("git", false), ("git", false), ("git", false)]
        .map(|(p, r)| (p.to_owned(), r));
    assert_eq!(runs, expected);
}

#[test]
fn the_message_says_what_is_taken_back_and_why_without_the_controls_of_a_subject() {
    let refs = ["incident 7".to_owned(), "s6:00".to_owned()];
    let made = Plan::new(Parts { refs: &refs, ..parts(&commits(60), None) }).unwrap();
    let lines: Vec<_> = made.message.lines().collect();
    assert_eq!(lines[0], "Roll back checkout to 111111111111");
    assert!(lines.contains(&"Errors rose 12 times."));
    assert!(lines.contains(&"- 000000000000 Change 0 [2J Signed-off-by: nobody"));
    assert!(lines.contains(&"- and 10 more"));
    assert!(lines.ends_with(&["Refs: incident 7", "Refs: s6:00"]));
    assert!(!made.message.contains('\u{1b}'));
}

#[test]
fn plans_that_differ_have_different_branches() {
    let one = Plan::new(parts(&[], None)).unwrap().branch;
    let others = [
        Parts { base: HEAD, ..parts(&[], None) },
        Parts { head: BASE, ..parts(&[], None) },
        Parts { parent: BASE, ..parts(&[], None) },
        Parts { scope: Scope::Hunks(vec![HunkId(0)]), ..parts(&[], None) },
        Parts { scope: Scope::Hunks(vec![]), ..parts(&[], None) },
    ];
    for other in others {
        assert_ne!(Plan::new(other).unwrap().branch, one);
    }
    assert!(one.strip_prefix("aftercare/rollback-").is_some_and(|id| id.len() == 8));
}

#[test]
fn the_report_has_the_names_that_scripts_rely_on() {
    let value = serde_json::to_value(plan().report()).unwrap();
    assert_eq!(value["schema"], 1);
    assert_eq!(value["level"], "red");
    assert_eq!(value["findings"][0]["rule"], "migration.drop-column");
    assert_eq!(value["findings"][0]["line"], 3);
    assert_eq!(value["commands"][0]["argv"][0], "deploy");
    assert_eq!(value["commands"][0]["runs"], true);
    assert_eq!(value["patch"], "diff --git a/x b/x\n");
    assert_eq!(value["digest"], plan().digest().to_string());
}

/// Every text of a plan, to be changed one at a time.
fn texts(plan: &mut Plan) -> Vec<&mut String> {
    let mut texts = vec![
        &mut plan.service,
        &mut plan.base,
        &mut plan.head,
        &mut plan.parent,
        &mut plan.tree,
        &mut plan.branch,
        &mut plan.message,
        &mut plan.patch,
    ];
    for concern in &mut plan.concerns {
        texts.extend([&mut concern.rule, &mut concern.file, &mut concern.why, &mut concern.safer]);
    }
    for step in &mut plan.steps {
        texts.extend(step.argv.iter_mut());
        texts.push(&mut step.does);
    }
    texts
}

proptest! {
    /// No character of a plan can change without its digest changing.
    #[test]
    fn a_digest_covers_every_text(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), new in any::<char>()) {
        let mut changed = plan();
        {
            let mut texts = texts(&mut changed);
            let text = which.get_mut(&mut texts);
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters[at] = new;
            **text = characters.into_iter().collect();
        }
        prop_assert_eq!(changed.digest() == plan().digest(), changed == plan());
    }

    /// No text can move over the border between two fields, and none can vanish.
    #[test]
    fn a_digest_covers_where_a_field_ends(which in 0_usize..7, n in 1_usize..8) {
        let mut changed = plan();
        {
            let mut texts = texts(&mut changed);
            let cut = texts[which].len().saturating_sub(n);
            let moved = texts[which].split_off(cut);
            texts[which + 1].insert_str(0, &moved);
        }
        prop_assert_ne!(changed.digest(), plan().digest());
    }

    /// Numbers, flags, order and lengths count as well.
    #[test]
    fn a_digest_covers_what_is_not_text(which in 0_usize..16) {
        let mut changed = plan();
        match which {
            0 => changed.scope = Scope::Hunks(vec![]),
            1 => changed.concerns[0].line += 1,
            2 => changed.concerns[0].level = Hazard::Amber,
            3 => changed.steps[0].runs = false,
            4 => changed.steps.swap(0, 1),
            5 => { changed.steps.pop(); }
            6 => { changed.concerns.clear(); }
            7 => changed.steps[0].argv.push(String::new()),
            8 => changed.scope = Scope::Hunks(vec![HunkId(1)]),
            9 => changed.origin = Origin::Search,
            10 => changed.comments[0].line += 1,
            11 => changed.comments[0].side = Side::Before,
            12 => changed.comments.clear(),
            13 => changed.scope = Scope::Files(vec![]),
            14 => changed.scope = Scope::Files(vec![Put { path: b"x".to_vec(), content: Content::Gone }]),
            _ => changed.scope = Scope::Files(vec![Put { path: b"x".to_vec(), content: bytes(b"y") }]),
        }
        prop_assert_ne!(changed.digest(), plan().digest());
    }
}

#[test]
fn a_push_is_a_command_of_the_plan_in_front_of_the_deploy_and_a_pull_request_follows() {
    let command = ["deploy".to_owned()];
    let request = PullRequest {
        forge: "github".to_owned(),
        api: "https://api.github.com".to_owned(),
        project: "o/r".to_owned(),
        target: "main".to_owned(),
    };
    let push = Push { remote: "origin".to_owned(), pull_request: Some(request) };
    let pushing = Plan::new(Parts { push: Some(&push), ..parts(&[], Some(&command)) }).unwrap();
    let branch = &pushing.branch;
    let run: Vec<String> = pushing.steps.iter().filter(|step| step.runs).map(|step| step.argv.join(" ")).collect();
    let expected = [
        format!("git push --porcelain origin refs/heads/{branch}:refs/heads/{branch}"),
        "deploy".to_owned(),
        format!(
            "aftercare pull-request --forge github --api https://api.github.com --project o/r --source {branch} --target main"
        ),
    ];
    assert_eq!(run, expected);
    assert_ne!(pushing.digest(), Plan::new(parts(&[], Some(&command))).unwrap().digest());
}

#[test]
fn where_going_back_breaks_something_a_fix_comes_first() {
    assert_eq!(ways(Hazard::Red), [Way::FixForward, Way::RollBack]);
    assert_eq!(ways(Hazard::Amber), [Way::RollBack, Way::FixForward]);
    let value = serde_json::to_value(plan().report()).unwrap();
    assert_eq!((&value["blocked"], &value["ways"][0]), (&true.into(), &"fix-forward".into()));
}

#[test]
fn a_plan_survives_being_written_down() {
    let plan = plan();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    let hunks = Plan { scope: Scope::Hunks(vec![HunkId(3)]), ..plan };
    let text = serde_json::to_string(&hunks).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap().digest(), hunks.digest());
}

#[test]
fn an_argument_list_is_shown_so_that_each_argument_can_be_told() {
    let argv = ["sh", "-c", "echo one; rm 'x y'", "", "{revision}"].map(str::to_owned);
    assert_eq!(shown_argv(&argv), r"sh -c 'echo one; rm '\''x y'\''' '' {revision}");
}
