//! Laws of signatures: fresh values never make a new name, moved code never makes a new trace.

use std::sync::LazyLock;

use aftercare::ingest::explain::first_event;
use aftercare::ingest::signature::{of_message, of_trace};
use aftercare::ingest::{Limits, trace};
use aftercare::units::Timestamp;
use proptest::prelude::*;
use regex::Regex;

/// Lines as software writes them, with a kind in braces wherever a value stands.
const SHAPES: &[&str] =
    &[include_str!("../../data/signatures/shapes.txt"), include_str!("../../data/signatures/kinds.txt")];

/// Fresh text of one kind of variable.
fn value(kind: &str) -> BoxedStrategy<String> {
    let pattern = match kind {
        "uuid" => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "n" => "(0|[1-9][0-9]{0,9})",
        "float" => "-?[0-9]{1,4}\\.[0-9]{1,6}",
        "time" => {
            "20[0-3][0-9]-(0[1-9]|1[0-2])-[0-2][0-9][T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.,][0-9]{3,6})?(Z|[+-]0[0-9]:?00)?"
        }
        "date" => {
            "(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-3]?[0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9] (UTC |CET |EST )?20[0-3][0-9]"
        }
        "httpdate" => {
            "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT"
        }
        "clock" => "[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?",
        "ip" => "[1-9][0-9]{0,2}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        "addr" => "[1-9][0-9]{0,2}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}:[1-9][0-9]{1,4}",
        "ip6" => "(fe80|2001:db8)(:[0-9a-f]{1,4}){2,4}::[0-9a-f]{1,4}",
        "mac" => "[0-9a-f]{2}(:[0-9a-f]{2}){5}",
        "hex" => "0x[0-9a-f]{4,16}",
        "hash" => "[0-9a-f]{40}",
        "short" => "[0-9a-f]{12}",
        "id" => "[A-Z]{2,4}-[0-9]{3,6}",
        "pod" => "[a-z]{3,8}(-[a-z]{3,6})?-[0-9a-f]{8,10}-[a-z0-9]{2}[0-9][a-z0-9]{2}",
        "path" => "(/[a-z][a-z0-9_.-]{0,9}){2,5}(\\.[a-z]{2,4})?",
        "winpath" => "[C-F]:(\\\\[A-Za-z][A-Za-z0-9_.-]{0,9}){2,4}",
        "url" => {
            "https?://[a-z]{3,9}(\\.[a-z]{3,8}){1,2}(:[0-9]{2,5})?(/[a-z0-9_-]{1,8}){0,4}(\\?[a-z]{1,5}=[a-z0-9%]{1,8}(&[a-z]{1,5}=[a-z0-9%]{1,8}){0,2})?"
        }
        "email" => "[a-z]{2,8}([._+-][a-z0-9]{1,8})?@[a-z]{3,9}\\.(com|org|io|co\\.uk)",
        "dur" => {
            "([0-9]{1,5}(ms|us|s|m|h)|[0-9]{1,3}\\.[0-9]{1,3}(ms|s|µs)|[0-9]{1,2}m[0-9]{1,2}(\\.[0-9]{1,4})?s|[0-9]{1,4} (ms|seconds))"
        }
        "size" => "[0-9]{1,4}(\\.[0-9]{1,2})? ?(B|KB|MB|GB|KiB|MiB|GiB)",
        "pct" => "[0-9]{1,2}(\\.[0-9]{1,2})?%",
        "quoted" => "\"[a-z0-9 _./-]{1,24}\"",
        "single" => "'[a-z0-9_./-]{1,16}'",
        "word" => "[a-z]{3,12}",
        "list" => "[0-9]{1,4}(, [0-9]{1,4}){0,6}",
        "names" => "\\[[a-z]{3,8}[0-9](, ?[a-z]{3,8}[0-9]){0,5}\\]",
        "base64" => "[A-Za-z0-9+/]{30,46}(==|=)?",
        "token" => "[A-Za-z0-9_-]{24,40}",
        "jwt" => "eyJ[A-Za-z0-9_-]{20,30}\\.eyJ[A-Za-z0-9_-]{20,30}\\.[A-Za-z0-9_-]{20,43}",
        "user" => {
            "(alice|bob|carol|dave|erin|frank|grace|heidi|ivan|judy|mallory|oscar|peggy|root|admin|deploy|svc_orders|jane\\.doe|o-brien|test|guest|nagios|backup|www-data|postgres)"
        }
        "version" => "v?[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,3}(-(rc|beta)\\.?[0-9])?",
        "class" => "(com|org|net)\\.[a-z]{3,8}\\.[a-z]{3,8}\\.[A-Z][a-z]{3,10}",
        "host" => "[a-z]{3,8}(-[a-z]{2,5})?\\.[a-z]{3,9}\\.(com|net|internal|local)",
        "arn" => "arn:aws:[a-z0-9]{2,6}:(us|eu)-(east|west)-[1-3]:[0-9]{12}:[a-z]{3,8}/[a-z0-9-]{3,12}",
        other => ids(other)
            .or_else(|| places(other))
            .or_else(|| quantities(other))
            .or_else(|| printed(other))
            .unwrap_or_else(|| {
                panic!("{other} is no kind of variable");
            }),
    };
    proptest::string::string_regex(pattern).unwrap().boxed()
}

