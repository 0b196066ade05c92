//! Tells how the signature of a message came about: which spans became variables, and by which rule.
//!
//! Input: a message and the overrides in force. Output: a [`Making`].
//!
//! The steps are those that make the signature, watched: the fold's expression tells the spans that it replaces, and
//! after each rule the tokens are compared with those before it. What does not lead to the signature is not told:
//! where the steps cannot be followed back, [`Making::masked`] is empty.
//!
//! Pure.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::overrides::places;
use super::tokens::Token;
use super::{FOLD, FOLDED, Overrides, Parts, Rule, Signature, first_lines, fold, stack};
use crate::ingest::Trace;

/// How a signature came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Making {
    /// The message, without header; of several lines those that count.
    pub message: String,
    /// Spans of it that became variables, in order.
    pub masked: Vec<Masked>,
    /// The frames that count, where it is of a stack trace; its message then counts only where they say too little.
    pub frames: Vec<String>,
    /// What the fold made of the message.
    pub folded: String,
    /// The outcome.
    pub signature: Signature,
}

/// A span that became one variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Masked {
    /// First byte in the message.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// What stood there.
    pub text: String,
    /// The rules that made it a variable or took more into it, in order.
    #[serde(serialize_with = "words")]
    pub rules: Vec<Rule>,
}

fn words<S: serde::Serializer>(rules: &[Rule], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rules.iter().map(|rule| rule.word()))
}

static EXPRESSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(FOLD).ok());

/// Watches how an event gets its signature; `fields` are those of a structured line.
#[must_use]
pub fn making(message: &str, trace: Option<&Trace>, fields: &[(String, String)], overrides: &Overrides) -> Making {
    let signature = overrides.sign(message, trace, &overrides.attributes_of(fields));
    let said = match trace {
        Some(trace) if stack::has_message(trace) => first_lines(&trace.message),
        Some(_) => "".into(),
        None => first_lines(message),
    };
    let prepared = overrides.prepare(&said);
    let folded = String::from_utf8_lossy(&fold(prepared.text.as_bytes())).into_owned();
    let masked = watched(&said, &prepared.text, &folded, overrides).unwrap_or_default();
    let frames = trace.map(stack::counted).unwrap_or_default();
    Making { masked, frames, folded, signature, message: said.into_owned() }
}

/// The variables, by their spans in the message.
fn watched(message: &str, prepared: &str, folded: &str, overrides: &Overrides) -> Option<Vec<Masked>> {
    let back = Back::new(message, prepared, folded, overrides)?;
    let mut parts = Parts::default();
    let mut seen: BTreeMap<usize, Seen> = BTreeMap::new();
    let tokens = parts.watched(folded, |rule, tokens| note(&mut seen, rule, tokens, folded.len()));
    let mut masked = Vec::new();
    for token in tokens.iter().filter(|token| token.is_variable()) {
        let seen = seen.get(&token.start())?;
        let span = back.span(token.start()..seen.end)?;
        let text = message.get(span.clone())?;
        let trimmed = text.trim();
        let start = span.start + (text.len() - text.trim_start().len());
        let mut rules = seen.rules.clone();
        if let Some(first) = rules.first_mut().filter(|first| **first == Rule::Shape) {
            *first = back.rule_of(&span, trimmed).unwrap_or(Rule::Shape);
        }
        masked.push(Masked { start, end: start + trimmed.len(), text: trimmed.to_owned(), rules });
    }
    Some(masked)
}

/// What is known of the token that begins at a place.
#[derive(Debug)]
struct Seen {
    end: usize,
    is_variable: bool,
    rules: Vec<Rule>,
}

/// Compares the tokens behind a rule with those before it.
fn note(seen: &mut BTreeMap<usize, Seen>, rule: Rule, tokens: &[Token], length: usize) {
    let mut now = BTreeMap::new();
    for (index, token) in tokens.iter().enumerate() {
        let start = token.start();
        let next = tokens.get(index + 1).map_or(length, |next| next.start());
        // A word or a mark is as long as it is; a variable reaches up to what follows.
        let end = if token.is_variable() { next } else { token.end() };
        let before = seen.remove(&start);
        let was_variable = before.as_ref().is_some_and(|before| before.is_variable);
        let grew = before.as_ref().is_none_or(|before| before.end < end) || !was_variable;
        let mut rules = before.map_or_else(Vec::new, |before| before.rules);
        if token.is_variable() && grew && rules.last() != Some(&rule) {
            rules.push(rule);
        }
        now.insert(start, Seen { end, is_variable: token.is_variable(), rules });
    }
    *seen = now;
}

/// The way from the fold back to the message.
struct Back {
    /// Where each place of the fold was in the message.
    places: Vec<usize>,
    /// Spans of the message that patterns of the configuration matched.
    configured: Vec<Range<usize>>,
}

impl Back {
    fn new(message: &str, prepared: &str, folded: &str, overrides: &Overrides) -> Option<Self> {
        let stand_ins = overrides.stand_ins(message);
        let kept = places(message.len(), &stand_ins);
        let with_stand_ins = overrides.with_stand_ins(message);
        let masks = overrides.masks(&with_stand_ins);
        let of_masks = places(with_stand_ins.len(), &masks);
        let expression = EXPRESSION.as_ref()?;
        let of_folds = folded_places(expression, prepared);
        // The expression is the fold; should they ever differ, nothing is claimed.
        let is_fold = expression.replace_all(prepared, FOLDED) == folded && of_folds.len() == folded.len() + 1;
        if !is_fold || of_masks.len() != prepared.len() + 1 {
            return None;
        }
        let back = |place: usize| kept.get(of_masks.get(place).copied()?).copied();
        let configured = masks
            .iter()
            .filter_map(|mask| Some(kept.get(mask.range.start).copied()?..kept.get(mask.range.end).copied()?));
        Some(Self { places: of_folds.into_iter().map(back).collect::<Option<_>>()?, configured: configured.collect() })
    }

    /// The span of the message behind a span of the fold.
    fn span(&self, span: Range<usize>) -> Option<Range<usize>> {
        let (start, end) = (self.places.get(span.start).copied()?, self.places.get(span.end).copied()?);
        Some(start..end.max(start))
    }

    /// Which rule of the fold made a variable of a span; `None` when none did.
    fn rule_of(&self, span: &Range<usize>, text: &str) -> Option<Rule> {
        if self.configured.iter().any(|mask| span.start < mask.end && mask.start < span.end) {
            return Some(Rule::Configured);
        }
        if EXPRESSION.as_ref()?.find_iter(text).any(|found| found.as_str().contains('@')) {
            return Some(Rule::Email);
        }
        text.bytes().any(|byte| byte.is_ascii_digit()).then_some(Rule::Digit)
    }
}

/// Where each place of the fold, its end included, was in the text: a match became what stands before a code, the
/// marker, and the code.
fn folded_places(expression: &Regex, text: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    for found in expression.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let group = |numbers: &[usize]| numbers.iter().find_map(|number| found.get(*number)).map(|group| group.range());
        places.extend(at..whole.start());
        let before = group(&fold::BEFORE);
        places.extend(before.clone().unwrap_or_default());
        places.push(before.map_or(whole.start(), |before| before.end));
        places.extend(group(&fold::CODE).unwrap_or_default());
        at = whole.end();
    }
    places.extend(at..=text.len());
    places
}

impl Making {
    /// About as many rows as a page about it has.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        let spans = self.masked.iter().map(|masked| masked.text.len() / 40 + 1).sum::<usize>();
        spans + self.frames.len() + (self.message.len() + self.signature.template.len()) / 60
    }
}
