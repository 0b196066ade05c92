//! What a confined command can do and cannot, on this system; where it has no such wall, the tests say so and hold the
//! words to it.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::*;
use crate::shell::execute::Limits;
use crate::shell::execute::command::{Environment, run_in};

/// Runs a shell's script in a folder of its own; whether it succeeded, and what it said.
fn run(script: &str, folder: &Path, open: Option<(&Open, Means)>) -> (bool, String) {
    let confinement = open.map(|(open, means)| Confinement { means, ..Confinement::of(open, vec![folder.to_owned()]) });
    run_within(script, folder, confinement.as_ref())
}

fn run_within(script: &str, folder: &Path, confinement: Option<&Confinement>) -> (bool, String) {
    let argv = ["sh", "-c", script].map(str::to_owned);
    let limits = Limits { time: Duration::from_secs(30), ..Limits::default() };
    let mut said = String::new();
    let mut pass = |_, line: String| said.push_str(&format!("{line}\n"));
    let cancel = AtomicBool::new(false);
    let ran = run_in(&argv, (folder, confinement), &Environment::Users, limits, &cancel, &mut pass);
    (ran.succeeded(), format!("{said}{}", ran.sentence()))
}

/// Checks with each means that this system has.
fn each(check: impl Fn(Means)) {
    check(Means::Parts);
    match Means::of(&Open::default()) {
        Means::Parts => drop(writeln!(io::stderr(), "NOT TESTED, for this system has none that works: bubblewrap")),
        bubblewrap => check(bubblewrap),
    }
}

/// Tells whoever reads the output of the tests that nothing could be tested here.
fn missing(wall: &Wall) {
    let _ = writeln!(io::stderr(), "NOT TESTED, for this system has no such wall: {wall:?}");
}

/// Connects to a port of the loopback with what every Linux has, or fails.
fn connecting(port: u16) -> String {
    format!("exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'")
}

#[test]
fn a_connection_succeeds_outside_and_fails_inside() {
    each(|means| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = connecting(listener.local_addr().unwrap().port());
        let folder = tempfile::tempdir().unwrap();
        let (reached, said) = run(&script, folder.path(), None);
        assert!(reached, "{said}");
        let opened = Open { network: true, ..Open::default() };
        let (reached, said) = run(&script, folder.path(), Some((&opened, means)));
        assert!(reached, "the network was opened: {said}");
        let stands = walls_by(means, &Open::default()).network;
        let (reached, said) = run(&script, folder.path(), Some((&Open::default(), means)));
        match &stands {
            Wall::Closed(_) | Wall::Partly(_) => assert!(!reached, "{stands:?}: {said}"),
            Wall::Open(_) => missing(&stands),
        }
    });
}

/// What TCP alone would not close.
#[test]
fn a_datagram_does_not_leave_a_namespace() {
    each(|means| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let port = socket.local_addr().unwrap().port();
        let script = format!("exec bash -c 'echo secret > /dev/udp/127.0.0.1/{port}'");
        let folder = tempfile::tempdir().unwrap();
        let stands = walls_by(means, &Open::default()).network;
        let Wall::Closed(_) = &stands else { return missing(&stands) };
        let mut buffer = [0; 16];
        run(&script, folder.path(), Some((&Open::default(), means)));
        assert!(socket.recv(&mut buffer).is_err(), "it came out");
        let (sent, said) = run(&script, folder.path(), None);
        assert!(sent && socket.recv(&mut buffer).is_ok(), "without walls it comes: {said}");
    });
}

#[test]
fn a_server_within_a_test_is_reached_by_that_test() {
    each(|means| {
        let stands = walls_by(means, &Open::default()).network;
        let Wall::Closed(how) = &stands else { return missing(&stands) };
        if !how.contains("its own loopback") {
            return missing(&stands);
        }
        let folder = tempfile::tempdir().unwrap();
        // A datagram to a port of the loopback that nobody has is refused at the second try; without a loopback the first fails.
        let script = "exec bash -c 'echo a > /dev/udp/127.0.0.1/9'";
        let (sent, said) = run(script, folder.path(), Some((&Open::default(), means)));
        assert!(sent, "{said}");
    });
}

#[test]
fn a_write_beyond_its_folders_fails_and_one_within_succeeds() {
    each(|means| {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let there = other.path().join("there");
        fs::write(&there, "kept").unwrap();
        let stands = walls_by(means, &Open::default()).writes;
        let folder = other.path().display();
        let ways = [
            format!("echo x > '{folder}/new'"),
            format!("echo x > '{folder}/there'"),
            format!("rm '{folder}/there'"),
            format!("mkdir '{folder}/new'"),
            format!("mv '{folder}/there' here"),
            format!("ln -s x '{folder}/new'"),
            format!("truncate -s 0 '{folder}/there'"),
        ];
        for way in &ways {
            let (done, said) = run(way, own.path(), Some((&Open::default(), means)));
            let Wall::Closed(_) = &stands else { return missing(&stands) };
            assert!(!done, "{way}: {said}");
            assert_eq!(fs::read_to_string(&there).unwrap(), "kept", "{way}");
            assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1, "{way}");
        }
        let inside = "echo x > a && mkdir b && mv a b/c && cp b/c d && rm d && echo x > /dev/null && test -f b/c";
        let (done, said) = run(inside, own.path(), Some((&Open::default(), means)));
        assert!(done, "{said}");
        let opened = Open { writable: vec![other.path().to_owned()], ..Open::default() };
        let (done, said) = run(&ways[0], own.path(), Some((&opened, means)));
        assert!(done, "the folder was opened: {said}");
    });
}

