use super::*;
use crate::triage::{Cause, Confidence};
use crate::units::SignatureId;

fn repro(argv: &[&str]) -> Repro {
    Repro { argv: argv.iter().map(|word| (*word).to_owned()).collect(), limit: Duration::from_secs(60) }
}

fn brief() -> Brief {
    let candidate = Candidate {
        author: Author::Advisor,
        name: "openai m".to_owned(),
        place: "http://localhost:1".to_owned(),
        tokens: Some(1_000),
        money: None,
        time: Duration::from_secs(60),
        confinement: String::new(),
        trouble: None,
    };
    Brief { candidate, repro: Some(repro(&["make", "test"])), tests: None, walls: Walls::none("a test") }
}

fn ada() -> Person {
    Person { name: "Ada".to_owned(), email: String::new() }
}

fn verdict(causal_link: bool, confidence: Confidence) -> Verdict {
    Verdict {
        is_runtime_change: true,
        causal_link,
        confidence,
        evidence_summary: String::new(),
        changed_files: Vec::new(),
        suspects: Vec::new(),
    }
}

fn ruling(is_guilty: bool) -> Ruling {
    let cause = is_guilty.then(|| Cause { file: "a.py".to_owned(), start: 1, end: 1 });
    let id = SignatureId::from_bytes([1; 16]);
    Ruling { signature: id, base: String::new(), head: String::new(), cause, by: "Ada".to_owned() }
}

#[test]
fn only_what_escalates_or_what_a_person_says_is_ground_enough() {
    let all = [Confidence::Low, Confidence::Medium, Confidence::High];
    let grounds = |link: bool| all.map(|confidence| Ground::of(&verdict(link, confidence), None).is_some());
    assert_eq!((grounds(true), grounds(false)), ([false, true, true], [false; 3]));
    let sure = verdict(true, Confidence::High);
    assert_eq!(Ground::of(&sure, Some(&ruling(false))), None, "a person acquitted the deploy");
    assert!(matches!(Ground::of(&verdict(false, Confidence::Low), Some(&ruling(true))), Some(Ground::Ruling(_))));
}

#[test]
fn without_a_ground_a_reason_must_be_typed_and_is_kept() {
    let ordered = |ground, reason| commission(brief(), brief().digest(), ground, reason, ada());
    for weak in ["", "   ", "ok", "..............", "a b c d e f g h i"] {
        assert_eq!(ordered(None, weak), Err(Refused::NoReason), "{weak:?}");
    }
    let kept = ordered(None, " the log  lies,\n the traceback is truncated ").unwrap();
    assert_eq!(kept.ground(), &Ground::Reason("the log lies, the traceback is truncated".to_owned()));
    assert_eq!(ordered(Some(Ground::Evidence), "").unwrap().ground(), &Ground::Evidence);
}

#[test]
fn nothing_is_ordered_but_what_was_shown() {
    let shown = brief().digest();
    let ordered = |brief| commission(brief, shown, Some(Ground::Evidence), "", ada());
    let with = |change: fn(&mut Brief)| {
        let mut brief = brief();
        change(&mut brief);
        brief
    };
    assert!(ordered(brief()).is_ok());
    let others: [fn(&mut Brief); 6] = [
        |brief| brief.candidate.author = Author::Agent("claude".to_owned()),
        |brief| brief.candidate.place = "http://evil.example".to_owned(),
        |brief| brief.repro = None,
        |brief| brief.repro = Some(repro(&["make", "test", "x"])),
        |brief| brief.tests = Some(repro(&["true"])),
        |brief| brief.candidate.trouble = Some("no key".to_owned()),
    ];
    for other in others {
        assert_eq!(ordered(with(other)), Err(Refused::Unfit));
    }
    let hidden = with(|brief| brief.tests = Some(repro(&["a\u{202e}b"])));
    assert_eq!(commission(hidden.clone(), hidden.digest(), Some(Ground::Evidence), "", ada()), Err(Refused::Unfit));
    assert_eq!(commission(brief(), shown, Some(Ground::Evidence), "", Person::nobody()), Err(Refused::Nobody));
}
