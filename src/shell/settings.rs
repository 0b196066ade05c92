//! Finds out what a run is about: its settings, its state folder, its repository, its service.
//!
//! Reads configuration files and the environment; `config` decides what they mean.

use std::path::{Path, PathBuf};

use crate::app::{Failure, FailureKind};
use crate::config::{AdvisorSettings, AgentSettings, Config, ConfigError, Layer, Source};
use crate::remedy::Person;
use crate::remedy::advice::adapter::{self, Adapter};
use crate::shell::advisor::Setup;
use crate::shell::cli::Place;
use crate::shell::git;
use crate::view;

/// Name of the configuration file in a repository.
pub const REPOSITORY_FILE: &str = ".aftercare.toml";

/// Name of a service that nobody named.
pub const UNNAMED_SERVICE: &str = "default";

/// What a run is about.
#[derive(Debug)]
pub struct Settings {
    /// Every setting, with its source.
    pub config: Config,
    /// Folder of the store and the audit log.
    pub state: PathBuf,
    /// The repository, when there is one.
    pub repo: Option<PathBuf>,
    /// Name of the service.
    pub service: String,
    /// Whether somebody named it; otherwise it was taken from the repository's folder.
    pub service_is_named: bool,
}

impl Settings {
    /// Reads the configuration files and the environment, and lays the flags over them.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, a value cannot be used, or there is no state folder.
    pub fn load(place: &Place, mut flags: Layer) -> Result<Self, Failure> {
        flags.service = flags.service.or_else(|| place.service.clone());
        flags.repo = flags.repo.or_else(|| place.repo.as_ref().map(|path| path.to_string_lossy().into_owned()));
        flags.logs.zone = flags.logs.zone.or_else(|| place.zone.clone());
        let environment = Layer::from_environment(|name| std::env::var(name).ok()).map_err(|error| failed(&error))?;
        let named_repo = flags.repo.clone().or_else(|| environment.repo.clone());
        let mut layers = match &place.config {
            Some(path) => vec![read(path)?],
            None => read_usual(named_repo.as_deref())?,
        };
        layers.push((Source::Environment, environment));
        layers.push((Source::Flag, flags));
        let config = Config::resolve(layers).map_err(|error| failed(&error))?;
        check_theme(&config.theme.value)?;
        let named_repo = config.repo.value.as_ref().map(PathBuf::from);
        let named_service = config.service.value.clone();
        let service = named_service.clone().or_else(|| named_repo.as_deref().and_then(folder_name));
        Ok(Self {
            state: super::store::state_dir(place.state.as_deref()).map_err(|error| error.failure())?,
            repo: named_repo.or_else(|| discover(Path::new("."))),
            service: service.unwrap_or_else(|| UNNAMED_SERVICE.to_owned()),
            service_is_named: named_service.is_some(),
            config,
        })
    }

    /// Path of the store.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.state.join("aftercare.db")
    }

    /// Path of the audit log.
    #[must_use]
    pub fn audit_path(&self) -> PathBuf {
        self.state.join("audit.jsonl")
    }

    /// The configured model, with its key from the environment.
    ///
    /// # Errors
    ///
    /// When no model is configured, or its key is missing.
    pub fn advisor(&self) -> Result<Setup, Failure> {
        advisor_of(&self.config.advisor)
    }

    /// The coding agent of this name: the user's own, or a known one.
    ///
    /// # Errors
    ///
    /// When there is none, or the user's own has no command.
    pub fn agent(&self, name: &str) -> Result<Adapter, Failure> {
        agent_of(&self.config.agent, name)
    }

    /// Folder of what was said to models and what they answered.
    #[must_use]
    pub fn transcripts(&self) -> PathBuf {
        self.state.join("transcripts")
    }

    /// Chooses the unnamed service where only that has data, so that a baseline built and a deploy
    /// marked without naming a service are found again.
    pub fn settle_service(&mut self, known: &[String]) {
        let has = |name: &str| known.iter().any(|service| service == name);
        if !self.service_is_named && !has(&self.service) && has(UNNAMED_SERVICE) {
            self.service = UNNAMED_SERVICE.to_owned();
        }
    }

    /// Who approves: the person named, else the git identity.
    ///
    /// # Errors
    ///
    /// When the text given is not `NAME <EMAIL>` or a bare name.
    pub fn person(&self, named: Option<&str>) -> Result<Option<Person>, Failure> {
        if let Some(text) = named {
            return parse_person(text).map(Some);
        }
        Ok(self.repo.as_deref().and_then(git::history::identity_at))
    }
}

/// The model of these settings, with its key from the environment.
pub(in crate::shell) fn advisor_of(settings: &AdvisorSettings) -> Result<Setup, Failure> {
    Setup::of(settings, |name| std::env::var(name).ok()).map_err(|error| error.failure())
}

