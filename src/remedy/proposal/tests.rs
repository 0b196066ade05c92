use super::*;
use crate::remedy::approve;
use crate::remedy::plan::tests::plan;

const HOUR: Duration = Duration::from_secs(3600);

fn person(name: &str, email: &str) -> Person {
    Person { name: name.to_owned(), email: email.to_owned() }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn proposal(by: Person) -> Proposal {
    let plan = plan();
    let (digest, typed) = (plan.digest(), format!("{} the column was never filled", plan.branch));
    let approved = approve(plan, digest, &typed, by).unwrap();
    Proposal::of(&approved, Some("main"), at(1_000))
}

#[test]
fn what_was_written_is_read_and_its_digest_covers_it() {
    let proposal = proposal(person("Ada", "ada@example.org"));
    let text = proposal.text();
    assert_eq!(Proposal::parse(&text).unwrap(), proposal);
    assert_eq!(proposal.first.reason, "the column was never filled");
    for (from, to) in [("diff --git a/x", "diff --git a/y"), ("deploy", "destroy"), ("\"red\"", "\"green\"")] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert!(matches!(Proposal::parse(&changed), Err(Invalid::WrongDigest(_))), "{from}");
    }
    for broken in ["", "{}", &text.replacen("\"format\": 1", "\"format\": 2", 1), &text.replacen("{", "{\"x\": 1,", 1)]
    {
        assert!(matches!(Proposal::parse(broken), Err(Invalid::Unreadable(_))));
    }
}

#[test]
fn a_consent_counts_for_its_bytes_and_for_its_time() {
    let proposal = proposal(person("Ada", ""));
    let digest = proposal.plan.digest();
    let check = |now| proposal.first.check(digest, at(now), HOUR);
    assert_eq!(check(1_000), Ok(()));
    assert_eq!(check(4_600), Ok(()));
    assert_eq!(check(4_601), Err(Invalid::Expired(at(4_600))));
    assert_eq!(check(600), Err(Invalid::Early(at(1_000))));
    let other = Digest::from_bytes([7; 32]);
    assert!(matches!(proposal.first.check(other, at(1_000), HOUR), Err(Invalid::WrongDigest(_))));
}

#[test]
fn one_person_under_two_spellings_is_one() {
    let digest = plan().digest();
    let consent = |name, email| Consent {
        digest: digest.to_string(),
        by: person(name, email),
        at: at(1_000),
        reason: String::new(),
    };
    let count = |consents: &[Consent]| people(digest, consents, at(1_000), HOUR).len();
    assert_eq!(count(&[consent("Ada", "ada@example.org"), consent("Grace", "grace@example.org")]), 2);
    assert_eq!(count(&[consent("Ada", "ada@example.org"), consent("ada ", "")]), 1);
    assert_eq!(count(&[consent("Ada", "ada@example.org"), consent("A. Lovelace", "ADA@example.org")]), 1);
    assert_eq!(count(&[consent("Ada", "ada@home.example"), consent("Ada", "ada@example.org")]), 1);
    let mut late = consent("Grace", "");
    late.at = at(-10_000);
    assert_eq!(count(&[consent("Ada", ""), late]), 1);
}
