//! What a configuration changes in how signatures are made.
//!
//! Input: words to keep, patterns to mask, names of attributes to add. Output: the text that is folded instead of
//! the message, and what is written behind the template.
//!
//! Everything works on the message *before* the fold, or on the finished template; between them the built-in rules
//! run unchanged, and cost nothing more where nothing is configured:
//!
//! - A *masked* pattern becomes a `0`, as the fold writes for a value; the word around it becomes part of the value.
//! - A *kept* word becomes a stand-in that no rule takes for a value, and is put back into the template. Where it
//!   stood inside a longer value (a path, a quotation of several words), it is written behind the template instead,
//!   so that messages with different kept words never share a name.
//! - An *attribute* of a structured line is written behind the template with its value, which is bounded.
//!
//! The law that the signature of a message is that of its fold holds for the built-in rules. With overrides it holds
//! for the prepared text only, so that a log engine may group by the fold of the message as long as
//! [`Overrides::leave_the_fold`] says so, and must hand over messages otherwise.
//!
//! Pure. Overrides are part of the version of the rules ([`Overrides::version`]): ids made under others are
//! never compared.

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;
use sha2::{Digest as _, Sha256};

use crate::units::SignatureId;

/// The most entries of one list, and the longest entry in bytes.
const ENTRIES: usize = 100;
const ENTRY_BYTES: usize = 256;

/// The longest value of an attribute that is written behind a template, in bytes.
const VALUE_BYTES: usize = 64;

/// Stands for kept words: from this character on, one each. It is no letter, so that no rule takes it for a name.
const STAND_IN: u32 = 0xF_0000;

/// Ends a stand-in: names of failures are never values.
const STAND_IN_END: &str = "Error";

/// Why overrides cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// A pattern is no regular expression.
    #[error("{0:?} is no regular expression")]
    Pattern(String, #[source] regex::Error),
    /// A pattern matches where there is nothing, and so everywhere.
    #[error("{0:?} matches the empty text")]
    Everything(String),
    /// An entry is empty or too long.
    #[error("{0:?} is empty, or longer than {ENTRY_BYTES} bytes")]
    Length(String),
    /// A list has too many entries.
    #[error("{0} entries are too many; at most {ENTRIES} are taken")]
    TooMany(usize),
}

/// What is configured; nothing by default.
#[derive(Clone, Debug)]
pub struct Overrides {
    keep: Vec<String>,
    mask: Option<Regex>,
    attributes: Vec<String>,
    version: String,
}

impl Default for Overrides {
    fn default() -> Self {
        Self { keep: Vec::new(), mask: None, attributes: Vec::new(), version: SignatureId::VERSION.to_owned() }
    }
}

impl PartialEq for Overrides {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// A message made ready for the fold.
#[derive(Debug)]
pub struct Prepared<'m> {
    /// What is folded instead of it.
    pub text: Cow<'m, str>,
    /// The kept words in it, as places in the list, in the order of their first appearance.
    kept: Vec<usize>,
}

/// A piece of a text that gives way to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    text: String,
    /// The kept word that it stands for, as a place in the list.
    kept: Option<usize>,
}

/// A text with its edits, which are in order and do not overlap.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        edited.push_str(text.get(at..edit.range.start).unwrap_or_default());
        edited.push_str(&edit.text);
        at = edit.range.end;
    }
    edited.push_str(text.get(at..).unwrap_or_default());
    edited
}

/// Where each place of an edited text, its end included, was in a text of this length.
pub(super) fn places(length: usize, edits: &[Edit]) -> Vec<usize> {
    let mut places = Vec::with_capacity(length + 1);
    let mut at = 0;
    for edit in edits {
        places.extend(at..edit.range.start);
        // All of what was put in stands for the start of what gave way.
        places.extend(std::iter::repeat_n(edit.range.start, edit.text.len()));
        at = edit.range.end;
    }
    places.extend(at..=length);
    places
}

/// An attribute of an event: its configured name, and its value, fit to be shown.
pub type Attribute<'o> = (&'o str, String);

