//! Asks of each change: can the old code run against the new state?
//!
//! Input: a [`Change`]. Output: [`Concern`]s, most dangerous first, each with rule, file, line, why, and
//! what would make it safe.
//!
//! Going back takes code back and nothing else: data, schemas, messages in flight, clients that learned
//! something new and secrets stay as the deploy left them. So the question is never whether a change
//! is well made, but whether it can be left behind. What is not understood is never green.
//!
//! Pure. SQL is read by a parser, and word by word where no dialect fits; code is recognized call by call.

mod contract;
mod dependency;
mod flag;
mod format;
mod infra;
mod migration;
mod route;
mod rules;
mod security;
mod source;

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use crate::triage::{Change, Class, FileChange};
use rules::Rule;

/// Most concerns of one rule that are listed for one file; the rest is counted in the last of them.
const MOST_ALIKE: usize = 20;

/// How dangerous going back is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hazard {
    /// The code may go back alone.
    Green,
    /// It may go back, but order or follow-up matters.
    Amber,
    /// Going back breaks or loses data.
    Red,
}

impl Hazard {
    /// Its name, in lower case, as in `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// One thing to know before going back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concern {
    /// Stable name of the rule, such as `migration.drop-column`.
    pub rule: String,
    /// How dangerous.
    pub level: Hazard,
    /// The file it was found in.
    pub file: String,
    /// The line, from 1, after the change; before it, for a deleted file.
    pub line: u32,
    /// Why it matters.
    pub why: String,
    /// What would make it safe.
    pub safer: String,
}

impl Concern {
    /// The order in which concerns are shown: most dangerous first, then by file, line and rule.
    #[must_use]
    pub fn by_danger(&self, other: &Self) -> Ordering {
        let key = |concern: &Self| (Reverse(concern.level), concern.line);
        let (one, two) = (key(self), key(other));
        one.0
            .cmp(&two.0)
            .then_with(|| self.file.cmp(&other.file))
            .then_with(|| one.1.cmp(&two.1))
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.why.cmp(&other.why))
    }
}

/// Returns what speaks against taking this change back, most dangerous first.
///
/// The order depends on nothing but the change.
#[must_use]
pub fn concerns(change: &Change) -> Vec<Concern> {
    let mut findings = Findings::default();
    let migrations = migration::Surroundings::of(change);
    for file in &change.files {
        findings.file = &file.path;
        look_at(file, &migrations, &mut findings);
    }
    for (file, line, found) in security::in_commits(change) {
        findings.file = file;
        findings.add(&rules::SECURITY_FIX, line, &found);
    }
    findings.finish()
}

fn look_at<'a>(file: &'a FileChange, migrations: &migration::Surroundings<'_>, findings: &mut Findings<'a>) {
    if matches!(file.class, Class::Test | Class::Docs | Class::Vendored) {
        return;
    }
    if file.opaque {
        findings.add(&rules::OPAQUE, 1, &file.path);
        return;
    }
    if dependency::is_lock(&file.path) {
        dependency::look_at(file, findings);
        return;
    }
    if file.class == Class::Migration || migration::is_like(file) {
        migration::look_at(file, migrations, findings);
        return;
    }
    if file.class == Class::ApiContract || contract::is_one(file) {
        contract::look_at(file, findings);
        return;
    }
    infra::look_at(file, findings);
    dependency::images(file, findings);
    format::serializer(file, findings);
    security::look_at(file, findings);
    if file.class != Class::Generated {
        flag::look_at(file, findings);
    }
    if file.class == Class::Runtime {
        route::look_at(file, findings);
        contract::look_into(file, findings);
        format::look_at(file, findings);
    }
}

/// What was found so far.
#[derive(Default)]
struct Findings<'a> {
    /// The file that is being looked at.
    file: &'a str,
    list: Vec<Concern>,
}

impl Findings<'_> {
    /// Adds a finding; `{}` in the rule's reason becomes the name of what was found.
    fn add(&mut self, rule: &Rule, line: u32, name: &str) {
        self.list.push(Concern {
            rule: rule.id.to_owned(),
            level: rule.level,
            file: self.file.to_owned(),
            line: line.max(1),
            why: rule.why.replace("{}", &quoted(name)),
            safer: rule.safer.to_owned(),
        });
    }

    fn finish(mut self) -> Vec<Concern> {
        self.list.sort_by(Concern::by_danger);
        self.list.dedup();
        let mut alike = std::collections::BTreeMap::<(String, String, Hazard), (usize, usize)>::new();
        let mut kept: Vec<Concern> = Vec::new();
        for concern in self.list {
            let key = (concern.rule.clone(), concern.file.clone(), concern.level);
            let (n_alike, last) = alike.entry(key).or_default();
            *n_alike += 1;
            if *n_alike <= MOST_ALIKE {
                *last = kept.len();
                kept.push(concern);
            }
        }
        for (n_alike, last) in alike.into_values() {
            if let (Some(more), Some(concern)) =
                (n_alike.checked_sub(MOST_ALIKE).filter(|&more| more > 0), kept.get_mut(last))
            {
                concern.why.push_str(&format!(" {more} more like it follow in this file."));
            }
        }
        kept
    }
}

/// A name out of a file, fit to stand in a sentence: short, and without anything that acts.
fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String =
        name.chars().filter(|character| !character.is_control() && !is_invisible(*character)).take(LONGEST).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests;