/// Kinds of ids.
fn ids(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "uuidup" => "[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}",
        "guidbrace" => "\\{[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\\}",
        "ulid" => "01[0-9A-HJKMNP-TV-Z]{24}",
        "objectid" => "[0-9a-f]{24}",
        "nanoid" => "[A-Za-z0-9_-]{21}",
        "spanid" => "[0-9a-f]{16}",
        "traceid" => "[0-9a-f]{32}",
        "ec2" => "i-0[0-9a-f]{16}",
        "ebs" => "vol-0[0-9a-f]{16}",
        "digest" => "sha256:[0-9a-f]{64}",
        "jobid" => "job_[0-9]{13}_[0-9]{4}",
        "msgid" => "<[0-9]{8}\\.[0-9]{6}\\.[a-z]{6}@[a-z]{3,8}\\.(com|org)>",
        "block" => "blk_-?[0-9]{12,19}",
        _ => return None,
    })
}

/// Kinds of places: in a network, in a file system, on the calendar.
fn places(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "isodate" => "20[0-3][0-9]-(0[1-9]|1[0-2])-[0-2][0-9]",
        "slashdate" => "[0-3][0-9]/(0[1-9]|1[0-2])/20[0-3][0-9]",
        "epochms" => "1[67][0-9]{11}",
        "rfc850" => {
            "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9]-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-2[0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT"
        }
        "cidr" => "[1-9][0-9]{0,2}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.0/(8|16|24)",
        "macdash" => "[0-9A-F]{2}(-[0-9A-F]{2}){5}",
        "ip6port" => "\\[(fe80|2001:db8)(:[0-9a-f]{1,4}){2,4}::[0-9a-f]{1,4}\\]:[1-9][0-9]{1,4}",
        "s3" => "s3://[a-z]{3,9}-[a-z]{3,6}(/[a-z0-9_-]{1,8}){1,4}",
        "jdbc" => "jdbc:postgresql://[a-z]{3,9}\\.[a-z]{3,8}\\.(com|net):[0-9]{4}/[a-z]{3,8}",
        "sshfp" => "SHA256:[A-Za-z0-9+/]{43}",
        "relpath" => "[a-z]{2,8}(/[a-z][a-z0-9_-]{0,9}){1,3}\\.(tar|zip|json)",
        "device" => "/dev/(sd[a-z][0-9]|nvme[0-9]n[0-9]p[0-9])",
        _ => return None,
    })
}