/// The coding agent of this name: the user's own, or a known one.
pub(in crate::shell) fn agent_of(own: &AgentSettings, name: &str) -> Result<Adapter, Failure> {
    let known = Adapter::known(name);
    let has_command = own.command.value.first().is_some_and(|program| !program.trim().is_empty());
    if own.name.value.as_deref() == Some(name) && (has_command || known.is_none()) {
        if !has_command {
            let hint = "Set agent.command to its argument list.";
            return Err(Failure::new(FailureKind::Config, format!("the agent {name:?} has no command"), hint));
        }
        return Ok(Adapter::own(name, &own.command.value, &own.environment.value));
    }
    let Some(mut known) = known else {
        let names: Vec<&str> = adapter::names().collect();
        let hint = format!("Choose {}, or set agent.name and agent.command.", names.join(", "));
        return Err(Failure::new(FailureKind::User, format!("there is no agent {name:?}"), hint));
    };
    known.environment.extend(own.environment.value.iter().cloned());
    Ok(known)
}

fn check_theme(name: &str) -> Result<(), Failure> {
    if name == "auto" || view::THEMES.contains(&name) {
        return Ok(());
    }
    let hint = format!("Choose auto, {}.", view::THEMES.join(", "));
    Err(Failure::new(FailureKind::Config, format!("there is no theme {name:?}"), hint))
}

/// The theme meant by a setting: `auto` follows what the terminal says of itself, and `NO_COLOR` wins
/// over everything but a theme that was named.
#[must_use]
pub fn theme_name(setting: &str) -> String {
    if setting != "auto" {
        return setting.to_owned();
    }
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    let (term, colors) = (value("TERM"), value("COLORTERM"));
    // The last number is the background: 7 and 15 are the light ones.
    let is_light = matches!(value("COLORFGBG").rsplit(';').next(), Some("7" | "15"));
    let name = if !value("NO_COLOR").is_empty() || term == "dumb" {
        "mono"
    } else if colors == "truecolor" || colors == "24bit" {
        if is_light { "light" } else { "dark" }
    } else if term.contains("256color") {
        "256"
    } else {
        "16"
    };
    name.to_owned()
}

/// Reads `NAME <EMAIL>`, or a bare name.
///
/// # Errors
///
/// When it names nobody.
pub fn parse_person(text: &str) -> Result<Person, Failure> {
    let (name, rest) = text.split_once('<').unwrap_or((text, ""));
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Failure::new(
            FailureKind::User,
            format!("--as {text:?} names nobody"),
            "Write it as --as \"Ada Lovelace <ada@example.org>\".",
        ));
    }
    Ok(Person { name: name.to_owned(), email: rest.trim_end_matches('>').trim().to_owned() })
}

/// The user's file, then the repository's.
fn read_usual(named_repo: Option<&str>) -> Result<Vec<(Source, Layer)>, Failure> {
    let user = directories::ProjectDirs::from("", "", "aftercare").map(|dirs| dirs.config_dir().join("config.toml"));
    let mut layers = Vec::new();
    for path in user.into_iter().filter(|path| path.is_file()) {
        layers.push(read(&path)?);
    }
    let configured = layers.iter().find_map(|(_, layer)| layer.repo.clone());
    let repo = named_repo.map(PathBuf::from).or(configured.map(PathBuf::from)).or_else(|| discover(Path::new(".")));
    if let Some(path) = repo.map(|repo| repo.join(REPOSITORY_FILE)).filter(|path| path.is_file()) {
        layers.push(read_with(&path, Layer::from_repository)?);
    }
    Ok(layers)
}

fn read(path: &Path) -> Result<(Source, Layer), Failure> {
    read_with(path, Layer::from_toml)
}

fn read_with(path: &Path, parse: fn(&str, &str) -> Result<Layer, ConfigError>) -> Result<(Source, Layer), Failure> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let mut failure = Failure::new(
            FailureKind::Config,
            format!("cannot read configuration {shown}"),
            "Check the path and its permissions.",
        );
        failure.causes.push(error.to_string());
        failure
    })?;
    let layer = parse(&shown, &text).map_err(|error| failed(&error))?;
    Ok((Source::File(shown), layer))
}

/// Makes a failure of a setting that cannot be used.
#[must_use]
pub fn failed(error: &ConfigError) -> Failure {
    Failure::of(FailureKind::Config, error, "Correct it there; `aftercare config` prints every setting.")
}

fn discover(from: &Path) -> Option<PathBuf> {
    let repo = git2::Repository::discover(from).ok()?;
    Some(repo.workdir().unwrap_or_else(|| repo.path()).to_path_buf())
}

fn folder_name(path: &Path) -> Option<String> {
    let full = path.canonicalize().ok()?;
    let name = full.file_name()?.to_string_lossy().into_owned();
    Some(name.strip_suffix(".git").unwrap_or(&name).to_owned())
}
