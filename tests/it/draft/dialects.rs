//! Each dialect against a strict server: well, badly, slowly, and not at all.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aftercare::config::{AdvisorSettings, Dialect};
use aftercare::remedy::advice::Spent;
use aftercare::shell::advisor::{Advisor, AdvisorError, Clock, Keep, Question, Role, Setup, Transcript};
use aftercare::shell::http::HttpError;
use aftercare::triage::opinion;
use aftercare::units::Timestamp;
use serde_json::json;

use super::strict::{DIALECTS, KEY, fault, refusal, says, server, streamed, url, whole};
use crate::server::{End, Reply, Server};

/// A clock that stands still and notes how long it was asked to wait.
#[derive(Default)]
pub struct Still {
    pub waits: RefCell<Vec<Duration>>,
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-11-26T10:00:00Z".parse().unwrap()
    }

    fn pause(&self, length: Duration, _: &AtomicBool) {
        self.waits.borrow_mut().push(length);
    }
}

pub fn settings(dialect: Dialect, url: String) -> AdvisorSettings {
    let mut settings = AdvisorSettings::default();
    settings.dialect.value = Some(dialect);
    settings.url.value = Some(url);
    settings.model.value = Some("model-1".to_owned());
    settings
}

pub fn setup(dialect: Dialect, server: &Server) -> Setup {
    Setup::of(&settings(dialect, url(dialect, server)), |_| Some(KEY.to_owned())).unwrap()
}

fn question() -> Question {
    Question { system: "You judge.".to_owned(), turns: vec![(Role::User, "What is it?".to_owned())], schema: None }
}

fn ask_of(setup: &Setup, question: &Question) -> (Result<String, AdvisorError>, Vec<Duration>, Spent) {
    let (clock, cancel) = (Still::default(), AtomicBool::new(false));
    let mut advisor = Advisor::new(setup, Transcript::nowhere(), &clock, &cancel);
    let answer = advisor.ask(question, &mut |_| {});
    let spent = advisor.spent();
    (answer, clock.waits.take(), spent)
}

fn ask(dialect: Dialect, replies: Vec<Reply>) -> (Result<String, AdvisorError>, Vec<Duration>, Spent, Server) {
    let server = server(dialect, replies);
    let (answer, waits, spent) = ask_of(&setup(dialect, &server), &question());
    (answer, waits, spent, server)
}

const TEXT: &str = "Größe → \"null\"\n\tdone 🙂\\n";

#[test]
fn a_reply_comes_through_whole_however_it_is_cut() {
    for dialect in DIALECTS {
        for bytes in [1, 2, 3, 5, 7, 64, 100_000] {
            let (answer, _, spent, _) = ask(dialect, vec![streamed(dialect, &says(TEXT)).split(bytes)]);
            assert_eq!(answer.unwrap(), TEXT, "{dialect} in pieces of {bytes}");
            assert_eq!((spent.requests, spent.input_tokens, spent.estimated), (1, 1_000, false));
        }
        let crlf = streamed(dialect, &says(TEXT));
        let body = String::from_utf8(crlf.pieces.concat()).unwrap().replace('\n', "\r\n");
        let (answer, ..) = ask(dialect, vec![Reply::of(200, body).split(1)]);
        assert_eq!(answer.unwrap(), TEXT, "{dialect} with CRLF");
        let (answer, ..) = ask(dialect, vec![whole(dialect, &says(TEXT)).split(3)]);
        assert_eq!(answer.unwrap(), TEXT, "{dialect} without a stream");
    }
}

#[test]
fn what_breaks_off_or_is_busy_is_asked_again_after_the_time_that_is_named() {
    let seconds = |all: &[u64]| all.iter().map(|length| Duration::from_secs(*length)).collect::<Vec<_>>();
    for dialect in DIALECTS {
        let good = || streamed(dialect, &says(TEXT));
        let mut broken = good().ending(End::BrokenOff);
        broken.pieces = vec![broken.pieces.concat()[..40].to_vec()];
        let (answer, waits, spent, _) = ask(dialect, vec![broken, good()]);
        assert_eq!((answer.unwrap(), waits), (TEXT.to_owned(), seconds(&[1])), "{dialect}");
        assert_eq!((spent.requests, spent.estimated), (2, true), "what came before the break was paid for");

        let busy = |status, wait: &str| refusal(dialect, status, "Overloaded").header("retry-after", wait);
        let date = "Thu, 26 Nov 2026 10:00:09 GMT";
        let (answer, waits, spent, _) =
            ask(dialect, vec![busy(429, "17"), busy(529, date), busy(503, "nonsense"), good()]);
        assert_eq!((answer.unwrap(), waits), (TEXT.to_owned(), seconds(&[17, 9, 4])), "{dialect}");
        assert_eq!(spent.requests, 1, "refusals cost nothing");

        let (answer, waits, ..) = ask(dialect, vec![busy(500, "")]);
        assert!(matches!(answer, Err(AdvisorError::Http(HttpError::Status { status: 500, .. }))), "{dialect}");
        assert_eq!(waits, seconds(&[1, 2, 4, 8]), "it is not asked for ever");

        let (answer, waits, ..) = ask(dialect, vec![busy(429, "86400")]);
        assert!(matches!(answer, Err(AdvisorError::Busy(_))) && waits.is_empty(), "{dialect}");
    }
}

