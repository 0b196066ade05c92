//! The settings of what comes after a plan: who approves, where it is pushed, what may go back by itself.

use serde::Deserialize;

use super::{ConfigError, Source, Value, in_range, out_of_range};

/// The `[approval]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApprovalLayer {
    /// How many different people must approve.
    pub people: Option<u32>,
    /// How long an approval in the repository counts, in minutes.
    pub expires_minutes: Option<u32>,
}

/// The `[push]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PushLayer {
    /// The remote that a made branch is pushed to.
    pub remote: Option<String>,
    /// Whether a pull request is opened for it.
    pub pull_request: Option<bool>,
    /// What the remote's server is.
    pub forge: Option<String>,
    /// Address of its API.
    pub api: Option<String>,
    /// The branch that the pull request is for.
    pub target: Option<String>,
}

/// The `[auto_rollback]` part of a [`Layer`](super::Layer).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoRollbackLayer {
    /// Whether a watch may go back by itself.
    pub enabled: Option<bool>,
    /// In whose name.
    pub person: Option<String>,
    /// How long anyone can stop it, in seconds.
    pub countdown_seconds: Option<u32>,
}

/// Who approves, where it is pushed, what may go back by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// How many different people must approve; 1 or 2.
    pub people: Value<u32>,
    /// How long an approval in the repository counts, in minutes; 1 to 10,080.
    pub expires_minutes: Value<u32>,
    /// The remote that a made branch is pushed to; `None` pushes nowhere.
    pub push_remote: Value<Option<String>>,
    /// Whether a pull request is opened for it.
    pub pull_request: Value<bool>,
    /// What the remote's server is: `github`, `gitlab` or `gitea`; `None` tells it by its name.
    pub forge: Value<Option<String>>,
    /// Address of its API; `None` takes the usual one of the remote's server.
    pub forge_api: Value<Option<String>>,
    /// The branch that the pull request is for; `None` takes the deployed one.
    pub pull_request_target: Value<Option<String>>,
    /// Whether a headless watch may go back by itself.
    pub auto_enabled: Value<bool>,
    /// In whose name, as `NAME <EMAIL>`.
    pub auto_person: Value<Option<String>>,
    /// How long anyone can stop it, in seconds; 10 to 3600.
    pub auto_countdown_seconds: Value<u32>,
}

impl Default for Remedy {
    fn default() -> Self {
        Self {
            people: Value::built_in(1),
            expires_minutes: Value::built_in(60),
            push_remote: Value::built_in(None),
            pull_request: Value::built_in(false),
            forge: Value::built_in(None),
            forge_api: Value::built_in(None),
            pull_request_target: Value::built_in(None),
            auto_enabled: Value::built_in(false),
            auto_person: Value::built_in(None),
            auto_countdown_seconds: Value::built_in(60),
        }
    }
}

/// The three parts of a layer.
pub(super) type Layers = (ApprovalLayer, PushLayer, AutoRollbackLayer);

impl Remedy {
    pub(super) fn lay(&mut self, (approval, push, auto): Layers, source: &Source) {
        self.people.set(approval.people, source);
        self.expires_minutes.set(approval.expires_minutes, source);
        self.push_remote.set(push.remote.map(|name| Some(name).filter(|name| !name.is_empty())), source);
        self.pull_request.set(push.pull_request, source);
        self.forge.set(push.forge.map(Some), source);
        self.forge_api.set(push.api.map(Some), source);
        self.pull_request_target.set(push.target.map(Some), source);
        self.auto_enabled.set(auto.enabled, source);
        self.auto_person.set(auto.person.map(Some), source);
        self.auto_countdown_seconds.set(auto.countdown_seconds, source);
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        in_range("approval.people", &self.people, 1..=2, "1 or 2")?;
        in_range("approval.expires_minutes", &self.expires_minutes, 1..=10_080, "1 to 10080")?;
        in_range("auto_rollback.countdown_seconds", &self.auto_countdown_seconds, 10..=3600, "10 to 3600")?;
        let shown = |value: &Value<Option<String>>| Value {
            value: value.value.clone().unwrap_or_else(|| "unset".to_owned()),
            source: value.source.clone(),
        };
        if self
            .push_remote
            .value
            .as_deref()
            .is_some_and(|name| name.starts_with('-') || name.chars().any(char::is_whitespace))
        {
            return Err(out_of_range("push.remote", &shown(&self.push_remote), "the name of a remote"));
        }
        if self.forge.value.as_deref().is_some_and(|name| !matches!(name, "github" | "gitlab" | "gitea")) {
            return Err(out_of_range("push.forge", &shown(&self.forge), "github, gitlab or gitea"));
        }
        if self.pull_request.value && self.push_remote.value.is_none() {
            return Err(out_of_range("push.remote", &shown(&self.push_remote), "set where push.pull_request is true"));
        }
        if !self.auto_enabled.value {
            return Ok(());
        }
        // Nobody can consent twice by a setting.
        if self.people.value > 1 {
            return Err(out_of_range("approval.people", &self.people, "1 where auto_rollback.enabled is true"));
        }
        if self.auto_person.value.as_deref().is_none_or(|person| person.trim().is_empty()) {
            let range = "a person, as NAME <EMAIL>, where auto_rollback.enabled is true";
            return Err(out_of_range("auto_rollback.person", &shown(&self.auto_person), range));
        }
        Ok(())
    }

    pub(super) fn rows(&self) -> Vec<(&'static str, String, String)> {
        fn plain<T: std::fmt::Debug>(name: &'static str, value: &Value<T>) -> (&'static str, String, String) {
            (name, format!("{:?}", value.value), value.source.to_string())
        }
        let optional = |name: &'static str, value: &Value<Option<String>>| {
            let shown = value.value.as_ref().map_or_else(|| "unset".to_owned(), |text| format!("{text:?}"));
            (name, shown, value.source.to_string())
        };
        vec![
            plain("approval.people", &self.people),
            plain("approval.expires_minutes", &self.expires_minutes),
            optional("push.remote", &self.push_remote),
            plain("push.pull_request", &self.pull_request),
            optional("push.forge", &self.forge),
            optional("push.api", &self.forge_api),
            optional("push.target", &self.pull_request_target),
            plain("auto_rollback.enabled", &self.auto_enabled),
            optional("auto_rollback.person", &self.auto_person),
            plain("auto_rollback.countdown_seconds", &self.auto_countdown_seconds),
        ]
    }
}
