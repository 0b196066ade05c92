//! Knows how to run each coding agent without a terminal: as data.
//!
//! Input: the name of an agent. Output: an [`Adapter`]: its argument list with placeholders, the environment
//! that it may see, and where in its output it says what it did and what that cost.
//!
//! Pure. Runs nothing (`shell::agent` does). What an agent says is only shown; its result is what it left in
//! the files.

use serde_json::Value;

use super::budget::Spent;
use super::fence::one_line;

/// An agent's way of being run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// What it is called.
    pub name: String,
    /// Program and arguments; `{prompt}`, `{task}` and `{files}` are filled in.
    pub command: Vec<String>,
    /// Variables that it is given where they are set, beside those that every agent gets.
    pub environment: Vec<String>,
    /// Variables that are set for it.
    pub settings: Vec<(String, String)>,
}

/// The known agents: name, command, variables passed on, variables set.
type Known = (&'static str, &'static [&'static str], &'static [&'static str], &'static [(&'static str, &'static str)]);

/// Every agent edits files itself, may not ask, and is kept to the folder as far as it knows how.
const KNOWN: &[Known] = &[
    (
        "claude",
        &[
            "claude",
            "-p",
            "{prompt}",
            "--output-format",
            "stream-json",
            "--verbose",
            "--permission-mode",
            "acceptEdits",
            "--allowedTools",
            "Read,Edit,Write,Glob,Grep",
            "--disallowedTools",
            "Bash,WebFetch,WebSearch",
        ],
        &[
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_MODEL",
            "CLAUDE_CODE_OAUTH_TOKEN",
        ],
        &[("DISABLE_AUTOUPDATER", "1"), ("DISABLE_TELEMETRY", "1"), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")],
    ),
    (
        "codex",
        &["codex", "exec", "--json", "--sandbox", "workspace-write", "--skip-git-repo-check", "{prompt}"],
        &["OPENAI_API_KEY", "CODEX_API_KEY", "OPENAI_BASE_URL"],
        &[],
    ),
    (
        "opencode",
        &["opencode", "run", "--format", "json", "{prompt}"],
        &["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "OPENCODE_API_KEY"],
        &[
            ("OPENCODE_PERMISSION", "{\"edit\":\"allow\",\"bash\":\"deny\",\"webfetch\":\"deny\"}"),
            ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ],
    ),
    (
        "gemini",
        &["gemini", "-p", "{prompt}", "--output-format", "json", "--approval-mode", "auto_edit"],
        &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_CLOUD_PROJECT"],
        &[],
    ),
    (
        "aider",
        &[
            "aider",
            "--message",
            "{prompt}",
            "--read",
            "{task}",
            "--yes-always",
            "--no-auto-commits",
            "--no-dirty-commits",
            "--no-gitignore",
            "--no-suggest-shell-commands",
            "--no-check-update",
            "--no-analytics",
            "--no-pretty",
            "--no-stream",
            "--chat-history-file",
            "/dev/null",
            "--input-history-file",
            "/dev/null",
            "{files}",
        ],
        &[
            "ANTHROPIC_API_KEY",
            "OPENAI_API_KEY",
            "OPENAI_API_BASE",
            "GEMINI_API_KEY",
            "OPENROUTER_API_KEY",
            "OLLAMA_API_BASE",
            "AIDER_MODEL",
        ],
        &[],
    ),
    (
        "goose",
        &["goose", "run", "--no-session", "--with-builtin", "developer", "--text", "{prompt}"],
        &["GOOSE_PROVIDER", "GOOSE_MODEL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY", "OLLAMA_HOST"],
        &[("GOOSE_MODE", "auto"), ("GOOSE_DISABLE_KEYRING", "1")],
    ),
];

/// Variables that every agent is given where they are set.
pub const ENVIRONMENT: &[&str] = &[
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
];

/// What an agent is asked on its command line; the task itself is in a file.
pub const PROMPT: &str = "Read the file {task} and do the task that it describes. Edit the files in this folder in place. Do not \
                          run commands, do not commit, and ask nothing: nobody is there to answer.";

/// Names of the known agents.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, ..)| *name)
}

impl Adapter {
    /// The known agent of this name.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (name, command, environment, settings) = KNOWN.iter().find(|(known, ..)| *known == name)?;
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Some(Self { name: (*name).to_owned(), command: owned(command), environment: owned(environment), settings })
    }

    /// An agent of the user's own.
    #[must_use]
    pub fn own(name: &str, command: &[String], environment: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            command: command.to_vec(),
            environment: environment.to_vec(),
            settings: Vec::new(),
        }
    }

    /// The argument list with the path of the task's file and the files that may be changed filled in.
    ///
    /// Each word stays one word, but for `{files}` alone, which becomes one for each file. Where the
    /// command names neither prompt nor task, the prompt comes last.
    #[must_use]
    pub fn argv(&self, task: &str, files: &[String]) -> Vec<String> {
        let prompt = PROMPT.replace("{task}", task);
        let mut argv = Vec::new();
        for word in &self.command {
            if word == "{files}" {
                argv.extend(
                    files.iter().map(|file| if file.starts_with('-') { format!("./{file}") } else { file.clone() }),
                );
            } else {
                argv.push(word.replace("{prompt}", &prompt).replace("{task}", task));
            }
        }
        if !self.command.iter().any(|word| word.contains("{prompt}") || word.contains("{task}")) {
            argv.push(prompt);
        }
        argv
    }
}

/// What an agent says of its work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Its last words.
    pub said: String,
    /// What it spent, as it says.
    pub spent: Spent,
    /// Whether it says that it was not allowed to do something.
    pub was_denied: bool,
}

