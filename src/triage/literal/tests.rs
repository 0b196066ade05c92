use super::*;

#[track_caller]
fn check(path: &str, text: &str, message: &str, expected: &[u32]) {
    let wanted = Wanted::new(message, "");
    let lines: Vec<u32> =
        wanted.iter().flat_map(|wanted| wanted.sites(&Source::read(path, text))).map(|site| site.line).collect();
    assert_eq!(lines, expected, "{text}");
}

#[test]
fn placeholders_of_all_languages_stand_for_anything() {
    let message = "order 8812 of tenant blue could not be shipped";
    check("a.py", "log.error('order %s of tenant %s could not be shipped', a, b)", message, &[1]);
    check("a.py", "log.error(f\"order {order.id} of tenant {t!r} could not be shipped\")", message, &[1]);
    check("a.js", "log(`order ${order.id} of tenant ${t} could not be shipped`)", message, &[1]);
    check("a.rb", "log \"order #{id} of tenant #{t} could not be shipped\"", message, &[1]);
    check("a.go", "log.Printf(\"order %d of tenant %v could not be shipped\\n\", a, b)", message, &[1]);
    check("a.rs", "error!(\"order {id} of tenant {} could not be shipped\", t);", message, &[1]);
    check("a.sh", "echo \"order $id of tenant ${t} could not be shipped\"", message, &[1]);
    check("A.java", "log.error(\"order \" + id + \" of tenant \" + t + \" could not be shipped\");", message, &[1]);
    check("a.php", "error(\"order {$id} of tenant $t could not be shipped\");", message, &[1]);
    check("a.swift", "log(\"order \\(id) of tenant \\(t) could not be shipped\")", message, &[1]);
    check("A.cs", "log.LogError(\"order {OrderId} of tenant {Tenant} could not be shipped\", a, b);", message, &[1]);
}

#[test]
fn other_text_is_no_site() {
    let message = "order 8812 of tenant blue could not be shipped";
    check("a.py", "log.error('order %s of tenant %s was shipped', a, b)", message, &[]);
    check("a.py", "log.error('order')\nlog.error('%s')\nx = 'of'", message, &[]);
    check("a.py", "# order 8812 of tenant blue could not be shipped", message, &[]);
}

#[test]
fn a_message_without_text_wants_nothing() {
    assert!(Wanted::new("42", "<n>").is_none());
    assert!(Wanted::new("", "").is_none());
    assert!(Wanted::new("KeyError", "KeyError").is_none());
}
