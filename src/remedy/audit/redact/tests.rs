use super::*;

#[track_caller]
fn check(argv: &[&str], expected: &[&str]) {
    let argv: Vec<String> = argv.iter().map(|&argument| argument.to_owned()).collect();
    assert_eq!(redact_argv(&argv), expected);
}

#[test]
fn what_is_named_like_a_secret_is_hidden() {
    check(&["deploy", "--token", "abc", "api"], &["deploy", "--token", "<redacted>", "api"]);
    check(&["deploy", "--token=abc"], &["deploy", "--token=<redacted>"]);
    check(&["env", "DB_PASSWORD=abc", "sh"], &["env", "DB_PASSWORD=<redacted>", "sh"]);
    check(&["env", "AWS_SECRET_ACCESS_KEY=abc"], &["env", "AWS_SECRET_ACCESS_KEY=<redacted>"]);
    check(&["curl", "-H", "Authorization: Bearer abc"], &["curl", "-H", "Authorization:<redacted>"]);
}

#[test]
fn what_has_the_shape_of_a_secret_is_hidden() {
    check(&["git", "push", "https://me:abc@host/x"], &["git", "push", "https://<redacted>@host/x"]);
    check(&["x", "ghp_0123456789012345678901234567"], &["x", "<redacted>"]);
    check(&["sh", "-c", "curl -H 'X: bearer abc'"], &["sh", "-c", "curl -H 'X: bearer <redacted>"]);
}

#[test]
fn the_rest_stays_readable() {
    check(
        &["kubectl", "set", "image", "deploy/api", "api=reg/api:v1"],
        &["kubectl", "set", "image", "deploy/api", "api=reg/api:v1"],
    );
    check(&["x", "--token", "--verbose"], &["x", "--token", "--verbose"]);
}
