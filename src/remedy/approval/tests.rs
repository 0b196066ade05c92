use super::*;
use crate::remedy::plan::tests::plan as red_plan;

/// A plan that breaks nothing.
fn plan() -> Plan {
    let mut plan = red_plan();
    plan.concerns.clear();
    plan
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), email: String::new() }
}

#[track_caller]
fn check(typed: &str, name: &str, accepted: bool) {
    let plan = plan();
    let shown = plan.digest();
    let approved = approve(plan.clone(), shown, typed, person(name));
    assert_eq!(approved.is_some(), accepted, "{typed:?} by {name:?}");
    if let Some(approved) = approved {
        assert_eq!((approved.plan(), approved.digest(), approved.by()), (&plan, shown, &person(name)));
    }
}

#[test]
fn only_the_service_or_the_branch_is_consent() {
    let branch = plan().branch;
    check("checkout", "Ada", true);
    check(" checkout\n", "Ada", true);
    check(&branch, "Ada", true);
    for refused in ["", " ", "Checkout", "checkou", "yes", "checkout checkout", "main"] {
        check(refused, "Ada", false);
    }
}

#[test]
fn nobody_cannot_consent() {
    check("checkout", "", false);
    check("checkout", "  ", false);
}

#[test]
fn a_service_without_a_name_is_not_accepted_by_typing_nothing() {
    let mut plan = plan();
    plan.service = String::new();
    let shown = plan.digest();
    assert_eq!(approve(plan, shown, "", person("Ada")), None);
}

#[test]
fn a_plan_that_changed_after_it_was_shown_is_refused() {
    let shown = plan().digest();
    let mut changed = plan();
    changed.patch.push('\n');
    assert_eq!(approve(changed, shown, "checkout", person("Ada")), None);
}

#[test]
fn a_red_plan_takes_the_branch_and_a_reason() {
    let plan = red_plan();
    let shown = plan.digest();
    let branch = plan.branch.clone();
    let typed = |text: String| consent(plan.clone(), shown, &text, person("Ada"));
    let approved = typed(format!(" {branch}: the column was never filled ")).unwrap();
    assert_eq!(approved.reason(), "the column was never filled");
    assert_eq!(typed(format!("{branch} because it must be")).unwrap().reason(), "because it must be");
    assert_eq!(typed("checkout".to_owned()), Err(Refused::Word));
    assert_eq!(typed(format!("{branch}x the column was never filled")), Err(Refused::Word));
    for hasty in ["", " ", " yes", ": ok ok ok", " ..........."] {
        assert_eq!(typed(format!("{branch}{hasty}")), Err(Refused::NoReason), "{hasty:?}");
    }
}

#[test]
fn what_is_refused_says_why() {
    let plan = plan();
    let shown = plan.digest();
    assert_eq!(consent(plan.clone(), shown, "no", person("Ada")), Err(Refused::Word));
    assert_eq!(consent(plan.clone(), shown, "checkout", person(" ")), Err(Refused::Nobody));
    assert_eq!(consent(red_plan(), shown, "checkout", person("Ada")), Err(Refused::Changed));
}
