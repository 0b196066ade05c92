//! Speaks HTTP: one request, one answer, within limits.
//!
//! Input: a [`Request`], [`Limits`] and a flag that cancels. Output: an [`Answer`], whole or piece by
//! piece as it comes, or an [`HttpError`] that says what went wrong without a secret in it.
//!
//! Blocks the calling thread, which must not belong to an async runtime. Follows no redirect, because
//! that would hand a key to somebody else; unpacks no compressed body; keeps no connection and no
//! cookie; retries nothing. Proxies are taken from the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
//! `ALL_PROXY`, `NO_PROXY`), except for this machine's own addresses. Certificates are checked against
//! those of the system.

mod error;

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, Url, redirect};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

pub use error::{Deadline, HttpError};

/// How often the cancel flag is looked at.
const TICK: Duration = Duration::from_millis(10);

/// Bytes of a refusal's body that are kept for the error.
const EXCERPT_BYTES: usize = 4 << 10;

/// What a call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take to reach the server.
    pub connect: Duration,
    /// How long nothing may come: before the answer begins, and between two of its pieces.
    pub idle: Duration,
    /// How long the whole call may take.
    pub total: Duration,
    /// Most bytes of the answer's body.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(120),
            body_bytes: 8 << 20,
        }
    }
}

/// What is asked of a server.
///
/// Its `Debug` form shows neither values of headers nor the body.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    secrets: Vec<String>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// Asks for what is at an address.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self::of(Method::GET, url)
    }

    /// Hands something over.
    #[must_use]
    pub fn post(url: &str) -> Self {
        Self::of(Method::POST, url)
    }

    /// Replaces what is at an address.
    #[must_use]
    pub fn put(url: &str) -> Self {
        Self::of(Method::PUT, url)
    }

    /// Changes parts of what is at an address.
    #[must_use]
    pub fn patch(url: &str) -> Self {
        Self::of(Method::PATCH, url)
    }

    fn of(method: Method, url: &str) -> Self {
        Self { method, url: url.to_owned(), headers: Vec::new(), secrets: Vec::new(), body: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header that holds a secret, behind a prefix such as `Bearer `. The secret is shown in no
    /// error, even where the server sends it back.
    #[must_use]
    pub fn secret(mut self, name: &str, prefix: &str, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self.header(name, &format!("{prefix}{secret}"))
    }

    /// Adds a JSON body, with its content type.
    ///
    /// # Errors
    ///
    /// When the value has no JSON form.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, HttpError> {
        let bytes = serde_json::to_vec(body).map_err(|error| HttpError::Unsendable(error.to_string()))?;
        self.body = Some(bytes);
        Ok(self.header("content-type", "application/json"))
    }

    /// Scheme, host and port of the address, for messages: no path, no query, no password.
    #[must_use]
    pub fn place(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| "an address that is none".to_owned(), |url| error::place(&url))
    }

    /// Hides this request's secrets in a text.
    #[must_use]
    pub fn without_secrets(&self, text: &str) -> String {
        error::without(&self.secrets, text)
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let n_bytes = self.body.as_ref().map_or(0, Vec::len);
        write!(f, "{} {} {names:?}, {n_bytes} bytes", self.method, self.place())
    }
}

/// What a server answered; its status is one of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, from 200 to 299.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body; empty where it was passed on piece by piece.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, in any case; `None` where it is missing or no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Sends a request and takes the whole answer.
///
/// # Errors
///
/// When the request is none, the server cannot be reached, a limit is passed, the answer breaks off,
/// its status is not one of success, or `cancel` is set.
pub fn send(request: &Request, limits: Limits, cancel: &AtomicBool) -> Result<Answer, HttpError> {
    let mut body = Vec::new();
    let mut answer = stream(request, limits, cancel, &mut |piece| {
        body.extend_from_slice(piece);
        ControlFlow::Continue(())
    })?;
    answer.body = body;
    Ok(answer)
}

/// Sends a request and passes the body of the answer on as it comes, until it ends or `take` breaks.
///
/// # Errors
///
/// As [`send`]. Pieces that were passed on before an error are lost to nobody: `take` has them.
pub fn stream(
    request: &Request,
    limits: Limits,
    cancel: &AtomicBool,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Answer, HttpError> {
    if cancel.load(Ordering::Relaxed) {
        return Err(HttpError::Canceled);
    }
    let url =
        Url::parse(&request.url).map_err(|error| HttpError::Unsendable(format!("the address is wrong: {error}")))?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(HttpError::NoRuntime)?;
    let call = Call { request, url, limits, cancel, deadline: Instant::now() + limits.total, runtime: &runtime };
    let result = call.perform(take);
    // A name that is still being looked up must not hold the caller.
    runtime.shutdown_background();
    result
}

/// A call in progress.
struct Call<'a> {
    request: &'a Request,
    url: Url,
    limits: Limits,
    cancel: &'a AtomicBool,
    deadline: Instant,
    runtime: &'a Runtime,
}