/// Names and collections as programs print them.
fn printed(kind: &str) -> Option<&'static str> {
    let pattern = match kind {
        "given" => "[a-z]{3,8}_[a-z]{3,8}",
        "words" => "\\[[a-z]{3,8}(, [a-z]{3,8}){1,5}\\]",
        "repr" => "\\['[a-z0-9_]{2,9}'(, '[a-z0-9_]{2,9}'){0,5}\\]",
        "reprd" => "\\[\"[a-z0-9_]{2,9}\"(, \"[a-z0-9_]{2,9}\"){0,5}\\]",
        "curly" => "‘[a-z0-9_./-]{1,16}’",
        "angle" => "<[a-z]{3,9}>",
        "gostruct" => "&\\{Name:x[a-z]{3,6} Age:[0-9]{1,4} Up:(true|false)\\}",
        "gomap" => "map\\[x[a-z]{3,6}:x[a-z]{3,6}( x[a-z]{3,6}:[a-z0-9]{4,6}){0,4}\\]",
        "debug" => "Shard \\{ id: [0-9]{1,5}, open: (true|false), owner: (None|Some\\(\"x[a-z]{3,6}\"\\)) \\}",
        "dict" => "\\{'kind': 'x[a-z]{3,6}', 'ok': (True|False|None)\\}",
        "jmap" => "\\{x[a-z]{3,6}=[0-9]{1,4}(, x[a-z]{3,6}=[0-9]{1,4}){0,4}\\}",
        "binaries" => "\\[<<\"x[a-z]{3,8}\">>(,<<\"x[a-z]{3,8}\">>){0,4}\\]",
        _ => return None,
    };
    Some(pattern)
}

/// Kinds of quantities.
fn quantities(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "rate" => "[0-9]{1,4}(\\.[0-9]{1,2})? (KB/s|MB/s|GB/s|B/s)",
        "money" => "-?[0-9]{1,5}\\.[0-9]{2}",
        "coord" => "-?[0-9]{1,2}\\.[0-9]{4,6},-?[0-9]{1,3}\\.[0-9]{4,6}",
        _ => return None,
    })
}

/// A shape filled twice with values of its kinds.
fn filled_twice(shape: &'static str) -> BoxedStrategy<(&'static str, String, String)> {
    let mut pieces: Vec<BoxedStrategy<(String, String)>> = Vec::new();
    for piece in shape.split_inclusive('}') {
        let (text, kind) = piece.strip_suffix('}').and_then(|piece| piece.rsplit_once('{')).unwrap_or((piece, ""));
        let (text, kind) = if kind.is_empty() || kind.contains([' ', '"']) { (piece, "") } else { (text, kind) };
        pieces.push(Just((text.to_owned(), text.to_owned())).boxed());
        if !kind.is_empty() {
            pieces.push((value(kind), value(kind)).boxed());
        }
    }
    let join = move |pieces: Vec<(String, String)>| {
        let (one, other): (Vec<String>, Vec<String>) = pieces.into_iter().unzip();
        (shape, one.concat(), other.concat())
    };
    pieces.prop_map(join).boxed()
}

fn shapes() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().flat_map(|file| file.lines()).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

/// At least 999 of 1,000 fresh fillings keep their name: a random string may, once in a while, look like a word.
#[test]
fn fresh_values_keep_the_name() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut n_filled = 0;
    let mut changed = Vec::new();
    for shape in shapes() {
        let strategy = filled_twice(shape);
        for _ in 0..PER_SHAPE {
            let (_, one, other) = strategy.new_tree(&mut runner).unwrap().current();
            n_filled += 1;
            let (first, second) = (of_message(&one), of_message(&other));
            if first.id != second.id {
                changed.push(format!("{one}\n{other}\n  {}\n  {}", first.template, second.template));
            }
        }
    }
    let shown: Vec<&str> = changed.iter().take(2000).map(String::as_str).collect();
    let few = n_filled > 0 && changed.len() * 1000 <= n_filled;
    assert!(few, "{} of {n_filled}:\n{}", changed.len(), shown.join("\n"));
}