#[test]
fn an_error_amid_the_stream_is_an_error() {
    let events = |dialect| match dialect {
        Dialect::OpenAi => {
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hal\"}}]}\n\ndata: {\"error\":{\"message\":\"server_error \\u001b[31m\",\"type\":\"server_error\"}}\n\n"
        }
        Dialect::Anthropic => {
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded \\u001b[31m\"}}\n\n"
        }
        Dialect::Ollama => {
            "{\"message\":{\"content\":\"Hal\"},\"done\":false}\n{\"error\":\"out of memory \\u001b[31m\"}\n"
        }
    };
    for dialect in DIALECTS {
        let (answer, waits, ..) = ask(dialect, vec![Reply::of(200, events(dialect)), streamed(dialect, &says(TEXT))]);
        if dialect == Dialect::Ollama {
            let error = answer.unwrap_err();
            assert!(matches!(error, AdvisorError::Failed { .. }) && !error.to_string().contains('\u{1b}'), "{error}");
        } else {
            assert_eq!((answer.unwrap(), waits.len()), (TEXT.to_owned(), 1), "{dialect}");
        }
    }
}

#[test]
fn a_reply_that_is_cut_refused_empty_or_no_reply_is_not_used() {
    for dialect in DIALECTS {
        let cut = aftercare_saying("length");
        let (answer, ..) = ask(dialect, vec![streamed(dialect, &cut)]);
        assert!(matches!(answer, Err(AdvisorError::Cut)), "{dialect}: {answer:?}");
        let (answer, ..) = ask(dialect, vec![streamed(dialect, &aftercare_saying("refusal"))]);
        assert!(matches!(answer, Err(AdvisorError::Refused(_))), "{dialect}: {answer:?}");
        let (answer, ..) = ask(dialect, vec![streamed(dialect, &says(" \n"))]);
        assert!(matches!(answer, Err(AdvisorError::Empty)), "{dialect}: {answer:?}");
        for nonsense in ["<html>Bad gateway</html>", "data: {broken\n\n", "", "[]", "data: 7\n\n", "{\"a\":1}\n"] {
            let (answer, ..) = ask(dialect, vec![Reply::of(200, nonsense)]);
            assert!(matches!(answer, Err(AdvisorError::Malformed(_))), "{dialect}, {nonsense:?}: {answer:?}");
        }
    }
}

fn aftercare_saying(stop: &'static str) -> super::strict::Saying {
    super::strict::Saying { stop, ..says("I will") }
}

#[test]
fn a_stream_without_its_end_is_not_taken_for_whole() {
    for dialect in DIALECTS {
        let body = streamed(dialect, &says(TEXT)).pieces.concat();
        let text = String::from_utf8(body).unwrap();
        let mark = match dialect {
            Dialect::OpenAi => "data: {\"choices\":[{\"delta\":{},",
            Dialect::Anthropic => "event: message_delta",
            Dialect::Ollama => "{\"done\":true",
        };
        let at = text.find(mark).unwrap_or_else(|| panic!("{dialect}: {text}"));
        let (answer, waits, ..) = ask(dialect, vec![Reply::of(200, text[..at].to_owned())]);
        assert!(matches!(answer, Err(AdvisorError::Malformed(_))), "{dialect}: {answer:?}");
        assert_eq!(waits.len(), 4, "it was asked again");
    }
}

#[test]
fn a_silent_server_is_left_when_the_user_cancels() {
    for dialect in DIALECTS {
        let cancel = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&cancel);
        let mut begun = streamed(dialect, &says(TEXT)).ending(End::Silent);
        begun.pieces = vec![begun.pieces.concat()[..30].to_vec()];
        let server = Server::start(move |_| {
            flag.store(true, Ordering::SeqCst);
            begun.clone()
        });
        let (setup, clock) = (setup(dialect, &server), Still::default());
        let mut advisor = Advisor::new(&setup, Transcript::nowhere(), &clock, &cancel);
        assert!(matches!(advisor.ask(&question(), &mut |_| {}), Err(AdvisorError::Canceled)), "{dialect}");
        assert!(clock.waits.take().is_empty());
    }
}

