//! Speaks GitLab's interface, where a pull request is a merge request.

use serde::Deserialize;
use serde_json::json;

use super::{Client, ForgeError, encoded};
use crate::shell::http::Request;

#[derive(Deserialize)]
struct MergeRequest {
    web_url: String,
}

fn path(client: &Client<'_>) -> String {
    format!("/projects/{}/merge_requests", encoded(&client.target.project))
}

fn with_headers(client: &Client<'_>, request: Request) -> Request {
    request.header("accept", "application/json").secret("private-token", "", &client.token)
}

/// The open merge request of the two branches.
pub(super) fn find(client: &Client<'_>) -> Result<Option<String>, ForgeError> {
    let (source, target) = (encoded(&client.target.source), encoded(&client.target.target));
    let query = format!("?state=opened&source_branch={source}&target_branch={target}&per_page=1");
    let url = client.url(&format!("{}{query}", path(client)));
    let found: Vec<MergeRequest> = client.call(with_headers(client, Request::get(&url)))?;
    Ok(found.into_iter().next().map(|request| request.web_url))
}

/// Opens one.
pub(super) fn open(client: &Client<'_>, title: &str, text: &str) -> Result<String, ForgeError> {
    let body = json!({
        "source_branch": client.target.source, "target_branch": client.target.target, "title": title, "description": text,
        "remove_source_branch": false,
    });
    let request = Request::post(&client.url(&path(client))).json(&body);
    let request = request.map_err(|error| ForgeError::Http(client.target.forge, error))?;
    let made: MergeRequest = client.call(with_headers(client, request))?;
    Ok(made.web_url)
}
