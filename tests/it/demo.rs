//! The world of `aftercare demo`: a true repository, a true service, and one commit that is wrong.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use aftercare::shell::clock::Clock;
use aftercare::shell::demo::{DemoError, Stage, Traffic, World};
use aftercare::units::Timestamp;
use tempfile::TempDir;

const DAY: u64 = 24 * 3600;

fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_600_123)
}

fn world() -> (TempDir, World) {
    let dir = tempfile::tempdir().unwrap();
    let world = World::make(dir.path(), now()).unwrap();
    (dir, world)
}

/// The POSIX shells of this machine; always at least `sh`.
fn shells() -> Vec<Vec<&'static str>> {
    let known: [&[&str]; 4] = [&["sh"], &["dash"], &["bash", "--posix"], &["busybox", "sh"]];
    let works = |shell: &&&[&str]| {
        let (program, arguments) = shell.split_first().unwrap();
        Command::new(program).args(arguments).args(["-c", "exit 0"]).status().is_ok_and(|status| status.success())
    };
    let shells: Vec<Vec<&str>> = known.iter().filter(works).map(|shell| shell.to_vec()).collect();
    assert_eq!(shells.first(), Some(&vec!["sh"]));
    shells
}

fn git(world: &World, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(world.repo()).args(arguments).output().unwrap();
    said(&output)
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What the current release logs for these requests under this shell.
fn serve(world: &World, shell: &[&str], requests: &str) -> String {
    let (program, arguments) = shell.split_first().unwrap();
    let mut child = Command::new(program)
        .args(arguments)
        .arg(world.dir().join("current/service.sh"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let requests = requests.to_owned();
    let feeder = std::thread::spawn(move || stdin.write_all(requests.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell:?} complains");
    said(&output)
}

/// The first `n` requests of some traffic, a line each.
fn requests(n: usize) -> Vec<String> {
    let mut traffic = Traffic::new(11, now(), now(), 500_000);
    (0..n).map(|_| traffic.take().line).collect()
}

/// Whether a request is a whole order that the customer collects: one without a postcode.
fn is_collected(request: &str) -> bool {
    request.contains(" place ") && request.ends_with(',') && request.matches(',').count() == 5
}

#[test]
fn the_repository_is_sound_and_its_work_tree_clean() {
    let (_dir, world) = world();
    git(&world, &["fsck", "--strict", "--full"]);
    assert_eq!(git(&world, &["status", "--porcelain"]), "");
    assert_eq!(git(&world, &["symbolic-ref", "--short", "HEAD"]), "main\n");
    assert_eq!(git(&world, &["tag", "--list"]), "v1.8.1\nv1.8.2\n");
    assert_eq!(git(&world, &["rev-parse", "v1.8.1^{commit}"]).trim(), world.truth().healthy_revision);
    assert_eq!(git(&world, &["rev-parse", "main"]).trim(), world.truth().bad_revision);
}

#[test]
fn commits_are_in_order_by_several_people_and_all_in_the_past() {
    let (_dir, world) = world();
    let log = git(&world, &["log", "--reverse", "--format=%at %ae", "v1.8.2"]);
    let commits: Vec<(i64, &str)> =
        log.lines().filter_map(|line| line.split_once(' ')).map(|(at, by)| (at.parse().unwrap(), by)).collect();
    assert!(commits.len() > 12, "{log}");
    assert!(commits.is_sorted_by_key(|(at, _)| *at), "{log}");
    assert!(commits.iter().all(|(at, _)| *at < now().seconds()));
    assert_eq!(commits.iter().map(|(_, by)| *by).collect::<BTreeSet<_>>().len(), 3);
    let healthy: i64 = git(&world, &["log", "-1", "--format=%at", "v1.8.1"]).trim().parse().unwrap();
    assert!(
        now().since(Timestamp::from_seconds(healthy)) > Duration::from_secs(7 * DAY),
        "released before its log begins"
    );
}

#[test]
fn the_wrong_commit_is_one_among_harmless_ones() {
    let (_dir, world) = world();
    let truth = world.truth();
    let range = git(&world, &["rev-list", "v1.8.1..v1.8.2"]);
    assert!((5..=7).contains(&range.lines().count()), "{range}");
    assert!(range.lines().any(|id| id == truth.bad_commit));
    let touched = git(&world, &["show", "--format=", "--name-only", &truth.bad_commit]);
    assert_eq!(touched.trim(), truth.file);
    let others = git(&world, &["diff", "--name-only", "v1.8.1..v1.8.2"]);
    for path in ["README.md", "CHANGELOG.md", "config/service.conf", "lib/pricing.sh", "lib/quotes.sh", "tests/run.sh"]
    {
        assert!(others.lines().any(|line| line == path), "{path} not in {others}");
    }
}

#[test]
fn the_truth_is_the_only_hunk_of_the_wrong_file() {
    let (_dir, world) = world();
    let truth = world.truth();
    let diff = git(&world, &["diff", "-U0", "v1.8.1..v1.8.2", "--", truth.file]);
    let hunks: Vec<&str> = diff.lines().filter(|line| line.starts_with("@@")).collect();
    let (start, n_lines) = (*truth.lines.start(), truth.lines.end() - truth.lines.start() + 1);
    assert_eq!(hunks.len(), 1, "{diff}");
    assert!(hunks[0].contains(&format!("+{start},{n_lines} @@")), "{} is not {:?}", hunks[0], truth.lines);
    assert!(truth.is_at(truth.file, start, start + 1));
    assert!(!truth.is_at("lib/pricing.sh", start, start));
    assert!(!truth.is_at(truth.file, 1, 500));
}

/// The tests overlook an order that is collected: that is how the wrong commit got through.
#[test]
fn the_service_passes_its_own_tests_before_and_after_under_every_shell() {
    let (_dir, world) = world();
    for version in [World::HEALTHY, World::BAD] {
        world.deploy(version).unwrap();
        for shell in shells() {
            let (program, arguments) = shell.split_first().unwrap();
            let mut tests = Command::new(program);
            tests.args(arguments).arg(world.dir().join("current/tests/run.sh"));
            let report = said(&tests.env("SHELL_UNDER_TEST", shell.join(" ")).output().unwrap());
            assert!(report.ends_with(" passed, 0 failed\n"), "{version} under {shell:?}: {report}");
        }
        git(&world, &["checkout", "--quiet", version]);
        said(&Command::new("sh").arg("tests/run.sh").current_dir(world.repo()).output().unwrap());
    }
}

#[test]
fn every_shell_logs_the_same_bytes() {
    let (_dir, world) = world();
    let requests = requests(3_000).join("\n") + "\n";
    for version in [World::HEALTHY, World::BAD] {
        world.deploy(version).unwrap();
        let expected = serve(&world, &["sh"], &requests);
        assert!(expected.lines().count() > 3_000);
        for shell in shells() {
            assert!(serve(&world, &shell, &requests) == expected, "{version} differs under {shell:?}");
        }
    }
}

#[test]
fn collected_orders_fail_after_the_deploy_and_only_they_and_only_then() {
    let (_dir, world) = world();
    let requests = requests(4_000);
    let wrong = requests.iter().filter(|request| is_collected(request)).count();
    let orders = requests.iter().filter(|request| request.contains(" place ")).count();
    assert!((0.25..0.35).contains(&(wrong as f64 / orders as f64)), "{wrong} of {orders}");

    let failures = |world: &World, requests: &[&String]| {
        let text: String = requests.iter().map(|request| format!("{request}\n")).collect();
        let log = serve(world, &["sh"], &text);
        log.lines().filter(|line| line.contains(world.truth().message)).map(str::to_owned).collect::<Vec<_>>()
    };
    let (collected, others): (Vec<&String>, Vec<&String>) = requests.iter().partition(|request| is_collected(request));
    let benign = failures(&world, &others).len();
    assert!((1..wrong / 20).contains(&benign), "{benign} orders were cut short");
    assert_eq!(failures(&world, &collected), Vec::<String>::new());

    world.deploy(World::BAD).unwrap();
    assert_eq!(failures(&world, &others).len(), benign);
    let failed = failures(&world, &collected);
    assert_eq!(failed.len(), wrong);

    world.deploy(World::HEALTHY).unwrap();
    assert_eq!(failures(&world, &collected), Vec::<String>::new());
}

#[test]
fn the_error_names_the_line_that_wrote_it() {
    let (_dir, world) = world();
    world.deploy(World::BAD).unwrap();
    let log = serve(&world, &["sh"], "2026-11-24T10:15:00.123Z 4711 place C1042,K204,2,,EUR,\n");
    let (head, place) = log.split_once(" at ").unwrap();
    assert_eq!(head, "2026-11-24T10:15:00.123Z ERROR [orders] order 4711 rejected: malformed order");
    let (file, rest) = place.split_once(':').unwrap();
    let (line, function) = rest.trim_end().split_once(' ').unwrap();
    let line: u32 = line.parse().unwrap();
    assert_eq!(function, "in parse_order");
    assert!(world.truth().is_at(file, line, line), "{place}");
    let source = git(&world, &["show", &format!("v1.8.2:{file}")]);
    let source = source.lines().nth(line as usize - 1).unwrap();
    assert!(source.contains("reject 'malformed order'"), "line {line} is {source:?}");
}

fn read_log(path: &Path) -> String {
    let file = File::open(path).unwrap();
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        (&file).read_to_string(&mut text).unwrap();
    }
    text
}

#[test]
fn history_is_seven_days_in_order_and_in_the_past() {
    let (_dir, world) = world();
    let files = world.write_history().unwrap();
    assert_eq!(files.len(), 8);
    assert_eq!(files.last(), Some(&world.log()));
    assert!(files.iter().filter(|path| path.to_string_lossy().ends_with(".gz")).count() >= 2);
    let left: Vec<_> = fs::read_dir(world.history()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 7, "{left:?}");

    let text: String = files.iter().map(|path| read_log(path)).collect();
    let times: Vec<Timestamp> = text.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted());
    let (first, last) = (times[0], *times.last().unwrap());
    assert!(last <= now() && now().since(last) < Duration::from_secs(120), "{last}");
    assert!(now().since(first) <= Duration::from_secs(7 * DAY));
    assert!(now().since(first) > Duration::from_secs(7 * DAY - 120), "{first}");

    let minutes: BTreeSet<i32> = times.iter().map(|time| time.minute().number()).collect();
    assert!(minutes.len() >= 10_079, "{} minutes have a line", minutes.len());
    assert_eq!(text.lines().filter(|line| line.contains("starting orders version=v1.8.1")).count(), 1);
    assert!(text.lines().next().unwrap().contains("starting orders"));
    check_rates(&world, &text);
}

fn check_rates(world: &World, text: &str) {
    let per_minute = |what: &str| text.lines().filter(|line| line.contains(what)).count() as f64 / (7.0 * 24.0 * 60.0);
    let expected = [
        ("[main] heartbeat", 0.99, 1.01),
        (" placed by ", 3.5, 4.5),
        (" quote ", 1.6, 2.1),
        ("gateway timed out", 0.15, 0.27),
        ("on the shelf", 0.02, 0.12),
        ("unknown product", 0.005, 0.04),
        ("no route for", 0.03, 0.1),
        (world.truth().message, 0.01, 0.04),
        (" ERROR ", 0.02, 0.12),
    ];
    for (what, least, most) in expected {
        let rate = per_minute(what);
        assert!((least..most).contains(&rate), "{what}: {rate} a minute");
    }
}

#[test]
fn history_is_the_same_for_the_same_time() {
    let texts = [0, 1].map(|_| {
        let (_dir, world) = world();
        let files = world.write_history().unwrap();
        let text = files.iter().map(|path| read_log(path)).collect::<String>();
        // The revision is a digest over times and texts only, so it is the same too.
        text
    });
    assert!(texts[0] == texts[1]);
}

#[test]
fn a_branch_is_deployed_like_a_tag() {
    let (_dir, world) = world();
    git(&world, &["branch", "aftercare/rollback-1a2b3c", "v1.8.1"]);
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@orders.example"];
    git(&world, &["checkout", "--quiet", "aftercare/rollback-1a2b3c"]);
    git(&world, &[&identity[..], &["commit", "--quiet", "--allow-empty", "-m", "Go back"]].concat());
    let argv: Vec<String> = world
        .deploy_command()
        .into_iter()
        .map(|word| word.replace("{revision}", "aftercare/rollback-1a2b3c"))
        .collect();
    let output = Command::new(&argv[0]).args(&argv[1..]).current_dir("/").env("GIT_DIR", "/nowhere").output().unwrap();
    let report = said(&output);
    let id = git(&world, &["rev-parse", "HEAD"]);
    assert!(report.contains(&format!("deploying v1.8.1-1-g{}", &id[..7])), "{report}");
    let started = serve(&world, &["sh"], "2026-11-24T10:15:00.123Z 0 start -\n");
    assert!(started.ends_with(&format!("revision={id}")), "{started}");
    let record = fs::read_to_string(world.dir().join("deploys.log")).unwrap();
    assert!(record.lines().last().unwrap().starts_with(id.trim()));
}

#[test]
fn every_shell_can_deploy() {
    for shell in shells() {
        let dir = tempfile::tempdir().unwrap();
        let world = World::make_with_shell(dir.path(), now(), &shell).unwrap();
        world.deploy(World::BAD).unwrap();
        let again = world.deploy(World::BAD).unwrap();
        assert!(again.contains("released before"), "{again}");
        let current = fs::read_link(world.dir().join("current")).unwrap();
        assert_eq!(current, Path::new("releases").join(&world.truth().bad_revision));
        let names: Vec<_> =
            fs::read_dir(world.dir().join("releases")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing but releases is left behind: {names:?}");
    }
}

#[test]
fn a_deploy_that_fails_leaves_what_runs() {
    let (_dir, world) = world();
    for wrong in ["v9.9.9", "", "--help", "refs/heads/none"] {
        let error = world.deploy(wrong).unwrap_err();
        assert!(matches!(error, DemoError::Failed { .. }), "{wrong:?}: {error}");
    }
    let current = fs::read_link(world.dir().join("current")).unwrap();
    assert!(current.ends_with(&world.truth().healthy_revision));
}

#[test]
fn there_is_a_current_release_at_every_moment_of_a_deploy() {
    let (_dir, world) = world();
    let current = world.dir().join("current/service.sh");
    let deploying = world.clone();
    let deploys = std::thread::spawn(move || {
        for version in [World::BAD, World::HEALTHY, World::BAD, World::HEALTHY] {
            deploying.deploy(version).unwrap();
        }
    });
    let mut looks = 0;
    while !deploys.is_finished() {
        fs::metadata(&current).unwrap();
        looks += 1;
    }
    deploys.join().unwrap();
    assert!(looks > 100);
}

#[test]
fn a_second_world_does_not_overwrite_the_first() {
    let (dir, world) = world();
    let error = World::make(dir.path(), now()).unwrap_err();
    assert!(matches!(&error, DemoError::Exists(path) if *path == world.repo()), "{error}");
    assert_eq!(git(&world, &["status", "--porcelain"]), "");
}

/// Reads the log until it holds this text so many times.
#[track_caller]
fn wait_for(world: &World, stage: &Stage, text: &str, times: usize) -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let log = fs::read_to_string(world.log()).unwrap_or_default();
        if log.matches(text).count() >= times {
            return log;
        }
        assert_eq!(stage.problem(), None);
        assert!(Instant::now() < deadline, "no {times} x {text:?} in the log");
        std::thread::yield_now();
    }
}

#[test]
fn the_stage_serves_restarts_with_each_deploy_and_heals() {
    let clock = Clock::fast(1200);
    let dir = tempfile::tempdir().unwrap();
    let world = World::make(dir.path(), clock.now()).unwrap();
    let stage = Stage::start(&world, clock).unwrap();
    wait_for(&world, &stage, " placed by ", 20);
    stage.deploy(World::BAD).unwrap();
    let log = wait_for(&world, &stage, &format!("{} at lib/parse.sh:", world.truth().message), 12);
    let (before, _) = log.split_once("starting orders version=v1.8.2 revision=").unwrap();
    assert!(before.matches(world.truth().message).count() <= 3, "{before}");

    stage.deploy(World::HEALTHY).unwrap();
    wait_for(&world, &stage, "starting orders version=v1.8.1", 1);
    let placed = fs::read_to_string(world.log()).unwrap().matches(" placed by ").count();
    wait_for(&world, &stage, " placed by ", placed + 60);
    drop(stage);

    let log = fs::read_to_string(world.log()).unwrap();
    let (_, after) = log.split_once("starting orders version=v1.8.1").unwrap();
    assert!(after.matches(world.truth().message).count() <= 4, "{after}");
    let times: Vec<Timestamp> = log.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(times.is_sorted());
    assert!(times.iter().all(|time| *time >= world.now().before(Duration::from_secs(1)) && *time <= clock.now()));
    assert_eq!(fs::read_to_string(world.dir().join("orders.stderr")).unwrap_or_default(), "");
}

/// The command lines of all processes that mention the world.
#[cfg(target_os = "linux")]
fn processes(world: &World) -> Vec<String> {
    let of = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.ok()?.path().join("cmdline")).ok();
    let lines = fs::read_dir("/proc").unwrap().filter_map(of);
    let dir = world.dir().to_string_lossy().into_owned();
    lines.map(|line| String::from_utf8_lossy(&line).into_owned()).filter(|line| line.contains(&dir)).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_runs_once_the_stage_is_gone() {
    let clock = Clock::fast(1200);
    let dir = tempfile::tempdir().unwrap();
    let world = World::make(dir.path(), clock.now()).unwrap();
    let stage = Stage::start(&world, clock).unwrap();
    wait_for(&world, &stage, " placed by ", 1);
    assert_eq!(processes(&world).len(), 1);
    drop(stage);
    assert_eq!(processes(&world), Vec::<String>::new());
}

#[test]
fn a_release_that_cannot_run_is_reported_and_the_next_one_runs() {
    let clock = Clock::fast(1200);
    let dir = tempfile::tempdir().unwrap();
    let world = World::make(dir.path(), clock.now()).unwrap();
    git(&world, &["checkout", "--quiet", "-b", "broken"]);
    fs::write(world.repo().join("service.sh"), "exit 3\n").unwrap();
    git(&world, &["-c", "user.name=Ada", "-c", "user.email=ada@orders.example", "commit", "-qam", "Break it"]);
    let stage = Stage::start(&world, clock).unwrap();
    wait_for(&world, &stage, " placed by ", 1);
    stage.deploy("broken").unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while stage.problem().is_none() {
        assert!(Instant::now() < deadline, "nobody noticed");
        std::thread::yield_now();
    }
    stage.deploy(World::HEALTHY).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(world.log()).unwrap().contains("starting orders version=v1.8.1") {
        assert!(Instant::now() < deadline, "it did not come back");
        std::thread::yield_now();
    }
    assert_eq!(stage.problem(), None);
}

/// Lets the release that was just deployed serve what customers ask until about now.
pub fn serve_half_an_hour(world: &World, deployed: Timestamp) {
    let log = fs::OpenOptions::new().append(true).open(world.log()).unwrap();
    let mut child = Command::new("sh")
        .arg(world.dir().join("current/service.sh"))
        .stdin(Stdio::piped())
        .stdout(log)
        .spawn()
        .unwrap();
    let mut traffic = Traffic::new(5, deployed, deployed, 900_000);
    let end = deployed.after(Duration::from_secs(29 * 60));
    let mut requests = format!("{deployed} 0 start -\n");
    while traffic.peek() < end {
        requests.push_str(&traffic.take().line);
        requests.push('\n');
    }
    child.stdin.take().unwrap().write_all(requests.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
