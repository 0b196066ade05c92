//! Knows how to run each coding agent without a terminal: as data.
//!
//! Input: the name of an agent. Output: an [`Adapter`]: its argument list with placeholders, the environment
//! that it may see, and ([`Account`]) where in its output it says what it did and what that cost.
//!
//! Pure. Runs nothing (`shell::agent` does). What an agent says is only shown; its result is what it left in
//! the files.

mod account;
mod glance;
mod known;

pub use account::Account;
pub use glance::glance;
use known::KNOWN;

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
    /// Variables that get the value of another one where they are not set themselves: name, the other.
    pub stand_ins: Vec<(String, String)>,
    /// Words that go last where a variable is set, whose value `{value}` stands for.
    pub added: Vec<(String, String)>,
    /// Words that stand for others where a sandbox is around it in which its own does not start: the word, the other.
    pub boxed: Vec<(String, String)>,
}

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
    KNOWN.iter().map(|known| known.name)
}

impl Adapter {
    /// The known agent of this name.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let known = KNOWN.iter().find(|known| known.name == name)?;
        Some(Self {
            name: known.name.to_owned(),
            command: owned(known.command),
            environment: owned(known.environment),
            settings: pairs(known.settings),
            stand_ins: pairs(known.stand_ins),
            added: pairs(known.added),
            boxed: pairs(known.boxed),
        })
    }

    /// An agent of the user's own.
    #[must_use]
    pub fn own(name: &str, command: &[String], environment: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            command: command.to_vec(),
            environment: environment.to_vec(),
            settings: Vec::new(),
            stand_ins: Vec::new(),
            added: Vec::new(),
            boxed: Vec::new(),
        }
    }

    /// The same agent, where a sandbox is around it in which its own does not start.
    #[must_use]
    pub fn within_a_box(mut self) -> Self {
        for word in &mut self.command {
            if let Some((_, other)) = self.boxed.iter().find(|(known, _)| known == word) {
                other.clone_into(word);
            }
        }
        self
    }

    /// The argument list with the path of the task's file and the files that may be changed filled in, and the words that
    /// go with variables, which `value` reads.
    ///
    /// Each word stays one word, but for `{files}` alone, which becomes one for each file. Where the
    /// command names neither prompt nor task, the prompt comes last.
    #[must_use]
    pub fn argv(&self, task: &str, files: &[String], value: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
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
        for (name, word) in &self.added {
            if let Some(value) = value(name).filter(|value| !value.is_empty()) {
                argv.push(word.replace("{value}", &value));
            }
        }
        argv
    }
}
