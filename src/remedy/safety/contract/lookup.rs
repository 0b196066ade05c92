//! Names the parts of interfaces, and tells interfaces from other documents.

use std::sync::LazyLock;

use regex::Regex;

static INTERFACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^(?:openapi|swagger|asyncapi):\s|^\s{0,4}"(?:openapi|swagger|asyncapi)"\s*:|^\s{0,4}"\$schema"\s*:\s*"https?://json-schema\.org/"#).ok()
});

/// Whether a document says that it is an interface.
pub(super) fn is_interface(text: &str) -> bool {
    let start = (0..=text.len().min(4_000)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    INTERFACE.as_ref().is_some_and(|pattern| pattern.is_match(text.get(..start).unwrap_or_default()))
}

/// Whether a part is one entry of a list of required fields.
pub(super) fn is_required(path: &str) -> bool {
    let mut steps = path.rsplit('\u{1f}');
    steps.next();
    steps.next() == Some("required") || path.ends_with("\u{1f}required")
}

/// Whether a key only explains.
pub(super) fn is_wording(key: &str) -> bool {
    matches!(
        key,
        "description"
            | "summary"
            | "title"
            | "example"
            | "examples"
            | "externalDocs"
            | "doc"
            | "$comment"
            | "contact"
            | "license"
            | "termsOfService"
            | "tags"
            | "comment"
            | "$id"
    )
}

/// A path as it is said in a sentence.
pub(super) fn said(path: &str) -> String {
    let steps: Vec<&str> = path.split('\u{1f}').collect();
    if let ["paths", route, method, rest @ ..] = steps.as_slice() {
        let operation = format!("{} {route}", method.to_uppercase());
        return if rest.is_empty() { operation } else { format!("{operation} {}", rest.join(".")) };
    }
    if let ["paths", route] = steps.as_slice() {
        return (*route).to_owned();
    }
    steps.join(".")
}
