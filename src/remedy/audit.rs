//! The hash-chained record of what was done, by whom, on which evidence.
//!
//! Input: entries, each made from the one before. Output: the lines of the record, and whether a
//! record is whole.
//!
//! An entry's digest covers its content and the digest of the entry before, so nothing in the middle
//! can be changed, left out or moved. An entry has one spelling as a line, so no byte can be changed
//! either. What the chain alone cannot show is that its end was cut off: a [`Head`] kept elsewhere does.
//!
//! Pure. Reads and writes no file (`shell::audit` does), and is told the time.

mod redact;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};
use sha2::{Digest as _, Sha256};

use crate::units::{Digest, Timestamp};

pub use redact::redact_argv;

/// A plan was accepted by a person.
pub const APPROVED: &str = "plan.approved";
/// An approval was kept in the repository, for others to join.
pub const KEPT: &str = "approval.kept";
/// What was made was taken away again.
pub const UNDONE: &str = "rollback.undone";
/// Going back by itself is allowed on conditions, by a person.
pub const STANDING: &str = "auto.standing";
/// Going back by itself was announced.
pub const ANNOUNCED: &str = "auto.announced";
/// Going back by itself was called off or stopped.
pub const CALLED_OFF: &str = "auto.called-off";
/// A commit and its branch are about to be made.
pub const COMMIT_INTENDED: &str = "commit.intended";
/// The commit and its branch were made.
pub const COMMIT_MADE: &str = "commit.made";
/// The commit could not be made.
pub const COMMIT_FAILED: &str = "commit.failed";
/// A command is about to be run.
pub const STEP_INTENDED: &str = "step.intended";
/// A command ended, with its outcome.
pub const STEP_ENDED: &str = "step.ended";
/// A person let the command run that shows an error.
pub const REPRO_ALLOWED: &str = "repro.allowed";
/// What runs of that command said of a verdict.
pub const REPRO_RAN: &str = "repro.ran";
/// A person ordered a draft from a model or an agent.
pub const DRAFT_ORDERED: &str = "draft.ordered";
/// The draft came, or did not; what it cost.
pub const DRAFT_MADE: &str = "draft.made";
/// A person said what caused an error, or that a deploy did not.
pub const RULED: &str = "triage.ruled";
/// The record itself was mended after a crash.
pub const REPAIRED: &str = "audit.repaired";

/// What the first entry names as the digest before it.
pub const GENESIS: Digest = Digest::from_bytes([0; 32]);

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// What was done, as a stable name such as `commit.made`.
    pub action: String,
    /// The particulars; never holds a secret, a fraction or the output of a command.
    pub detail: Value,
    /// The digest of the entry before; [`GENESIS`] for the first.
    #[serde(deserialize_with = "digest")]
    pub previous: Digest,
    /// SHA-256 over all of the above.
    #[serde(deserialize_with = "digest")]
    pub digest: Digest,
}

/// The last entry of a record: how far it reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last entry.
    pub number: u64,
    /// Its digest.
    #[serde(deserialize_with = "digest")]
    pub digest: Digest,
}

/// Where a record is not what was written, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit entry {number} is not as it was written: {why}")]
pub struct Break {
    /// Number of the first entry that is wrong, counted from 1 by position.
    pub number: u64,
    /// What is wrong with it.
    pub why: String,
}

impl Entry {
    /// Makes the entry that follows this head, or the first one.
    ///
    /// Numbers with a fraction become text in `detail`, because their spelling is not unique.
    #[must_use]
    pub fn after(head: Option<Head>, at: Timestamp, actor: &str, action: &str, detail: Value) -> Self {
        // A line says milliseconds; what is hashed must be what is read back.
        let at = Timestamp::from_micros(at.micros().div_euclid(1000) * 1000);
        let mut entry = Self {
            number: head.map_or(1, |head| head.number.saturating_add(1)),
            at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            detail: canonical(detail),
            previous: head.map_or(GENESIS, |head| head.digest),
            digest: GENESIS,
        };
        entry.digest = entry.computed();
        entry
    }

    /// Its one spelling as a line, without the line end.
    #[must_use]
    pub fn line(&self) -> String {
        let mut fields = self.fields();
        fields.insert("digest".to_owned(), Value::String(self.digest.to_string()));
        spelled(&Value::Object(fields))
    }

    /// Where the record stands after this entry.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { number: self.number, digest: self.digest }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// Says why it is no entry: it is not JSON, lacks a field, or is spelled otherwise than
    /// [`Entry::line`] spells it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let entry: Self = serde_json::from_str(line).map_err(|error| format!("it cannot be read ({error})"))?;
        if entry.line() == line { Ok(entry) } else { Err("it is spelled in another way".to_owned()) }
    }

    fn fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("number".to_owned(), Value::Number(Number::from(self.number)));
        fields.insert("at".to_owned(), Value::String(self.at.to_string()));
        fields.insert("actor".to_owned(), Value::String(self.actor.clone()));
        fields.insert("action".to_owned(), Value::String(self.action.clone()));
        fields.insert("detail".to_owned(), self.detail.clone());
        fields.insert("previous".to_owned(), Value::String(self.previous.to_string()));
        fields
    }

    fn computed(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"aftercare.audit.v1\0");
        hasher.update(self.previous.to_string().as_bytes());
        hasher.update([0]);
        hasher.update(spelled(&Value::Object(self.fields())).as_bytes());
        Digest::from_bytes(hasher.finalize().into())
    }
}

/// Checks that entries are a whole record from its beginning.
///
/// # Errors
///
/// Names the first entry whose number, predecessor or digest is wrong.
pub fn verify(entries: &[Entry]) -> Result<(), Break> {
    let mut head: Option<Head> = None;
    for entry in entries {
        verify_next(head, entry)?;
        head = Some(entry.head());
    }
    Ok(())
}

/// Checks that an entry follows this head.
///
/// # Errors
///
/// Says what is wrong with it.
pub fn verify_next(head: Option<Head>, entry: &Entry) -> Result<(), Break> {
    let number = head.map_or(1, |head| head.number.saturating_add(1));
    let previous = head.map_or(GENESIS, |head| head.digest);
    let why = if entry.number != number {
        format!("it is numbered {}", entry.number)
    } else if entry.previous != previous {
        "it does not follow the entry before it".to_owned()
    } else if entry.digest != entry.computed() {
        "its content does not match its digest".to_owned()
    } else {
        return Ok(());
    };
    Err(Break { number, why })
}

/// Checks that a verified record reaches as far as it once did.
///
/// # Errors
///
/// When the entry that was once the last is missing or another one.
pub fn verify_reaches(entries: &[Entry], kept: Head) -> Result<(), Break> {
    let broken = |why: &str| Err(Break { number: kept.number, why: why.to_owned() });
    let Some(index) = kept.number.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else {
        return broken("the kept head has no such number");
    };
    match entries.get(index) {
        None => broken("it is missing; the end of the record was cut off"),
        Some(entry) if entry.digest != kept.digest => broken("another entry stands in its place"),
        Some(_) => Ok(()),
    }
}

/// The value with its keys in order and without fractions.
fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(key, value)| (key, canonical(value))).collect();
            fields.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(fields.into_iter().collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// JSON without white space, keys in order.
fn spelled(value: &Value) -> String {
    canonical(value.clone()).to_string()
}

/// Reads a digest: exactly 64 hexadecimal digits.
fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_digest(&text).ok_or_else(|| serde::de::Error::custom("a digest has 64 hexadecimal digits"))
}

fn parse_digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Digest::from_bytes(bytes))
}

#[cfg(test)]
mod tests;
