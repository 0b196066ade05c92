//! Speaks GitHub's interface.

use serde::Deserialize;
use serde_json::json;

use super::{Client, ForgeError, encoded, owner_and_name};
use crate::shell::http::Request;

/// The version of the interface that this was written for.
const VERSION: &str = "2022-11-28";

#[derive(Deserialize)]
struct Pull {
    html_url: String,
}

fn with_headers(client: &Client<'_>, request: Request) -> Request {
    request.header("accept", "application/vnd.github+json").header("x-github-api-version", VERSION).secret(
        "authorization",
        "Bearer ",
        &client.token,
    )
}

/// The open pull request of the two branches.
pub(super) fn find(client: &Client<'_>) -> Result<Option<String>, ForgeError> {
    let (owner, name) = owner_and_name(&client.target.project)?;
    let (source, target) = (encoded(&client.target.source), encoded(&client.target.target));
    let path = format!("/repos/{owner}/{name}/pulls?state=open&head={owner}%3A{source}&base={target}&per_page=1");
    let found: Vec<Pull> = client.call(with_headers(client, Request::get(&client.url(&path))))?;
    Ok(found.into_iter().next().map(|pull| pull.html_url))
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
