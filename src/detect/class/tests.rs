use super::*;

#[track_caller]
fn check(template: &str, class: Class, told_by: Option<&str>) {
    assert_eq!(Rules::default().class_of(template), (class, told_by), "{template}");
}

#[test]
fn templates_are_named_by_their_words() {
    for (template, class, told_by) in [
        ("connect <addr> timed out after <dur>", Class::Transient, Some("timed out")),
        ("429 Too Many Requests from <host>", Class::Transient, Some("too many requests")),
        ("upstream says 503 Service Unavailable", Class::Transient, Some("service unavailable")),
        ("response does not match its schema", Class::Logic, Some("schema")),
        ("error[E0432]: unresolved import <*>", Class::Build, Some("unresolved import")),
        ("ModuleNotFoundError: No module named <*>", Class::Build, Some("no module named")),
        ("gateway declined order <n>", Class::Regression, None),
        ("", Class::Regression, None),
    ] {
        check(template, class, told_by);
    }
}

/// A build that timed out goes away on retry.
#[test]
fn a_transient_word_goes_before_a_build() {
    check("build failed: download timed out", Class::Transient, Some("timed out"));
}

#[test]
fn a_users_rules_go_first_and_are_listed_first() {
    let own = Rule { text: "Gateway Declined".to_owned(), class: Class::Logic };
    let rules = Rules::new(vec![own, Rule { text: String::new(), class: Class::Build }]);
    assert_eq!(rules.class_of("gateway declined order <n>"), (Class::Logic, Some("gateway declined")));
    assert_eq!(rules.iter().next(), Some(("gateway declined", Class::Logic)));
    assert!(rules.iter().all(|(text, _)| text == text.to_lowercase() && !text.is_empty()));
}