impl Overrides {
    /// Makes overrides of three lists, whose order does not matter.
    ///
    /// # Errors
    ///
    /// When an entry cannot be used.
    pub fn new(keep: &[String], mask: &[String], attributes: &[String]) -> Result<Self, OverrideError> {
        let [keep, mask, attributes] = [keep, mask, attributes].map(tidy);
        let (keep, mask, attributes) = (keep?, mask?, attributes?);
        for pattern in &mask {
            let regex = Regex::new(pattern).map_err(|error| OverrideError::Pattern(pattern.clone(), error))?;
            if regex.is_match("") {
                return Err(OverrideError::Everything(pattern.clone()));
            }
        }
        let joined = mask.iter().map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|");
        let regex = if mask.is_empty() { None } else { Some(Regex::new(&joined)) };
        let mut version = SignatureId::VERSION.to_owned();
        if [&keep, &mask, &attributes].iter().any(|list| !list.is_empty()) {
            version.push('+');
            version.push_str(&digest(&[&keep, &mask, &attributes]));
        }
        Ok(Self {
            keep,
            mask: regex.transpose().map_err(|error| OverrideError::Pattern(joined, error))?,
            attributes,
            version,
        })
    }

    /// The version of the rules with these overrides: ids are comparable within one version only.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether nothing is configured.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.leave_the_fold() && self.attributes.is_empty()
    }

    /// Whether the signature of a message is still that of its fold, so that a log engine may fold.
    #[must_use]
    pub fn leave_the_fold(&self) -> bool {
        self.keep.is_empty() && self.mask.is_none()
    }

    /// Whether attributes are added to signatures.
    #[must_use]
    pub fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// The message as it is to be folded.
    #[must_use]
    pub fn prepare<'m>(&self, message: &'m str) -> Prepared<'m> {
        let mut prepared = Prepared { text: Cow::Borrowed(message), kept: Vec::new() };
        for edits in [Self::stand_ins, Self::masks] {
            let edits = edits(self, &prepared.text);
            if edits.is_empty() {
                continue;
            }
            for place in edits.iter().filter_map(|edit| edit.kept) {
                if !prepared.kept.contains(&place) {
                    prepared.kept.push(place);
                }
            }
            prepared.text = Cow::Owned(edited(&prepared.text, &edits));
        }
        prepared
    }

    /// Stand-ins for kept words; and what looks like a stand-in is none, whoever wrote the message.
    pub(super) fn stand_ins(&self, message: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut at = 0;
        let mut is_start = true;
        while let Some(rest) = message.get(at..).filter(|rest| !self.keep.is_empty() && !rest.is_empty()) {
            let found = self.keep.iter().position(|word| is_start && stands_in_front(word, rest));
            let first = rest.chars().next().unwrap_or_default();
            let length = found.and_then(|place| self.keep.get(place)).map_or(first.len_utf8(), String::len);
            if let Some(place) = found {
                edits.push(Edit { range: at..at + length, text: stand_in(place), kept: found });
            } else if is_stand_in(first) {
                edits.push(Edit { range: at..at + length, text: char::REPLACEMENT_CHARACTER.to_string(), kept: None });
            }
            at += length;
            is_start = !message.get(..at).is_some_and(|before| before.ends_with(is_word));
        }
        edits
    }

    /// A message with its stand-ins.
    pub(super) fn with_stand_ins(&self, message: &str) -> String {
        edited(message, &self.stand_ins(message))
    }

    /// Values for what patterns match.
    pub(super) fn masks(&self, text: &str) -> Vec<Edit> {
        let found = self.mask.iter().flat_map(|mask| mask.find_iter(text)).filter(|found| !found.is_empty());
        found.map(|found| Edit { range: found.range(), text: "0".to_owned(), kept: None }).collect()
    }

    /// Puts kept words back into a template, and writes behind it what its values swallowed, and the attributes.
    pub(super) fn finish(&self, template: String, kept: &[usize], attributes: &[Attribute<'_>]) -> String {
        let mut finished = template;
        let mut swallowed = Vec::new();
        for place in kept {
            let Some(word) = self.keep.get(*place) else { continue };
            let mark = stand_in(*place);
            if finished.contains(&mark) {
                finished = finished.replace(&mark, word);
            } else {
                swallowed.push(word.as_str());
            }
        }
        let mut tail = String::new();
        if !swallowed.is_empty() {
            tail.push_str(&format!(" ({})", swallowed.join(", ")));
        }
        if !attributes.is_empty() {
            let pairs: Vec<String> = attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
            tail.push_str(&format!(" [{}]", pairs.join(", ")));
        }
        // What tells signatures apart must not be cut off with the end of a long template.
        let room = super::TEMPLATE_BYTES.saturating_sub(tail.len());
        finished.truncate(finished.floor_char_boundary(room));
        finished + &tail
    }

    /// The configured attributes among the fields of an event, in the order of their names.
    #[must_use]
    pub fn attributes_of<'o>(&'o self, fields: &[(String, String)]) -> Vec<Attribute<'o>> {
        let found = self.attributes.iter().filter_map(|name| Some((name.as_str(), field(name, fields)?)));
        found.map(|(name, value)| (name, bounded(&value))).filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// What structured formats wrap the program's own fields in.
