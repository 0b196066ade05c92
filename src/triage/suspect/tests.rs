use proptest::prelude::*;

use super::*;
use crate::triage::{Class, FileChange, FileStatus, Hunk, HunkId, Rates};

fn plain(message: &str) -> Symptom {
    Symptom {
        text: message.to_owned(),
        message: message.to_owned(),
        template: message.to_owned(),
        trace: None,
        component: None,
        rates: None,
        is_report: false,
    }
}

/// A change of one file in which one line replaces another.
fn change(path: &str, class: Class, before: &str, after: &str) -> Change {
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    let hunk = Hunk { id: HunkId(0), old_start: 1, new_start: 1, removed: lines(before), added: lines(after) };
    let file = FileChange {
        path: path.to_owned(),
        old_path: None,
        status: FileStatus::Modified,
        class,
        opaque: false,
        hunks: vec![hunk],
        base_text: Some(before.to_owned()),
        head_text: Some(after.to_owned()),
    };
    Change { files: vec![file], paths: vec![path.to_owned()], ..Change::default() }
}

#[test]
fn nothing_changed_nothing_to_blame() {
    let verdict = judge(&plain("boom"), &Change::default());
    assert!(!verdict.is_runtime_change && !verdict.causal_link);
    assert_eq!(verdict.confidence, Confidence::High);
    assert_eq!(verdict.evidence_summary, "The deploy changed no file.");
}

#[test]
fn an_opaque_file_is_a_runtime_change_without_suspects() {
    let mut change = change("lib/native.so", Class::Runtime, "a", "b");
    for file in &mut change.files {
        file.opaque = true;
        file.hunks.clear();
        (file.base_text, file.head_text) = (None, None);
    }
    let verdict = judge(&plain("segfault in native code"), &change);
    assert!(verdict.is_runtime_change && !verdict.causal_link && verdict.suspects.is_empty());
}

#[test]
fn a_flat_rate_takes_the_verdict_back() {
    let change = change("app.py", Class::Runtime, "x = conf.get('zone')\n", "x = conf['region']\n");
    let rising = plain("app.py:1: KeyError: 'zone'");
    assert!(judge(&rising, &change).escalates());
    let flat = Symptom { rates: Some(Rates { before: 2.0, after: 2.0, significant: false }), ..rising };
    let verdict = judge(&flat, &change);
    assert!(
        verdict
            .suspects
            .iter()
            .all(|suspect| suspect.against.iter().any(|text| text.contains("no higher than before")))
    );
    assert!(verdict.confidence < Confidence::High);
}

#[test]
fn a_rate_that_rose_by_chance_is_not_called_flat() {
    let change = change("app.py", Class::Runtime, "x = conf.get('zone')\n", "x = conf['region']\n");
    let rates = Rates { before: 2.66, after: 5.77, significant: false };
    let verdict = judge(&Symptom { rates: Some(rates), ..plain("app.py:1: KeyError: 'zone'") }, &change);
    let against: Vec<&String> = verdict.suspects.iter().flat_map(|suspect| &suspect.against).collect();
    assert!(against.iter().any(|text| text.contains("rose no more than by chance")), "{against:?}");
    assert!(!against.iter().any(|text| text.contains("no higher")), "{against:?}");
}

/// Failures of others, in the words of many programs.
const OUTAGES: &[&str] = &[
    "dial tcp: lookup db.internal on 10.0.0.2:53: no such host",
    "java.net.UnknownHostException: api.partner.example",
    "curl: (6) Could not resolve host: api.partner.example",
    "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='api.x.io', port=443): Read timed out. (read timeout=5)",
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "Error: connect ETIMEDOUT 52.1.2.3:443",
    "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.",
    "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure: Connection refused",
    "ssl.SSLCertVerificationError: certificate verify failed: certificate has expired",
    "javax.net.ssl.SSLHandshakeException: PKIX path building failed",
    "upstream prematurely closed connection while reading response header",
    "HTTP 502 Bad Gateway from https://search.partner.example",
    "botocore.exceptions.ClientError: An error occurred (ThrottlingException): Rate exceeded",
    "anthropic.RateLimitError: Error code: 429 - rate_limit_error",
    "write /var/log/app.log: no space left on device",
    "accept tcp [::]:8080: accept4: too many open files",
    "FATAL: remaining connection slots are reserved for superuser connections",
    "ERROR: deadlock detected",
    "Lock wait timeout exceeded; try restarting transaction",
    "java.lang.OutOfMemoryError: Java heap space",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    "rpc error: code = Unavailable desc = transport is closing",
    "kafka: client has run out of available brokers to talk to: connection refused",
    "read tcp 10.1.1.1:5432: read: connection reset by peer",
    "socket hang up",
    "OpenAI API error 503: The server is overloaded, try again later",
    "ExpiredToken: The security token included in the request is expired",
];

