//! Reads the address of a remote: which server, which project.

use super::Forge;

/// A project on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The server, with its port where pages of it are known to be on another than the usual one.
    pub host: String,
    /// The project, as `owner/name`, or with more groups.
    pub project: String,
}

impl Remote {
    /// Reads an address as git knows them: `https://…`, `ssh://…`, `git@host:owner/name.git`; `None` for a
    /// path, and for what names no project.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        if url.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return None;
        }
        let (authority, path, keeps_port) = match url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                let scheme = scheme.to_ascii_lowercase();
                if !matches!(scheme.as_str(), "https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git") {
                    return None;
                }
                (authority, path, scheme.starts_with("http"))
            }
            None => {
                // As scp writes it; a slash in front of the colon makes it a path.
                let (authority, path) = url.split_once(':')?;
                if authority.contains('/') || authority.len() < 2 {
                    return None;
                }
                (authority, path, false)
            }
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // The port of ssh says nothing about where the pages are.
        let host = if keeps_port { host } else { host.rsplit_once(':').map_or(host, |(host, _)| host) };
        let path = path.trim_matches('/');
        let project = path.strip_suffix(".git").unwrap_or(path).trim_matches('/');
        let parts = || project.split('/');
        let is_project = parts().count() >= 2 && parts().all(|part| !part.is_empty() && part != "." && part != "..");
        let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:_[]".contains(c));
        (is_project && is_host).then(|| Self { host: host.to_ascii_lowercase(), project: project.to_owned() })
    }

    /// What the server speaks, as far as its name tells.
    #[must_use]
    pub fn forge(&self) -> Option<Forge> {
        let is = |parts: &[&str]| parts.iter().any(|part| self.host.contains(part));
        if is(&["github"]) {
            Some(Forge::GitHub)
        } else if is(&["gitlab"]) {
            Some(Forge::GitLab)
        } else if is(&["gitea", "forgejo", "codeberg"]) {
            Some(Forge::Gitea)
        } else {
            None
        }
    }

    /// The usual address of its interface.
    #[must_use]
    pub fn api(&self, forge: Forge) -> String {
        match forge {
            Forge::GitHub if self.host == "github.com" || self.host == "ssh.github.com" => {
                "https://api.github.com".to_owned()
            }
            Forge::GitHub => format!("https://{}/api/v3", self.host),
            Forge::GitLab => format!("https://{}/api/v4", self.host),
            Forge::Gitea => format!("https://{}/api/v1", self.host),
        }
    }
}

#[cfg(test)]
mod tests;