#[test]
fn a_server_that_takes_no_schema_is_asked_without() {
    for dialect in DIALECTS {
        let server = Server::start(move |request| {
            if let Some(fault) = fault(dialect, request) {
                return refusal(dialect, 400, &fault);
            }
            let has_schema =
                ["response_format", "output_config", "format"].iter().any(|name| request.json().get(*name).is_some());
            if has_schema {
                refusal(dialect, 400, "json_schema is not supported here")
            } else {
                streamed(dialect, &says("{}"))
            }
        });
        let question = Question { schema: Some(("opinion", opinion::schema())), ..question() };
        let (answer, waits, _) = ask_of(&setup(dialect, &server), &question);
        assert_eq!((answer.unwrap(), waits.len(), server.seen().len()), ("{}".to_owned(), 0, 2), "{dialect}");
    }
}

#[test]
fn newer_and_older_names_of_the_limit_are_found_out() {
    let dialect = Dialect::OpenAi;
    let server = Server::start(move |request| {
        let body = request.json();
        if body.get("max_tokens").is_some() {
            return refusal(
                dialect,
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            );
        }
        if body.get("stream_options").is_some() {
            return refusal(dialect, 422, "stream_options: extra fields not permitted");
        }
        streamed(dialect, &super::strict::Saying { usage: None, ..says(TEXT) })
    });
    let (answer, _, spent) = ask_of(&setup(dialect, &server), &question());
    assert_eq!((answer.unwrap(), spent.estimated, server.seen().len()), (TEXT.to_owned(), true, 3));
}

#[test]
fn a_wrong_key_or_request_is_told_once_and_without_the_key() {
    for dialect in DIALECTS {
        let message = format!("invalid key {KEY}");
        let (answer, waits, _, server) = ask(dialect, vec![refusal(dialect, 401, &message)]);
        let failure = answer.unwrap_err().failure();
        assert!(failure.hint.contains("key") && !failure.to_string().contains(KEY), "{failure}");
        assert_eq!((waits.len(), server.seen().len()), (0, 1), "{dialect}");
    }
}

#[test]
fn the_budget_is_estimated_before_and_enforced_after() {
    for dialect in DIALECTS {
        let server = server(dialect, vec![streamed(dialect, &says(TEXT))]);
        let mut settings = settings(dialect, url(dialect, &server));
        settings.tokens.value = 1_000;
        let key = |_: &str| Some(KEY.to_owned());
        let large = Question { system: "x".repeat(9_000), ..question() };
        let (answer, ..) = ask_of(&Setup::of(&settings, key).unwrap(), &large);
        assert!(matches!(answer, Err(AdvisorError::Budget(_))), "{dialect}: {answer:?}");
        assert!(server.seen().is_empty(), "nothing is sent that costs too much");
        // The server counts a thousand tokens where eleven were expected.
        let (answer, _, spent) = ask_of(&Setup::of(&settings, key).unwrap(), &question());
        assert!(matches!(answer, Err(AdvisorError::OverBudget(_))), "{dialect}: {answer:?}");
        assert_eq!(spent.input_tokens, 1_000);

        settings.tokens.value = 100_000;
        (settings.price_in.value, settings.price_out.value, settings.money.value) = (10.0, 50.0, 0.02);
        let setup = Setup::of(&settings, key).unwrap();
        let (answer, _, spent) = ask_of(&setup, &question());
        assert!(answer.is_ok() && (spent.money.unwrap() - (0.01 + 0.0005)).abs() < 2e-4, "{dialect}: {spent:?}");
        let asked = server.seen().last().unwrap().json();
        let most =
            ["/max_tokens", "/options/num_predict"].iter().find_map(|place| asked.pointer(place)?.as_u64()).unwrap();
        assert!((380..=400).contains(&most), "two cents are {most} tokens");
    }
}

