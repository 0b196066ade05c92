//! The HTTP client against a real server.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aftercare::shell::http::{Deadline, HttpError, Limits, Request, send, stream};
use serde_json::json;

use crate::server::{End, Reply, Server};

const KEY: &str = "key-that-nobody-may-see-81723";

fn never() -> AtomicBool {
    AtomicBool::new(false)
}

fn get(server: &Server) -> Request {
    Request::get(&server.url("/v1/things?page=2")).secret("authorization", "Bearer ", KEY)
}

#[test]
fn what_is_sent_arrives_and_what_is_answered_comes_back() {
    let server = Server::start(|_| Reply::json(201, &json!({"id": 7})).header("x-next", "more"));
    let request = Request::post(&server.url("/v1/things"))
        .header("accept", "application/json")
        .secret("authorization", "Bearer ", KEY)
        .json(&json!({"name": "é"}))
        .unwrap();
    let answer = send(&request, Limits::default(), &never()).unwrap();
    assert_eq!(
        (answer.status, answer.header("X-Next"), answer.body.as_slice()),
        (201, Some("more"), b"{\"id\":7}".as_slice())
    );
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.json()), ("POST", "/v1/things", json!({"name": "é"})));
    assert_eq!(seen.header("authorization"), Some("Bearer key-that-nobody-may-see-81723"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!((seen.header("accept"), seen.header("accept-encoding")), (Some("application/json"), None));
}

#[test]
fn a_stream_is_passed_on_as_it_comes_and_can_be_left() {
    let server = Server::start(|_| Reply::of(200, "abcdef").split(1).ending(End::Silent));
    let mut pieces = String::new();
    let answer = stream(&get(&server), Limits::default(), &never(), &mut |piece| {
        pieces.push_str(std::str::from_utf8(piece).unwrap());
        if pieces.len() == 6 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((answer.unwrap().status, pieces.as_str()), (200, "abcdef"));
}

#[test]
fn a_silent_server_is_left_when_the_user_cancels() {
    let cancel = Arc::new(never());
    let flag = Arc::clone(&cancel);
    let server = Server::start(move |_| {
        flag.store(true, Ordering::SeqCst);
        Reply::of(200, "").ending(End::Silent)
    });
    assert!(matches!(send(&get(&server), Limits::default(), &cancel), Err(HttpError::Canceled)));
    assert!(matches!(send(&get(&server), Limits::default(), &cancel), Err(HttpError::Canceled)));
    assert_eq!(server.seen().len(), 1, "what is canceled already is not sent");
}

#[test]
fn a_server_that_takes_too_long_passes_a_limit() {
    let server = Server::start(|_| Reply::of(200, "begun").ending(End::Silent));
    let idle = Limits { idle: Duration::from_millis(30), ..Limits::default() };
    let error = send(&get(&server), idle, &never()).unwrap_err();
    assert!(matches!(error, HttpError::TimeLimit { deadline: Deadline::Idle(_), .. }), "{error}");
    let total = Limits { total: Duration::from_millis(30), ..Limits::default() };
    let error = send(&get(&server), total, &never()).unwrap_err();
    assert!(matches!(error, HttpError::TimeLimit { deadline: Deadline::Total(_), .. }), "{error}");
}

#[test]
fn an_answer_that_is_too_large_or_broken_off_is_an_error() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => Reply::of(200, vec![b'x'; 5000]).split(1000).ending(End::Silent),
        _ => Reply::of(200, "half of").ending(End::BrokenOff),
    });
    let limits = Limits { body_bytes: 4096, ..Limits::default() };
    let error = send(&get(&server), limits, &never()).unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { limit: 4096, .. }), "{error}");
    let mut taken = Vec::new();
    let error = stream(&Request::post(&server.url("/")), limits, &never(), &mut |piece| {
        taken.extend_from_slice(piece);
        ControlFlow::Continue(())
    });
    let error = error.unwrap_err();
    assert!(matches!(error, HttpError::BrokenOff { .. }), "{error}");
    assert_eq!(taken, b"half of");
}

#[test]
fn a_refusal_says_why_and_shows_no_secret() {
    let server = Server::start(|seen| {
        let echoed = format!("bad key {KEY}\u{1b}[31m, you sent {}\n token=abcdef123456", seen.whole());
        Reply::of(429, echoed).header("retry-after", "17")
    });
    let request = get(&server);
    let error = send(&request, Limits::default(), &never()).unwrap_err();
    let HttpError::Status { status, retry_after, excerpt, .. } = &error else { panic!("{error}") };
    assert_eq!((*status, retry_after.as_deref()), (429, Some("17")));
    assert!(excerpt.starts_with("bad key [redacted], you sent GET"), "{excerpt}");
    for text in [error.to_string(), format!("{error:?}"), format!("{request:?}"), error.failure().to_string()] {
        assert!(!text.contains(KEY) && !text.contains("abcdef123456") && !text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn the_front_of_a_secret_at_the_end_of_an_excerpt_is_hidden_too() {
    let server = Server::start(|_| Reply::of(500, format!("{}{KEY}", " ".repeat(4096 - 12))));
    let error = send(&get(&server), Limits::default(), &never()).unwrap_err();
    let HttpError::Status { excerpt, .. } = &error else { panic!("{error}") };
    assert_eq!(excerpt, "");
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Server::start(|_| Reply::of(200, "yours"));
    let target = other.url("/steal");
    let server = Server::start(move |_| Reply::of(302, "").header("location", &target));
    let error = send(&get(&server), Limits::default(), &never()).unwrap_err();
    assert!(matches!(error, HttpError::Status { status: 302, .. }), "{error}");
    assert!(other.seen().is_empty());
}

#[test]
fn nobody_at_the_address_is_said_with_the_place_only() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let request = Request::get(&format!("http://me:{KEY}@127.0.0.1:{port}/v1?key={KEY}"));
    let error = send(&request, Limits::default(), &never()).unwrap_err();
    let HttpError::Connect { place, why } = &error else { panic!("{error}") };
    assert_eq!(*place, format!("http://127.0.0.1:{port}"));
    assert!(why.contains("refused") && !why.contains(KEY), "{why}");
}

#[test]
fn what_cannot_be_sent_is_refused_without_being_shown() {
    let server = Server::start(|_| Reply::of(200, ""));
    let broken = Request::get(&server.url("/")).secret("authorization", "Bearer ", "two\r\nlines-1234");
    let cases = [broken, Request::get("no address"), Request::get("ftp://127.0.0.1/"), Request::get("http://")];
    for request in cases {
        let error = send(&request, Limits::default(), &never()).unwrap_err();
        assert!(!error.to_string().contains("lines-1234"), "{error}");
        assert!(matches!(error, HttpError::Unsendable(_) | HttpError::BrokenOff { .. }), "{error:?}");
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    // A server that speaks no TLS at all stands for every one that cannot prove who it is.
    let server = Server::start(|_| Reply::of(200, "trust me"));
    let request = Request::get(&server.url("/").replace("http://", "https://")).secret("x-key", "", KEY);
    let error = send(&request, Limits::default(), &never()).unwrap_err();
    assert!(matches!(error, HttpError::Connect { .. }), "{error:?}");
    assert!(server.seen().iter().all(|seen| !seen.whole().contains(KEY)));
}