/// Where the agents' JSON has what they say last.
const SAID: &[&str] = &["/result", "/item/text", "/part/text", "/response", "/message/content/0/text", "/text"];
/// Where it has tokens sent, received, and money.
const SENT: &[&str] = &["/usage/input_tokens", "/part/tokens/input"];
const RECEIVED: &[&str] = &["/usage/output_tokens", "/part/tokens/output"];
const MONEY: &[&str] = &["/total_cost_usd", "/part/cost", "/cost"];

impl Account {
    /// Reads the lines that an agent wrote, JSON or not; believes none of them.
    #[must_use]
    pub fn of<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut account = Self::default();
        let mut plain = String::new();
        let lines: Vec<&str> = lines.collect();
        // Some print one object over many lines.
        let whole = lines.join("\n");
        let whole = whole.find('{').zip(whole.rfind('}')).and_then(|(from, to)| whole.get(from..=to));
        if let Some(value) = whole.and_then(|whole| serde_json::from_str::<Value>(whole).ok()) {
            account.take(&value);
            return account;
        }
        for line in lines {
            let trimmed = line.trim();
            match serde_json::from_str::<Value>(trimmed) {
                Ok(value) if value.is_object() => account.take(&value),
                _ if !trimmed.is_empty() => plain = trimmed.to_owned(),
                _ => {}
            }
        }
        if account.said.is_empty() {
            account.said = one_line(&plain);
        }
        account
    }

    fn take(&mut self, value: &Value) {
        let find = |places: &[&str]| places.iter().find_map(|place| value.pointer(place)).cloned();
        if let Some(said) = find(SAID).as_ref().and_then(Value::as_str).filter(|said| !said.trim().is_empty()) {
            self.said = one_line(said);
        }
        let denials = value.get("permission_denials").and_then(Value::as_array);
        self.was_denied |= denials.is_some_and(|denials| !denials.is_empty());
        let number = |places: &[&str]| find(places).as_ref().and_then(Value::as_u64);
        // The last account of an agent sums the others up; of those that do not, the largest is told.
        if let Some((sent, received)) = number(SENT).zip(number(RECEIVED)) {
            self.spent.requests = self.spent.requests.saturating_add(1);
            self.spent.input_tokens = self.spent.input_tokens.max(sent);
            self.spent.output_tokens = self.spent.output_tokens.max(received);
        }
        let money = find(MONEY).as_ref().and_then(Value::as_f64).filter(|money| money.is_finite() && *money >= 0.0);
        self.spent.money = money.or(self.spent.money);
        self.spent.estimated |= self.spent.requests > 0;
    }
}
