//! Speaks the interface of Gitea and its kin.

use serde::Deserialize;
use serde_json::json;

use super::{Client, ForgeError, owner_and_name};
use crate::shell::http::Request;

/// Pull requests on a page, and pages that are looked through.
const PAGE: usize = 50;
const PAGES: usize = 10;

#[derive(Deserialize)]
struct Pull {
    html_url: String,
    #[serde(default)]
    head: End,
    #[serde(default)]
    base: End,
}

#[derive(Default, Deserialize)]
struct End {
    #[serde(default, rename = "ref")]
    name: String,
}

fn with_headers(client: &Client<'_>, request: Request) -> Request {
    request.header("accept", "application/json").secret("authorization", "token ", &client.token)
}

/// The open pull request of the two branches; the list cannot be narrowed to them.
pub(super) fn find(client: &Client<'_>) -> Result<Option<String>, ForgeError> {
    let (owner, name) = owner_and_name(&client.target.project)?;
    for page in 1..=PAGES {
        let path = format!("/repos/{owner}/{name}/pulls?state=open&limit={PAGE}&page={page}");
        let found: Vec<Pull> = client.call(with_headers(client, Request::get(&client.url(&path))))?;
        let is_last = found.len() < PAGE;
        let is_it = |pull: &Pull| pull.head.name == client.target.source && pull.base.name == client.target.target;
        if let Some(pull) = found.into_iter().find(is_it) {
            return Ok(Some(pull.html_url));
        }
        if is_last {
            break;
        }
    }
    Ok(None)
}

/// Opens one.
pub(super) fn open(client: &Client<'_>, title: &str, text: &str) -> Result<String, ForgeError> {
    let (owner, name) = owner_and_name(&client.target.project)?;
    let body = json!({"title": title, "head": client.target.source, "base": client.target.target, "body": text});
    let request = Request::post(&client.url(&format!("/repos/{owner}/{name}/pulls"))).json(&body);
    let request = request.map_err(|error| ForgeError::Http(client.target.forge, error))?;
    let made: Pull = client.call(with_headers(client, request))?;
    Ok(made.html_url)
}
