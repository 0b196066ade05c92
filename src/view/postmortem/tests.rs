use proptest::prelude::*;

use super::*;
use crate::units::SignatureId;

fn at() -> Timestamp {
    Timestamp::from_seconds(1_763_979_540)
}

fn signature() -> SignatureId {
    SignatureId::from_bytes([7; 16])
}

fn finding(text: &str) -> Noted {
    Noted {
        signature: signature(),
        template: text.to_owned(),
        level: Some("error".to_owned()),
        class: "logic".to_owned(),
        kind: "rise".to_owned(),
        tier: "confirmed".to_owned(),
        minutes: 20.0,
        observed: 42,
        expected: 3.5,
        p: 1e-9,
        ratio: Some(12.0),
        ratio_low: Some(7.0),
        ratio_high: Some(20.0),
        evidence: 1e6,
        sentence: text.to_owned(),
    }
}

fn chart(text: &str) -> Chart {
    Chart {
        signature: signature(),
        template: text.to_owned(),
        from: at(),
        per_minute: vec![Some(0), None, Some(3), Some(9)],
        baseline: Some((0.5, (0.0, 2.0))),
        marks: vec![Mark { at: at(), what: text.to_owned() }],
    }
}

fn cause(text: &str) -> VerdictPart {
    let suspect = SuspectPart {
        file: text.to_owned(),
        start: 1,
        end: 2,
        score: 3.0,
        reasons: vec![text.to_owned()],
        against: vec![text.to_owned()],
        change: format!("+{text}\n-{text}"),
    };
    VerdictPart {
        template: text.to_owned(),
        causal_link: true,
        confidence: "high".to_owned(),
        summary: text.to_owned(),
        suspects: vec![suspect],
    }
}

/// A report in which every text is this one.
fn report(text: &str) -> Postmortem {
    let told = safe(text);
    let text = || told.clone();
    let deploy = DeployPart {
        version: text(),
        at: at(),
        revision: Some(text()),
        previous: Some(text()),
        author: Some(text()),
        subject: Some(text()),
    };
    let approval = ApprovalPart {
        at: at(),
        people: vec![text()],
        digest: "ab".repeat(32),
        level: "red".to_owned(),
        reason: text(),
    };
    Postmortem {
        schema: SCHEMA,
        incident: 7,
        service: text(),
        state: "closed".to_owned(),
        opened: at(),
        closed: Some(at()),
        reopened: 1,
        deploy,
        timeline: vec![Moment { at: at(), what: text() }],
        findings: vec![finding(&told)],
        charts: vec![chart(&told)],
        verdict: Some(cause(&told)),
        diff: Some(format!("+{}", text())),
        approvals: vec![approval],
        execution: vec![StepPart { at: at(), what: text(), succeeded: true }],
        recovery: Some(NotedRecovery { minutes: 9, observed: 1, expected: 0.5, is_back: true }),
        missing: vec![text()],
    }
}

/// The names of all tags in a page.
fn tags(page: &str) -> Vec<String> {
    let names =
        page.split('<').skip(1).map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || "!/".contains(c))).next());
    names.flatten().map(str::to_owned).collect()
}

#[test]
fn a_report_tells_what_happened() {
    let page = html(&report("boom"));
    for told in [
        "Incident 7 of boom",
        "42 observed in 20 min, 3.5 expected",
        "x12.0 (7.0 to 20.0)",
        "the rate is back",
        "Laid to the deploy",
        "boom approved",
    ] {
        assert!(page.contains(told), "{told}");
    }
    let text = markdown(&report("boom"));
    for told in
        ["# Incident 7 of boom", "42 observed", "```diff\n+boom\n```", "data:image/svg+xml;base64,", "Nothing was"]
    {
        assert_eq!(text.contains(told), told != "Nothing was", "{told}");
    }
}

#[test]
fn a_secret_does_not_leave_the_logs() {
    let page = html(&report("password=hunter2hunter2 and ghp_0123456789abcdefghij0123456789abcdef"));
    assert!(!page.contains("hunter2hunter2") && !page.contains("ghp_0123456789"));
}

#[test]
fn minutes_that_were_not_observed_are_no_zeros() {
    let chart = &report("x").charts[0];
    assert_eq!(chart.sparkline(), "· ▃█");
    assert!(chart.summary().contains("1 minutes not observed"));
    assert_eq!(chart.svg().matches("#eceff3").count(), 1);
}

#[test]
fn a_fence_is_longer_than_what_it_holds() {
    let text = markdown(&report("```\n````` x"));
    assert!(text.contains("``````diff\n"));
}

proptest! {
    /// Whatever a log says, the page has the same tags as for a harmless text, runs nothing and loads nothing.
    #[test]
    fn no_text_becomes_markup(text in hostile()) {
        let page = html(&report(&text));
        prop_assert_eq!(tags(&page), tags(&html(&report("x"))));
        for acts in ["<script", "javascript:\"", "<img", "<iframe", "<svg onload"] {
            prop_assert!(!page.contains(acts), "{acts}");
        }
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    }

    /// In Markdown, hostile text is neither a tag nor a link, and closes no block.
    #[test]
    fn no_text_becomes_markdown(text in hostile()) {
        let written = markdown(&report(&text));
        let mut fence: Option<String> = None;
        for line in written.lines() {
            let run: String = line.chars().take_while(|c| *c == '`').collect();
            match &fence {
                Some(open) if run == *open && line.trim_end() == run => fence = None,
                Some(_) => {}
                None if run.len() >= 3 && !line[run.len()..].contains('`') => fence = Some(run),
                None => {
                    let bare = line.split('`').step_by(2).collect::<String>();
                    prop_assert!(!bare.contains('<') || line.contains('`'), "{line}");
                }
            }
        }
        prop_assert!(fence.is_none());
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let words = [
        "<script>alert(1)</script>",
        "</pre>",
        "<img src=x onerror=y>",
        "\"",
        "'",
        "&",
        "&lt;",
        "```",
        "`",
        "](http://x)",
        "[a]",
        "# h",
        "\u{1b}[2J",
        "\u{202e}",
        "</svg>",
        "<!--",
        "-->",
        "]]>",
        "javascript:",
        "https://evil.example/x",
        "|",
        "\\",
        "é",
        "\r",
        "\t",
    ];
    prop::collection::vec(
        prop_oneof![4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,6}"],
        0..12,
    )
    .prop_map(|words| words.concat())
}
