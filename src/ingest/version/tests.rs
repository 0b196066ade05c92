use super::*;
use crate::ingest::signature;

#[track_caller]
fn check(fields: &[(&str, &str)], expected: Option<&str>) {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let event = Event {
        time: None,
        level: None,
        component: None,
        message: "started version=9".to_owned(),
        fields: fields.iter().map(pair).collect(),
        trace: None,
        text: String::new(),
        n_lines: 1,
        signature: signature::of_message("started"),
        end: 0,
    };
    assert_eq!(version(&event), expected, "{fields:?}");
}

#[test]
fn a_field_that_is_called_a_version_is_one() {
    check(&[("version", "v1.8.2")], Some("v1.8.2"));
    check(&[("App-Version", "1.8.2+b7")], Some("1.8.2+b7"));
    check(&[("resource.service.version", "2026.11.3")], Some("2026.11.3"));
    check(&[("git.sha", "x"), ("ctx.git_sha", "4f0c2d9e")], Some("4f0c2d9e"));
    check(&[("release", "r77"), ("request_id", "5")], Some("r77"));
}

#[test]
fn an_image_says_it_by_its_tag() {
    check(&[("image", "registry:5000/shop/orders:1.8.2")], Some("1.8.2"));
    check(&[("image", "orders@sha256:4f0c")], Some("sha256:4f0c"));
    check(&[("image", "orders")], None);
}

#[test]
fn the_best_name_counts_whatever_comes_first() {
    check(&[("build", "77"), ("version", "v2")], Some("v2"));
    check(&[("image", "orders:1"), ("service.version", "2")], Some("2"));
}

#[test]
fn what_is_no_version_is_none() {
    check(&[], None);
    check(&[("http_version", "1.1"), ("conversion", "5")], None);
    check(&[("version", "")], None);
    check(&[("version", "the new one")], None);
    check(&[("version", &"9".repeat(200))], None);
}
