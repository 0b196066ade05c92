//! Laws of structured lines that tell of requests: how one ended is told, whatever the lines before it were.

use aftercare::ingest::{Intake, Limits, Resume};
use aftercare::units::Timestamp;
use proptest::prelude::*;

use super::counting::{counted, whole};

const LEVELS: [&str; 4] = ["\"info\"", "\"debug\"", "\"error\"", "30"];
const MESSAGES: [&str; 3] = ["\"request completed\"", "\"POST /orders\"", "\" \""];
const STATUSES: [&str; 10] = ["200", "304", "404", "500", "503", "\"500\"", "\"5xx\"", "50", "true", "null"];

/// Objects of a few shapes, one after the other.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let asked = prop::sample::select(vec![
        r#""method":"GET","path":"/a","status":"#,
        r#""req":{"method":"GET","url":"/a"},"res.statusCode":"#,
        r#""http.status_code":"#,
    ]);
    let line = (
        prop::sample::select(LEVELS.to_vec()),
        prop::sample::select(MESSAGES.to_vec()),
        asked,
        prop::sample::select(STATUSES.to_vec()),
    );
    let line = line.prop_map(|(level, message, asked, status)| {
        format!("{{\"time\":\"2026-11-24T10:00:00Z\",\"level\":{level},\"msg\":{message},{asked}{status}}}\n")
    });
    prop::collection::vec(line, 1..24).prop_map(|lines| lines.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_counts_sees_the_same_requests(log in requests()) {
        let limits = Limits::default();
        prop_assert_eq!(counted(&[&log], &limits), whole(&[&log], &limits));
    }

    #[test]
    fn a_request_that_failed_never_has_the_signature_of_one_that_went_well(log in requests()) {
        let mut intake = Intake::new(Limits::default(), &Resume::default());
        let now = Timestamp::from_seconds(1_800_000_000);
        let mut told = Vec::new();
        let mut note = |event: aftercare::ingest::Event| told.push((event.signature.template.clone(), event.fields));
        intake.push(&log, now, &mut note);
        intake.finish(&mut note);
        for (template, fields) in told {
            let value = |end: &str| fields.iter().find(|(name, _)| name.ends_with(end)).map(|(_, value)| value.as_str());
            let status = value("status").or_else(|| value("statusCode")).unwrap_or_default();
            let failed = ["404", "500", "503"].contains(&status);
            prop_assert_eq!(failed, template.contains(&format!("status code {status}")) && !status.is_empty(), "{}", template);
        }
    }
}
