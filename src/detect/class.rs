//! Names what sort of failure a signature is, from its words.
//!
//! Input: a template. Output: a [`Class`] with the rule that said so. The rules are data: they are shown,
//! and a user's own go before them.
//!
//! Pure. A class is a hint for people and a brake on fixes; it never makes or unmakes a finding.

use serde::{Deserialize, Serialize};

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Goes away on retry, or is somebody else's: shown, and escalated only when it stays.
    Transient,
    /// The work was done, or said to be, and its result is wrong.
    Logic,
    /// Worked before the deploy and fails now.
    Regression,
    /// Could not be built, linked or started.
    Build,
}

impl Class {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Logic => "logic",
            Self::Regression => "regression",
            Self::Build => "build",
        }
    }
}

/// A text in a template, and the class that it tells.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the template has to contain; words in lower case, compared without regard to case.
    pub text: String,
    /// What it then is.
    pub class: Class,
}

/// What is told apart without a user's rules. Within a class the order does not matter; the classes are
/// asked in this one, because a build that timed out is transient, and a check that failed on it is not.
const BUILT_IN: &[(Class, &[&str])] = &[
    (
        Class::Transient,
        &[
            "timed out",
            "timeout",
            "time-out",
            "deadline exceeded",
            "rate limit",
            "too many requests",
            "throttl",
            "connection reset",
            "connection refused",
            "connection closed",
            "connection aborted",
            "broken pipe",
            "temporarily unavailable",
            "service unavailable",
            "bad gateway",
            "gateway time",
            "try again",
            "retry",
            "econnreset",
            "econnrefused",
            "etimedout",
            "eai_again",
            "name resolution",
            "no route to host",
            "network is unreachable",
            "overloaded",
            "lock wait",
            "deadlock",
            "leader election",
            "unexpected eof",
        ],
    ),
    (
        Class::Build,
        &[
            "compilation failed",
            "could not compile",
            "cannot find symbol",
            "undefined reference",
            "unresolved import",
            "unresolved reference",
            "linker command failed",
            "build failed",
            "cannot find module",
            "module not found",
            "no module named",
            "classnotfoundexception",
            "noclassdeffounderror",
            "nosuchmethoderror",
            "imagepullbackoff",
            "exec format error",
            "npm err!",
        ],
    ),
    (
        Class::Logic,
        &[
            "assertion",
            "invariant",
            "schema",
            "validation failed",
            "failed validation",
            "does not match",
            "mismatch",
            "checksum",
            "wrong argument",
            "invalid argument",
            "unexpected value",
            "unexpected result",
            "inconsistent",
            "duplicate key",
            "constraint",
            "balance",
        ],
    ),
];

/// The rules that name failures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    own: Vec<Rule>,
}

impl Rules {
    /// The built-in rules, behind a user's own.
    #[must_use]
    pub fn new(own: Vec<Rule>) -> Self {
        let lower = |rule: Rule| Rule { text: rule.text.to_lowercase(), ..rule };
        Self { own: own.into_iter().map(lower).filter(|rule| !rule.text.is_empty()).collect() }
    }

    /// The class of a template, and the text in it that tells; a failure without such a text is a
    /// regression, as it is known only for having changed.
    #[must_use]
    pub fn class_of(&self, template: &str) -> (Class, Option<&str>) {
        let template = template.to_lowercase();
        let own = self.own.iter().map(|rule| (rule.class, rule.text.as_str()));
        let built_in = BUILT_IN.iter().flat_map(|(class, texts)| texts.iter().map(move |text| (*class, *text)));
        let found = own.chain(built_in).find(|(_, text)| template.contains(text));
        found.map_or((Class::Regression, None), |(class, text)| (class, Some(text)))
    }

    /// All rules in the order in which they are asked, for whoever wants to see them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Class)> {
        let built_in = BUILT_IN.iter().flat_map(|(class, texts)| texts.iter().map(move |text| (*text, *class)));
        self.own.iter().map(|rule| (rule.text.as_str(), rule.class)).chain(built_in)
    }
}

#[cfg(test)]
mod tests;