#[test]
fn failures_of_others_never_escalate() {
    let change =
        change("app.py", Class::Runtime, "reply = client.post(order)\n", "reply = client.post(order, trace=True)\n");
    for message in OUTAGES {
        let located = plain(&format!("app.py:1: {message}"));
        for symptom in [plain(message), located] {
            let verdict = judge(&symptom, &change);
            assert!(!verdict.escalates(), "{message}: {}", verdict.evidence_summary);
        }
    }
}

#[test]
fn failures_of_the_code_are_not_taken_for_outages() {
    let change = change("app.py", Class::Runtime, "reply = f(order)\n", "reply = f(order, 2)\n");
    for message in [
        "app.py:1: KeyError: 'timeout'",
        "app.py:1: TypeError: f() takes 1 positional argument but 2 were given",
        "app.py:1: ValueError: invalid literal for int(): '503x'",
    ] {
        assert!(judge(&plain(message), &change).escalates(), "{message}");
    }
}

proptest! {
    /// No text and no change makes the judge fail; scores are finite and rounded.
    #[test]
    fn any_error_and_any_change_get_a_verdict(
        message in "(?s).{0,120}|[a-z'\"`:./0-9 \n]{0,120}",
        before in "(?s).{0,80}",
        after in "(?s).{0,80}",
        path in "[a-z]{1,6}(/[a-z]{1,6})?\\.(py|js|go|rb|rs|java|php|sh|yaml|sql|lock)",
    ) {
        let change = change(&path, Class::Runtime, &before, &after);
        let verdict = judge(&plain(&message), &change);
        prop_assert_eq!(&verdict, &judge(&plain(&message), &change));
        prop_assert!(verdict.suspects.iter().all(|suspect| suspect.score.is_finite() && rounded(suspect.score) == suspect.score));
        prop_assert!(!verdict.evidence_summary.is_empty());
    }

    /// What only touches tests and documents is never held to be a cause.
    #[test]
    fn tests_and_documents_cause_nothing(message in "[a-z: ]{0,60}", class in prop::sample::select(vec![Class::Test, Class::Docs])) {
        let change = change("a.py", class, "x = 1\n", "x = 2\n");
        let verdict = judge(&plain(&format!("a.py:1: {message}")), &change);
        prop_assert!(!verdict.causal_link && !verdict.is_runtime_change && verdict.suspects.is_empty());
    }
}

const WORKER: &str = "package work\n\nfunc Run(job Job) bool {\n\treturn job.Ready()\n}\n";

/// A build that misses `Ready` at these places, after a deploy that brought the lines of `work.go`.
fn missing(log: &str) -> Verdict {
    judge_among(&Symptom::of_text(log), &[], &change("work.go", Class::Runtime, "package work\n", WORKER), Stage::Build)
}

#[test]
fn a_name_that_new_code_asks_for_is_the_new_codes_fault() {
    let verdict = missing("./work.go:4:13: job.Ready undefined (type Job has no field or method Ready)\n");
    assert!(verdict.escalates(), "{verdict:?}");
}

#[test]
fn a_name_that_old_lines_miss_too_was_missing_before() {
    let log = "./work.go:4:13: job.Ready undefined (type Job has no field or method Ready)\n\
               ./wait.go:9:9: job.Ready undefined (type Job has no field or method Ready)\n";
    let verdict = missing(log);
    assert!(!verdict.escalates(), "{verdict:?}");
    assert!(verdict.suspects.iter().any(|suspect| suspect.against.iter().any(|text| text.contains("did not change"))));
}

#[test]
fn who_called_something_of_that_name_on_another_thing_took_nothing_away() {
    let log = "./price_test.go:31:9: price.Pow undefined (type Price has no field or method Pow)\n";
    let judged = |before: &str| {
        judge_among(
            &Symptom::of_text(log),
            &[],
            &change("price.go", Class::Runtime, before, "\treturn n\n"),
            Stage::Build,
        )
    };
    assert!(!judged("\treturn math.Pow(n, 2)\n").escalates());
    assert!(judged("func (p Price) Pow(n int) Price {\n").escalates());
}