const WRAPPERS: &[&str] = &[
    "attributes",
    "fields",
    "extra",
    "context",
    "ctx",
    "data",
    "properties",
    "labels",
    "jsonpayload",
    "resource.attributes",
    "body",
    "mdc",
];

/// The value of a field by its dotted name, bare or inside what a format wraps fields in.
pub(crate) fn field<'f>(name: &str, fields: &'f [(String, String)]) -> Option<Cow<'f, str>> {
    let exact = fields.iter().find(|(other, _)| other == name);
    let wrapped = || {
        fields.iter().find(|(other, _)| {
            let front = other.strip_suffix(name).and_then(|front| front.strip_suffix('.'));
            front.is_some_and(|front| WRAPPERS.iter().any(|wrapper| front.eq_ignore_ascii_case(wrapper)))
        })
    };
    let found = exact.or_else(wrapped).map(|(_, value)| Cow::Borrowed(value.as_str()));
    found.or_else(|| fields.iter().find_map(|(list, value)| in_key_values(name, list, value)).map(Cow::Owned))
}

/// OpenTelemetry's JSON has lists: `[{"key":"tool.name","value":{"stringValue":"search"}}]`.
fn in_key_values(name: &str, list: &str, value: &str) -> Option<String> {
    let is_list = list.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("attributes"));
    if !is_list || !value.starts_with('[') || !value.contains(name) {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(value).ok()?;
    let pair = parsed.as_array()?.iter().find(|pair| pair.get("key").and_then(|key| key.as_str()) == Some(name))?;
    match pair.get("value")?.as_object()?.values().next()? {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// A value on one line, of limited length.
fn bounded(value: &str) -> String {
    let words: Vec<&str> =
        value.split(|next: char| next.is_whitespace() || next.is_control()).filter(|word| !word.is_empty()).collect();
    let mut value = words.join(" ");
    if value.len() > VALUE_BYTES {
        value.truncate(value.floor_char_boundary(VALUE_BYTES));
        value.push('…');
    }
    value
}

fn tidy(list: &[String]) -> Result<Vec<String>, OverrideError> {
    if list.len() > ENTRIES {
        return Err(OverrideError::TooMany(list.len()));
    }
    if let Some(entry) = list.iter().find(|entry| entry.trim().is_empty() || entry.len() > ENTRY_BYTES) {
        return Err(OverrideError::Length(entry.clone()));
    }
    let mut list = list.to_vec();
    // The longest first, so that of two words that begin alike the longer one is kept.
    list.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    list.dedup();
    Ok(list)
}

fn digest(lists: &[&Vec<String>]) -> String {
    let mut hasher = Sha256::new();
    for list in lists {
        for entry in *list {
            hasher.update(entry);
            hasher.update([0]);
        }
        hasher.update([1]);
    }
    hasher.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn stand_in(place: usize) -> String {
    let mark = u32::try_from(place).ok().and_then(|place| char::from_u32(STAND_IN + place));
    mark.into_iter().chain(STAND_IN_END.chars()).collect()
}

fn is_stand_in(character: char) -> bool {
    (STAND_IN..STAND_IN + ENTRIES as u32).contains(&u32::from(character))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

fn stands_in_front(word: &str, rest: &str) -> bool {
    rest.strip_prefix(word).is_some_and(|behind| !(word.ends_with(is_word) && behind.starts_with(is_word)))
}

impl Prepared<'_> {
    /// The kept words in it, as places in the list.
    pub(super) fn kept(&self) -> &[usize] {
        &self.kept
    }
}

#[cfg(test)]
mod tests;
