use super::*;

fn deploy(second: i64, version: &str, revision: Option<&str>) -> Deploy {
    let at = Timestamp::from_seconds(1_768_212_000 + second);
    Deploy { revision: revision.map(str::to_owned), ..Deploy::new(at, "orders", version, Origin::Mark) }
}

/// What is known after these markers, in this order and the other way round.
#[track_caller]
fn check(markers: [Deploy; 2], expected: &[(&str, Option<&str>)]) {
    let known = |markers: &[&Deploy]| {
        let mut known = Vec::new();
        markers.iter().for_each(|deploy| {
            merge(&mut known, (*deploy).clone());
        });
        known
    };
    let [first, second] = &markers;
    let told = known(&[first, second]);
    let told: Vec<_> = told.iter().map(|deploy| (deploy.version.as_str(), deploy.revision.as_deref())).collect();
    assert_eq!(told, expected);
    assert_eq!(known(&[second, first]).len(), expected.len());
}

#[test]
fn a_mark_of_the_same_moment_says_what_an_unknown_version_is() {
    check([deploy(0, "build 7", None), deploy(0, "HEAD", Some("a1"))], &[("build 7", Some("a1"))]);
    check([deploy(0, "build 7", None), deploy(1, "HEAD", Some("a1"))], &[("build 7", None), ("HEAD", Some("a1"))]);
    check([deploy(0, "v1", Some("a1")), deploy(0, "v2", Some("b2"))], &[("v1", Some("a1")), ("v2", Some("b2"))]);
    check([deploy(0, "v1", None), deploy(0, "v2", None)], &[("v1", None), ("v2", None)]);
}

#[test]
fn two_markers_of_one_version_within_fifteen_minutes_are_one_deploy() {
    check([deploy(0, "v1", None), deploy(900, "v1", Some("a1"))], &[("v1", Some("a1"))]);
    check([deploy(0, "v1", None), deploy(901, "v1", Some("a1"))], &[("v1", None), ("v1", Some("a1"))]);
    check([deploy(0, "v1", Some("a1")), deploy(60, "a1", Some("a1"))], &[("v1", Some("a1"))]);
}