/// What identifies a failure is kept: two lines that differ in it have different names.
#[test]
fn names_of_failures_are_kept() {
    const NAMES: &[&str] = &[
        "java.net.SocketTimeoutException",
        "KeyError",
        "ValueError",
        "TimeoutError",
        "TypeError",
        "OperationalError",
        "System.NullReferenceException",
        "io.grpc.StatusRuntimeException",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "ENOSPC",
        "EPIPE",
        "EACCES",
        "SIGSEGV",
        "SIGKILL",
        "com.mongodb.MongoWriteException",
        "RuntimeError",
        "AssertionError",
        "SegmentationFault",
        "PoolTimeout",
    ];
    const LINES: &[&str] = &[
        "upload of 8841 failed: {}",
        "{}: order 17 is gone",
        "caught {} while closing /srv/a",
        "error={} node=7",
        "connect ECHO {} 10.0.0.7:5432",
        "retry 3 of 5 after {}",
        "handler gave '{}' for user bob from 10.0.0.1",
        "worker 7 got {} (took 15ms)",
    ];
    for line in LINES {
        let mut names: Vec<_> = NAMES.iter().map(|name| of_message(&line.replace("{}", name)).id).collect();
        let n_names = names.len();
        names.sort_unstable();
        names.dedup();
        let templates: Vec<String> = NAMES.iter().map(|name| of_message(&line.replace("{}", name)).template).collect();
        assert_eq!(names.len(), n_names, "{line}: {templates:#?}");
    }
}

/// Structured lines, and the templates that they give.
const STRUCTURED: &str = include_str!("../../data/signatures/structured.txt");