#[test]
fn keys_cannot_be_read_and_everything_else_can() {
    each(|means| {
        let (home, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, file) in [(".ssh", "id"), (".config/gh", "hosts.yml"), (".config/other", "file"), ("work", "file")]
        {
            fs::create_dir_all(home.path().join(folder)).unwrap();
            fs::write(home.path().join(folder).join(file), "text").unwrap();
        }
        fs::write(home.path().join(".netrc"), "text").unwrap();
        std::os::unix::fs::symlink(home.path().join(".ssh/id"), own.path().join("link")).unwrap();
        let stands = walls_by(means, &Open::default()).keys;
        let read = |file: &str, open: &Open| {
            let argv = ["cat".to_owned(), home.path().join(file).to_string_lossy().into_owned()];
            let mut confinement = Confinement { means, ..Confinement::of(open, vec![own.path().to_owned()]) };
            confinement.home = Some(home.path().to_owned());
            let limits = Limits { time: Duration::from_secs(30), ..Limits::default() };
            let (place, cancel) = ((own.path(), Some(&confinement)), AtomicBool::new(false));
            run_in(&argv, place, &Environment::Users, limits, &cancel, &mut |_, _| ()).succeeded()
        };
        let link = own.path().join("link").to_string_lossy().into_owned();
        for file in [".ssh/id", ".config/gh/hosts.yml", ".netrc", &link] {
            let Wall::Closed(_) = &stands else { return missing(&stands) };
            assert!(!read(file, &Open::default()), "{file} was read");
        }
        for file in [".config/other/file", "work/file"] {
            assert!(read(file, &Open::default()), "{file} was not read");
        }
        let opened = Open { readable: vec![home.path().join(".ssh")], ..Open::default() };
        assert!(read(".ssh/id", &opened) && !read(".netrc", &opened));
    });
}

/// What it starts is as confined as itself, and nobody within can take the walls down again.
#[test]
fn no_way_leads_back_out() {
    each(|means| {
        let stands = walls_by(means, &Open::default());
        let Wall::Closed(_) = &stands.network else { return missing(&stands.network) };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let connect = format!("bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'");
        for way in [
            format!("setsid --wait {connect}"),
            format!("nsenter --net=/proc/{}/ns/net {connect}", std::process::id()),
            format!("nsenter --target {} --net --user --preserve-credentials {connect}", std::process::id()),
            format!("unshare --user --map-root-user nsenter --net=/proc/{}/ns/net {connect}", std::process::id()),
        ] {
            let (reached, said) = run(&way, folder.path(), Some((&Open::default(), means)));
            assert!(!reached, "{way}: {said}");
        }
        let Wall::Closed(_) = &stands.writes else { return missing(&stands.writes) };
        let (set, said) = run(
            "cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern",
            folder.path(),
            Some((&Open::default(), means)),
        );
        assert!(!set, "{said}");
    });
}

#[test]
fn a_program_that_is_not_there_is_said_of_the_program() {
    each(|means| {
        let folder = tempfile::tempdir().unwrap();
        let confinement = Confinement { means, ..Confinement::of(&Open::default(), vec![folder.path().to_owned()]) };
        let limits = Limits::default();
        let cancel = AtomicBool::new(false);
        for program in ["no-such-program-here", "./no-such-script"] {
            let argv = [program.to_owned()];
            let place = (folder.path(), Some(&confinement));
            let ran = run_in(&argv, place, &Environment::Users, limits, &cancel, &mut |_, _| ());
            assert!(ran.sentence().contains("could not be started"), "{}", ran.sentence());
        }
        fs::write(folder.path().join("here.sh"), "#!/bin/sh\necho ran\n").unwrap();
        let (done, said) = run("chmod +x here.sh && ./here.sh", folder.path(), Some((&Open::default(), means)));
        assert!(done && said.contains("ran"), "{said}");
        let argv = ["./here.sh".to_owned()];
        let ran =
            run_in(&argv, (folder.path(), Some(&confinement)), &Environment::Users, limits, &cancel, &mut |_, _| ());
        assert!(ran.succeeded(), "a path is one of the command's folder: {}", ran.sentence());
    });
}

/// Landlock has no right for these; where bubblewrap is missing, the words must say that they are open.
#[test]
fn a_socket_in_the_file_system_is_covered_or_said_to_be_in_reach() {
    each(|means| {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = other.path().canonicalize().unwrap().join("service.sock");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
        let script = format!("exec python3 -c '{connect}' '{}'", path.display());
        let (reached, said) = run(&script, own.path(), None);
        if !reached {
            let _ = writeln!(io::stderr(), "NOT TESTED, for no python3 is here: {said}");
            return;
        }
        let open = Open::default();
        let mut confinement = Confinement { means, ..Confinement::of(&open, vec![own.path().to_owned()]) };
        confinement.settled = Duration::ZERO;
        let (reached, said) = run_within(&script, own.path(), Some(&confinement));
        match walls_by(means, &open).sockets {
            Wall::Closed(words) => {
                assert!(!reached && said.contains("Error"), "{words}: {said}");
                confinement.settled = sockets::SETTLED;
                let (reached, said) = run_within(&script, own.path(), Some(&confinement));
                assert!(reached, "one that may be gone in a moment is not covered: {said}");
            }
            Wall::Partly(_) | Wall::Open(_) => assert!(matches!(means, Means::Parts)),
        }
        let opened = Open { writable: vec![path.clone()], ..Open::default() };
        let (reached, said) = run(&script, own.path(), Some((&opened, means)));
        assert!(reached, "the socket was opened: {said}");
        assert!(!matches!(walls_by(means, &opened).sockets, Wall::Closed(_)));
    });
}
