//! Single keys and single packages that are taken back.

use super::assert_found;
use super::scene::Scene;

fn lock(a: &str, b: &str, c: &str) -> String {
    let entry = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nchecksum = \"{version}-sum\"\n\n")
    };
    format!("version = 4\n\n{}{}{}", entry("alpha", a), entry("beta", b), entry("gamma", c))
}

fn manifest(a: &str, b: &str, c: &str) -> String {
    format!("[dependencies]\nalpha = \"{a}\"\nbeta = \"{b}\"\ngamma = \"{c}\"\n")
}

#[test]
fn one_package_of_a_manifest_and_its_lock_is_pinned_back() {
    let scene = Scene::new();
    // The build wants both files to agree on each package, and fails with the new beta.
    let check = "set -eu\nfor package in alpha beta gamma; do\n  version=$(sed -n \"s/^$package = \\\"\\(.*\\)\\\"/\\1/p\" Cargo.toml)\n  grep -A1 \"name = \\\"$package\\\"\" Cargo.lock | grep -q \"\\\"$version\\\"\"\ndone\n! grep -q '^beta = \"2' Cargo.toml\n";
    let at = |a, b, c| [("Cargo.toml", manifest(a, b, c)), ("Cargo.lock", lock(a, b, c))];
    for files in [at("1.0.0", "1.0.0", "1.0.0"), at("1.1.0", "2.0.0", "1.2.0")] {
        let [manifest, lock] = &files;
        scene.commit(&[(manifest.0, &manifest.1), (lock.0, &lock.1), ("check.sh", check)]);
    }
    let fix = scene.fix(&["sh", "check.sh"]);
    assert_found(&fix, &["Cargo.lock", "Cargo.lock", "Cargo.toml"]);
    let patch = fix["patch"].as_str().unwrap();
    assert!(patch.contains("+beta = \"1.0.0\"") && patch.contains("+checksum = \"1.0.0-sum\""), "{patch}");
    assert!(!patch.contains("-alpha") && !patch.contains("-gamma"), "{patch}");
}

#[test]
fn one_key_of_the_settings_goes_back() {
    for (path, line) in [
        ("app.yaml", "{key}: {value}"),
        ("app.toml", "{key} = {value}"),
        (".env", "{key}={value}"),
        ("app.properties", "{key}={value}"),
        ("app.json", "  \"{key}\": {value},"),
    ] {
        let scene = Scene::new();
        let text = |values: [u32; 3]| {
            let lines = ["limit", "workers", "retries"].iter().zip(values);
            let lines: String = lines
                .map(|(key, value)| line.replace("{key}", key).replace("{value}", &value.to_string()) + "\n")
                .collect();
            if path.ends_with("json") { format!("{{\n{lines}  \"z\": 0\n}}\n") } else { lines }
        };
        let check = format!("grep -q 'workers[^0-9]*4,\\{{0,1\\}}$' {path}\n");
        scene.commit(&[(path, &text([1, 4, 3])), ("check.sh", &check)]);
        scene.commit(&[(path, &text([10, 0, 30])), ("check.sh", &check)]);
        let fix = scene.fix(&["sh", "check.sh"]);
        assert_found(&fix, &[path]);
        let patch = fix["patch"].as_str().unwrap();
        let changed: Vec<&str> =
            patch.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
        assert!(changed.len() == 1 && changed[0].contains("workers"), "{path}: {patch}");
    }
}