impl Call<'_> {
    fn perform(&self, take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Answer, HttpError> {
        let sending = self.client()?.execute(self.built()?);
        let mut response = self.wait(sending)?.map_err(|error| self.error(&error))?;
        let status = response.status();
        let text =
            |(name, value): (&HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
        let headers: Vec<_> = response.headers().iter().filter_map(text).collect();
        let answer = Answer { status: status.as_u16(), headers, body: Vec::new() };
        if !status.is_success() {
            return Err(self.refusal(&answer, response));
        }
        let mut n_bytes = 0;
        while let Some(piece) = self.wait(response.chunk())?.map_err(|error| self.error(&error))? {
            n_bytes += piece.len();
            if n_bytes > self.limits.body_bytes {
                return Err(HttpError::TooLarge { place: self.place(), limit: self.limits.body_bytes });
            }
            if take(&piece).is_break() {
                break;
            }
        }
        Ok(answer)
    }

    fn client(&self) -> Result<Client, HttpError> {
        // The first one stays; a second one is refused, which changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("aftercare/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(0);
        if is_own(&self.url) {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| HttpError::Unsendable(error::causes(&error)))
    }

    fn built(&self) -> Result<reqwest::Request, HttpError> {
        let mut built = reqwest::Request::new(self.request.method.clone(), self.url.clone());
        for (name, value) in &self.request.headers {
            let wrong = |what: &str| {
                HttpError::Unsendable(format!("the {what} of the header {name:?} has characters that cannot be sent"))
            };
            let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("name"))?;
            let mut sent = HeaderValue::from_str(value).map_err(|_| wrong("value"))?;
            sent.set_sensitive(true);
            built.headers_mut().append(known, sent);
        }
        *built.body_mut() = self.request.body.clone().map(Into::into);
        Ok(built)
    }

    /// Waits for the next thing to come, and looks at the cancel flag and the limits meanwhile.
    fn wait<F: Future>(&self, next: F) -> Result<F::Output, HttpError> {
        self.runtime.block_on(async {
            let mut next = pin!(next);
            let idle = Instant::now() + self.limits.idle;
            loop {
                if let Ok(output) = timeout(TICK, next.as_mut()).await {
                    return Ok(output);
                }
                let now = Instant::now();
                let over = |deadline| Err(HttpError::TimeLimit { place: self.place(), deadline });
                if self.cancel.load(Ordering::Relaxed) {
                    return Err(HttpError::Canceled);
                } else if now >= self.deadline {
                    return over(Deadline::Total(self.limits.total));
                } else if now >= idle {
                    return over(Deadline::Idle(self.limits.idle));
                }
            }
        })
    }

    /// Makes an error of a status that is not one of success, with the start of its body.
    fn refusal(&self, answer: &Answer, mut response: reqwest::Response) -> HttpError {
        let mut bytes = Vec::new();
        while bytes.len() < EXCERPT_BYTES {
            match self.wait(response.chunk()) {
                Ok(Ok(Some(piece))) => bytes.extend_from_slice(&piece),
                Err(HttpError::Canceled) => return HttpError::Canceled,
                // What came so far has to do.
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        bytes.truncate(EXCERPT_BYTES);
        HttpError::Status {
            place: self.place(),
            status: answer.status,
            retry_after: answer.header("retry-after").map(str::to_owned),
            excerpt: error::fit(&self.request.secrets, &String::from_utf8_lossy(&bytes)),
        }
    }

    fn place(&self) -> String {
        error::place(&self.url)
    }

    fn error(&self, error: &reqwest::Error) -> HttpError {
        let why = self.request.without_secrets(&error::causes(error));
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                HttpError::TimeLimit { place: self.place(), deadline: Deadline::Connect(self.limits.connect) }
            }
            (true, false) => HttpError::Connect { place: self.place(), why },
            (false, _) => HttpError::BrokenOff { place: self.place(), why },
        }
    }
}

/// Whether an address is one of this machine.
fn is_own(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
