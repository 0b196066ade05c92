//! Finds GraphQL schemas that stand in code, as texts: `gql` templates, `typeDefs`, heredocs.

use std::sync::LazyLock;

use regex::Regex;

use super::{Parts, graphql};
use crate::remedy::safety::source::{Syntax, mask};

/// A line that begins a definition of a schema; queries of clients have none.
static DEFINES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^\s*(?:extend\s+)?(?:(?:type|input|interface|enum)\s+[A-Z]\w*[^\n{]*\{|union\s+[A-Z]\w*\s*=|schema\s*\{)",
    )
    .ok()
});

/// The parts of all schemas in a file of code, with its lines.
pub(super) fn parts(text: &str, extension: &str) -> Parts {
    let Some(defines) = DEFINES.as_ref().filter(|defines| defines.is_match(text)) else { return Parts::new() };
    let masked = mask(text, Syntax::of(extension));
    let mut schemas: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { byte } else { b' ' }).collect();
    for (start, end) in &masked.strings {
        let inside = masked.inside((*start, *end));
        if !defines.is_match(inside) {
            continue;
        }
        // What a string holds stays where it is, so that lines are those of the file.
        let lead = masked.text.get(*start..*end).and_then(|whole| whole.find(inside)).unwrap_or(0);
        let place = start + lead..start + lead + inside.len();
        if let Some(place) = schemas.get_mut(place) {
            place.copy_from_slice(inside.as_bytes());
        }
    }
    graphql::parts(&String::from_utf8_lossy(&schemas))
}
