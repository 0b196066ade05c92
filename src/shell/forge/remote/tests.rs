use super::*;

#[track_caller]
fn check(url: &str, expected: Option<(&str, &str, &str)>) {
    let remote = Remote::parse(url);
    let found = remote.as_ref().map(|remote| {
        let api = remote.forge().map_or_else(String::new, |forge| remote.api(forge));
        (remote.host.as_str(), remote.project.as_str(), api)
    });
    assert_eq!(found, expected.map(|(host, project, api)| (host, project, api.to_owned())), "{url}");
}

#[test]
fn addresses_are_read_as_git_writes_them() {
    let hub = Some(("github.com", "o/r", "https://api.github.com"));
    for url in [
        "https://github.com/o/r.git",
        "https://github.com/o/r",
        "https://github.com/o/r/",
        "https://me:secret@github.com/o/r.git",
        "git@github.com:o/r.git",
        "ssh://git@github.com/o/r.git",
        "ssh://git@github.com:22/o/r.git",
        "git://github.com/o/r.git",
        "git@GitHub.com:/o/r.git",
    ] {
        check(url, hub);
    }
    check("git@github.example.org:o/r.git", Some(("github.example.org", "o/r", "https://github.example.org/api/v3")));
    let sub = Some(("gitlab.example.org", "g/sub/r", "https://gitlab.example.org/api/v4"));
    check("ssh://git@gitlab.example.org:2222/g/sub/r.git", sub);
    check(
        "https://gitlab.example.org:8443/g/sub/r",
        Some(("gitlab.example.org:8443", "g/sub/r", "https://gitlab.example.org:8443/api/v4")),
    );
    check("https://codeberg.org/o/r", Some(("codeberg.org", "o/r", "https://codeberg.org/api/v1")));
    check("https://git.example.org/o/r", Some(("git.example.org", "o/r", "")));
}

#[test]
fn what_is_on_no_server_is_no_remote() {
    for url in [
        "",
        "/srv/git/o/r.git",
        "../r",
        "file:///srv/git/o/r.git",
        "C:/o/r",
        "./a:b/c",
        "https://github.com/r",
        "https://github.com/o/../r",
        "git@github.com:r",
        "https://git hub.com/o/r",
        "https://github.com/o/r\n",
        "ftp://h/o/r",
        "https:///o/r",
        "https://h<x>/o/r",
    ] {
        check(url, None);
    }
}