#[test]
fn a_server_that_lies_about_tokens_is_not_believed() {
    for dialect in DIALECTS {
        let text = "word ".repeat(1_000);
        let saying = super::strict::Saying { usage: Some((0, 0)), ..says(&text) };
        let (answer, _, spent, _) = ask(dialect, vec![streamed(dialect, &saying)]);
        assert!(answer.is_ok() && spent.estimated && spent.output_tokens > 1_000, "{dialect}: {spent:?}");
        let saying = super::strict::Saying { usage: Some((u64::MAX, u64::MAX)), ..says(&text) };
        let (answer, ..) = ask(dialect, vec![streamed(dialect, &saying)]);
        assert!(matches!(answer, Err(AdvisorError::OverBudget(_))), "{dialect}: {answer:?}");
    }
}

#[test]
fn secrets_are_neither_sent_nor_kept_and_the_transcript_is_its_owners() {
    let secrets = ["ghp_0123456789abcdefghijABCDEFGHIJ012345", "hunter2-but-longer"];
    for dialect in DIALECTS {
        let server = server(dialect, vec![streamed(dialect, &says(&format!("the token is {}", secrets[0])))]);
        let folder = tempfile::tempdir().unwrap();
        let (setup, clock, cancel) = (setup(dialect, &server), Still::default(), AtomicBool::new(false));
        let place = folder.path().join("state/transcripts");
        let transcript = Transcript::begin(&place, clock.now(), Keep { count: 10, bytes: 1 << 20 }).unwrap();
        let mut advisor = Advisor::new(&setup, transcript, &clock, &cancel);
        let text = format!("call {} with password = \"{}\"", secrets[0], secrets[1]);
        let question = Question { turns: vec![(Role::User, text)], ..question() };
        assert!(advisor.ask(&question, &mut |_| {}).is_ok());
        let path = advisor.transcript().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
        let kept = fs::read_to_string(&path).unwrap();
        let sent = String::from_utf8(server.seen()[0].body.clone()).unwrap();
        for secret in secrets.iter().chain([&KEY]) {
            assert!(!kept.contains(secret) && !sent.contains(secret), "{dialect}: {secret}");
        }
        let kinds: Vec<String> = kept
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["type"].to_string())
            .collect();
        assert_eq!(kinds, ["\"request\"", "\"reply\""]);
    }
}

#[test]
fn the_strict_servers_refuse_what_the_real_ones_refuse() {
    let server = Server::start(|request| {
        let fault = fault(Dialect::Anthropic, request).unwrap_or_default();
        Reply::of(200, fault)
    });
    let send = |body: serde_json::Value, version: bool| {
        let mut request =
            aftercare::shell::http::Request::post(&server.url("/v1/messages")).secret("x-api-key", "", KEY);
        if version {
            request = request.header("anthropic-version", "2023-06-01");
        }
        let answer =
            aftercare::shell::http::send(&request.json(&body).unwrap(), Default::default(), &AtomicBool::new(false));
        String::from_utf8(answer.unwrap().body).unwrap()
    };
    let user = json!({"role": "user", "content": "hi"});
    let good = json!({"model": "m", "max_tokens": 5, "system": "s", "messages": [user]});
    assert_eq!(send(good.clone(), true), "");
    assert!(send(good.clone(), false).contains("version"));
    let with = |name: &str, value: serde_json::Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    assert!(send(with("max_tokens", json!(null)), true).contains("max_tokens"));
    assert!(send(with("temperatur", json!(1)), true).contains("unknown"));
    assert!(send(with("messages", json!([user, user])), true).contains("alternate"));
    assert!(send(with("messages", json!([{"role": "system", "content": "x"}])), true).contains("alternate"));
    assert!(send(with("messages", json!([{"role": "user", "content": ""}])), true).contains("content"));
}

#[test]
fn what_is_not_configured_is_said() {
    let mut settings = AdvisorSettings::default();
    let none = |_: &str| None;
    assert!(matches!(Setup::of(&settings, none), Err(AdvisorError::NotConfigured("advisor.dialect"))));
    settings.dialect.value = Some(Dialect::OpenAi);
    assert!(matches!(Setup::of(&settings, none), Err(AdvisorError::NotConfigured("advisor.model"))));
    settings.model.value = Some("m".to_owned());
    let error = Setup::of(&settings, none).unwrap_err();
    assert!(error.to_string().contains("OPENAI_API_KEY"), "{error}");
    settings.url.value = Some("http://localhost:1/v1".to_owned());
    assert!(Setup::of(&settings, none).is_ok(), "a server of one's own may want no key");
    settings.api_key_env.value = Some("MY_KEY".to_owned());
    assert!(Setup::of(&settings, none).is_err(), "a key that is named must be there");
    let setup = Setup::of(&settings, |_| Some(KEY.to_owned())).unwrap();
    assert!(!format!("{setup:?}").contains(KEY));
}