#[test]
fn structured_lines_are_named_by_what_they_say() {
    let mut faults = Vec::new();
    let mut blessed = String::new();
    let mut n_lines = 0;
    let mut lines = STRUCTURED.lines().peekable();
    while let Some(line) = lines.next() {
        blessed.push_str(&format!("{line}\n"));
        let Some(raw) = line.strip_prefix("< ") else { continue };
        n_lines += 1;
        let event = first_event(raw, &Limits::default(), Timestamp::from_seconds(1_800_000_000)).unwrap();
        let expected = lines.next_if(|next| next.starts_with("> ")).unwrap_or_default();
        let actual = format!("> {}", event.signature.template);
        blessed.push_str(&format!("{actual}\n"));
        if actual != expected {
            faults.push(format!("{raw}\n  {actual}\n  {expected}"));
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("tests/data/signatures/structured.txt", blessed).unwrap();
    }
    assert!(n_lines >= 40 && faults.is_empty(), "{}", faults.join("\n"));
}

/// How often each shape is filled.
const PER_SHAPE: usize = 60;

/// Ids that were given out, with their messages.
const IDS: &str = include_str!("../../data/signatures/ids.txt");

/// A rule that moves an id needs a new version of the rules, and new ids with it.
#[test]
fn an_id_once_given_out_never_moves() {
    let version = IDS.lines().find_map(|line| line.strip_prefix("version ")).unwrap();
    assert_eq!(version, aftercare::units::SignatureId::VERSION);
    let given = IDS.lines().filter_map(|line| line.split_once('\t'));
    let current = given.clone().map(|(_, message)| format!("{}\t{message}", of_message(message).id));
    let blessed: Vec<String> = current.collect();
    if std::env::var_os("BLESS").is_some() {
        let head: Vec<&str> = IDS.lines().filter(|line| !line.contains('\t')).collect();
        std::fs::write("tests/data/signatures/ids.txt", format!("{}\n{}\n", head.join("\n"), blessed.join("\n")))
            .unwrap();
    }
    let moved: Vec<_> =
        given.zip(&blessed).filter(|((id, _), current)| !current.starts_with(id) || id.is_empty()).collect();
    assert!(blessed.len() > 300 && moved.is_empty(), "{moved:#?}");
}

/// Traces as runtimes print them.
const TRACES: &str = include_str!("../../data/signatures/traces.txt");

/// The traces of the file, each with its title.
fn traces() -> Vec<(&'static str, &'static str)> {
    let cases = TRACES.split("-- trace: ").skip(1).filter(|case| !case.contains("\nnothing"));
    cases
        .map(|case| {
            let (title, rest) = case.split_once(" --\n").unwrap();
            (title, rest.split_once("\n-- reads --\n").unwrap().0)
        })
        .collect()
}

/// What a deploy, another machine or another run changes in a trace, as an expression and what to put there;
/// `¤` is a fresh number, `$1` and `$2` are kept.
const MOVES: &[(&str, &str)] = &[
    // Lines and columns.
    (r"(\.\w+):\d+:\d+", "$1:¤:¤"),
    (r"(\.(?:java|kt|scala|rb|go|rs|php)):\d+", "$1:¤"),
    (r"(\.php)\(\d+\)", "$1(¤)"),
    (r#"(", line )\d+"#, "${1}¤"),
    (r"(\.cs:line )\d+", "${1}¤"),
    (r"( on line )\d+", "${1}¤"),
    // Folders of the program; those of its libraries stay what they are.
    (r"/(srv/app|app|var/www/app|src)/", "/opt/releases/r¤/"),
    (r"C:\\srv\\app\\([a-z]+\.)", r"D:\r¤\$1"),
    // Addresses and offsets.
    (r"0x[0-9a-f]{2,16}", "0xf¤"),
    (r"\+0x[0-9a-f]+", "+0x¤"),
    // Numbers of goroutines, threads, lambdas, proxies and closures.
    (r"goroutine \d+ \[", "goroutine ¤ ["),
    (r"(in goroutine )\d+", "${1}¤"),
    (r"'(\w+)-\d' \(\d+\) panicked", "'$1-¤' (¤) panicked"),
    (r"lambda\$(\w+)\$\d+", "lambda$$$1$$¤"),
    (r"\$\$Lambda\$\d+", "$$$$Lambda$$¤"),
    (r"\$anonfun\$(\w+)\$\d+", "$$anonfun$$$1$$¤"),
    (r"CGLIB\$\$\d+", "CGLIB$$$$¤"),
    (r"\$Proxy\d+", "$$Proxy¤"),
    (r"Accessor\d+", "Accessor¤"),
    (r"\.func\d+", ".func¤"),
    (r"<(\w+)>d__\d+", "<$1>d__¤"),
    (r"DisplayClass\d+_\d+", "DisplayClass¤_¤"),
    (r"<(\w+)>b__\d+", "<$1>b__¤"),
    (r"block \(\d levels\)", "block (¤ levels)"),
    // Hashes of builds.
    (r"::h[0-9a-f]{16}", "::h1234567890¤¤"),
    (r"main\.[0-9a-f]{8}\.js", "main.c0ffee¤.js"),
    (r"/rustc/[0-9a-f]+/", "/rustc/¤¤¤¤/"),
    // Depth of a recursion, frames left out.
    (r"(repeated )\d+( more)", "${1}¤$2"),
    (r"(\.\.\. )\d+( more)", "${1}¤$2"),
    // Values in messages.
    (r"(order |timeout after |the len is |index is )\d+", "${1}¤"),
    (r"2026-11-24", "2027-01-0¤"),
];

/// Puts fresh numbers, each of three digits, for the marks in a replacement.
fn moved(text: &str, numbers: &[u8]) -> String {
    static PATTERNS: LazyLock<Vec<Regex>> =
        LazyLock::new(|| MOVES.iter().map(|(pattern, _)| Regex::new(pattern).unwrap()).collect());
    let marked = PATTERNS.iter().zip(MOVES).fold(text.to_owned(), |text, (pattern, (_, replacement))| {
        pattern.replace_all(&text, *replacement).into_owned()
    });
    let mut fresh = numbers.iter().cycle().map(|number| (100 + u32::from(*number)).to_string());
    marked.chars().map(|one| if one == '¤' { fresh.next().unwrap() } else { one.to_string() }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn code_that_moved_keeps_the_name(numbers in prop::collection::vec(any::<u8>(), 16)) {
        for (title, text) in traces() {
            let other = moved(text, &numbers);
            prop_assert_ne!(&other, text, "nothing moved in {}", title);
            let names = [text, &other].map(|text| trace::parse(text).map(|trace| of_trace(&trace)));
            prop_assert_eq!(&names[0], &names[1], "{}\n{}", title, other);
        }
    }
}

#[test]
fn different_traces_have_different_names() {
    let mut names: Vec<_> =
        traces().iter().filter_map(|(_, text)| trace::parse(text)).map(|trace| of_trace(&trace).id).collect();
    let n_traces = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n_traces);
}
