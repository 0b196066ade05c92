//! Reads the stacks of the exceptions that wrapped the one at the root.
//!
//! The root says what went wrong; where it lies in a library, the calls of our own code stand only
//! in the stack of what was raised because of it.

use crate::ingest::{Frame, Language, trace};
use crate::triage::Symptom;

/// The most wrappers that are looked at.
const WRAPPERS: usize = 6;

/// What stands between two exceptions of one event, and whether the root comes first.
fn markers(language: Language) -> (&'static [&'static str], bool) {
    match language {
        Language::Python => {
            (&["The above exception was the direct cause", "During handling of the above exception"], true)
        }
        Language::Php => (&["\nNext "], true),
        Language::DotNet => (&["--- End of inner exception stack trace ---"], true),
        Language::Java => (&["\nCaused by: "], false),
        Language::JavaScript => (&["[cause]: ", "\nCaused by: "], false),
        Language::Go | Language::Rust | Language::Ruby => (&[], true),
    }
}

/// The frames of each wrapper, innermost first; the wrapper nearest to the root first.
pub(super) fn stacks(symptom: &Symptom) -> Vec<Vec<Frame>> {
    let Some(root) = symptom.trace.as_ref().filter(|trace| trace.chain.len() > 1) else { return Vec::new() };
    let (markers, is_root_first) = markers(root.language);
    let parts = split(&symptom.text, markers);
    let mut stacks: Vec<Vec<Frame>> = parts.iter().filter_map(|part| read(part, root.language)).collect();
    if !is_root_first {
        stacks.reverse();
    }
    stacks.retain(|frames| *frames != root.frames);
    stacks.truncate(WRAPPERS);
    stacks
}

fn split<'t>(text: &'t str, markers: &[&str]) -> Vec<&'t str> {
    let mut cuts: Vec<usize> =
        markers.iter().flat_map(|marker| text.match_indices(marker).map(|(at, _)| at)).take(64).collect();
    cuts.sort_unstable();
    let mut parts = Vec::new();
    let mut from = 0;
    for cut in cuts.into_iter().chain([text.len()]) {
        parts.extend(text.get(from..cut));
        from = cut;
    }
    parts
}

fn read(part: &str, language: Language) -> Option<Vec<Frame>> {
    // Behind the end of an inner exception .NET prints calls without a head.
    let headed = if language == Language::DotNet && part.starts_with("---") {
        part.split_once('\n').map(|(_, calls)| format!("System.Exception: inner\n{calls}"))
    } else {
        None
    };
    let trace = trace::parse(headed.as_deref().unwrap_or(part))?;
    (trace.language == language && !trace.frames.is_empty()).then_some(trace.frames)
}
