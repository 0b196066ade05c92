//! Tells what the words before an opening brace name: a function, a class, or nothing.

use crate::triage::syntax::{Kind, Source, Token};

const CONTROL: &[&str] = &[
    "if",
    "else",
    "elif",
    "elseif",
    "for",
    "foreach",
    "while",
    "switch",
    "select",
    "do",
    "try",
    "catch",
    "finally",
    "match",
    "loop",
    "unless",
    "using",
    "lock",
    "synchronized",
    "with",
    "return",
    "new",
    "case",
    "default",
    "guard",
    "when",
    "until",
    "defer",
    "fixed",
    "checked",
    "unsafe",
    "await",
    "yield",
    "throw",
    "sizeof",
    "typeof",
];
const CLASSES: &[&str] = &[
    "class",
    "struct",
    "interface",
    "enum",
    "trait",
    "module",
    "namespace",
    "object",
    "record",
    "protocol",
    "extension",
    "union",
    "service",
    "message",
    "type",
];

/// The name that the words before an opening brace give to its block, and whether it can be called.
pub(super) fn name_of(source: &Source<'_>, header: &[&Token]) -> Option<(String, bool)> {
    let texts: Vec<&str> = header.iter().map(|token| source.of(token)).collect();
    let texts = without_generics(without_visibility(&texts));
    let is_rust = source.syntax.nested_comments && source.syntax.long_strings;
    let is_name = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_') && !CONTROL.contains(&text);
    let word = |index: usize| texts.get(index).copied().unwrap_or_default();
    let position = |words: &[&str]| texts.iter().rposition(|text| words.contains(text));
    if let Some(at) = position(&["fn", "func", "function", "fun", "sub"]) {
        let mut at = at + 1;
        if word(at) == "(" && word(at - 1) == "func" {
            // The receiver of a Go method.
            at = matching(&texts, at)? + 1;
        }
        // What follows the parentheses of a function without a name is its result.
        let has_parameters = word(at - 1) == ")";
        at += usize::from(word(at) == "*");
        let is_result = has_parameters && !matches!(word(at + 1), "(" | "[");
        // Behind its keyword a function may bear any name, `new` and `default` among them.
        let is_word = word(at).starts_with(|c: char| c.is_alphabetic() || c == '_');
        return if is_word && !is_result {
            Some((word(at).to_owned(), true))
        } else {
            assigned(&texts).map(|name| (name, true))
        };
    }
    let is_member = source.syntax.verbatim && texts.ends_with(&[")", "=", ">"]);
    if is_member && let Some(member) = method(texts.get(..texts.len() - 2).unwrap_or_default(), is_name) {
        return Some(member);
    }
    if texts.ends_with(&["=", ">"]) {
        // An arm of a `match` is no function.
        return if is_rust { None } else { assigned(&texts).map(|name| (name, true)) };
    }
    if is_rust && position(&["let"]).is_some() {
        return None;
    }
    if is_rust
        && let Some(at) = position(&["mod"]).filter(|at| at + 2 == texts.len())
        && is_name(word(at + 1))
    {
        return Some((word(at + 1).to_owned(), false));
    }
    if word(0) == "impl" || (word(0) == "unsafe" && word(1) == "impl") {
        let after_for = position(&["for"]).map_or(1, |at| at + 1);
        let name =
            texts.iter().skip(after_for).find(|text| is_name(text) && !matches!(**text, "impl" | "dyn" | "mut"))?;
        return Some(((*name).to_owned(), false));
    }
    let n_before_call = texts.iter().position(|text| *text == "(").unwrap_or(texts.len());
    if let Some(at) = texts.iter().position(|text| CLASSES.contains(text)).filter(|at| *at < 6.min(n_before_call))
        && is_name(word(at + 1))
        // `struct ring *push(...)` is a function.
        && (n_before_call == texts.len() || matches!(word(at + 2), "(" | "<" | ":" | "." | "where" | "extends" | "implements" | "with"))
    {
        return Some((last_of_path(&texts, at + 1).to_owned(), false));
    }
    method(&texts, is_name)
}

/// Of `namespace Acme.Billing` and `class Acme::Invoice`, the last part.
fn last_of_path<'t>(texts: &[&'t str], mut at: usize) -> &'t str {
    let word = |index: usize| texts.get(index).copied().unwrap_or_default();
    loop {
        let step = match (word(at + 1), word(at + 2)) {
            (".", _) => 2,
            (":", ":") => 3,
            _ => return word(at),
        };
        if !word(at + step).starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return word(at);
        }
        at += step;
    }
}

/// What follows the last line break that ends a statement: a line that starts with a control word,
/// or with a name at bracket depth 0 after a line that ended in a closing bracket or a value.
pub(super) fn last_statement<'a, 'b>(source: &Source<'_>, header: &'b [&'a Token]) -> &'b [&'a Token] {
    let mut start = 0;
    let mut depth = 0_i32;
    for (index, pair) in header.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        match source.of(before) {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = (depth - 1).max(0),
            _ => {}
        }
        if after.line == before.last_line || depth > 0 {
            continue;
        }
        let goes_on = ["where", "extends", "implements", "throws", "static", "public", "private", "async", "override"];
        let ends = (before.kind != Kind::Mark || matches!(source.of(before), ")" | "]"))
            && !goes_on.contains(&source.of(before));
        let continues = matches!(
            source.of(after),
            "throws" | "where" | "extends" | "implements" | "noexcept" | "const" | "override" | "with"
        ) || (after.kind == Kind::Mark && source.of(after) != "@" && source.of(after) != "#");
        // The return type of a C function may stand on the line above, and annotations above that.
        let is_annotated = header.get(start).is_some_and(|token| source.of(token) == "@");
        let starts_anew = matches!(source.of(after), "func" | "function" | "class" | "type" | "export" | "def");
        let mut above = header.get(start..=index).unwrap_or_default().iter();
        let is_type = above.all(|token| token.kind == Kind::Word || matches!(source.of(token), "*" | "&"));
        let is_adjacent = after.line == before.last_line + 1;
        let is_above = is_adjacent && (is_annotated || (is_type && index < 6 && !starts_anew));
        if ends && !continues && !is_above {
            start = index + 1;
        }
    }
    header.get(start..).unwrap_or_default()
}

/// `throws A, B`, `const`, `-> T`, `: base(x)` may follow the parameters; a call may not.
fn method(texts: &[&str], is_name: impl Fn(&str) -> bool) -> Option<(String, bool)> {
    let mut at = 0;
    loop {
        let open = at + texts.get(at..)?.iter().position(|text| *text == "(")?;
        let close = matching(texts, open)?;
        let name = texts.get(open.checked_sub(1)?)?;
        // What goes on behind the parentheses is a call.
        if matches!(texts.get(close + 1).copied(), Some("(" | "," | "." | "[" | "?" | "&" | "=")) {
            return None;
        }
        // `@Route("/x")` and `#[Route("/x")]` are annotations.
        let before = open.checked_sub(2).and_then(|at| texts.get(at)).copied().unwrap_or_default();
        if before == "@" || before == "[" {
            at = close + 1;
            continue;
        }
        let before_name = own_part(texts.get(..open)?);
        if before_name.iter().any(|text| CONTROL.contains(text)) {
            return None;
        }
        let is_choice = before_name.contains(&"?") && before_name.contains(&":");
        let is_assigned = is_choice || before_name.iter().any(|text| matches!(*text, "=" | "," | "&" | "|"));
        return (is_name(name) && !is_assigned && before != ".").then(|| ((*name).to_owned(), true));
    }
}

/// What follows the last comma outside of brackets: the methods of an object stand behind one another.
fn own_part<'a, 't>(texts: &'a [&'t str]) -> &'a [&'t str] {
    let mut depth = 0_i32;
    let mut start = 0;
    for (index, text) in texts.iter().enumerate() {
        match *text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "," if depth == 0 => start = index + 1,
            _ => {}
        }
    }
    texts.get(start..).unwrap_or_default()
}

/// A header without attributes, `#[test]`, and without the reach of `pub(crate)`.
fn without_visibility<'a, 't>(texts: &'a [&'t str]) -> &'a [&'t str] {
    let mut texts = texts;
    loop {
        texts = match texts {
            ["pub", "(", "in", rest @ ..] => {
                let close = rest.iter().position(|text| *text == ")").unwrap_or(0);
                rest.get(close + 1..).unwrap_or_default()
            }
            ["pub", "(", _, ")", rest @ ..] => rest,
            ["#", "[", rest @ ..] => {
                let mut depth = 1_i32;
                let close = rest.iter().position(|text| {
                    depth += i32::from(*text == "[") - i32::from(*text == "]");
                    depth == 0
                });
                match close {
                    Some(close) => rest.get(close + 1..).unwrap_or_default(),
                    None => return texts,
                }
            }
            all => return all,
        };
    }
}

/// A header without its type arguments, `<T, Map<K, V>>`, in which commas and names mislead.
fn without_generics<'t>(texts: &[&'t str]) -> Vec<&'t str> {
    const LONGEST: usize = 60;
    let is_word = |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut kept: Vec<&str> = Vec::with_capacity(texts.len());
    let mut at = 0;
    while let Some(text) = texts.get(at) {
        let opens = *text == "<" && kept.last().is_some_and(|last| is_word(last));
        let mut depth = 0_i32;
        let close =
            texts.iter().enumerate().skip(at).take(if opens { LONGEST } else { 0 }).find_map(|(index, text)| {
                match *text {
                    "<" => depth += 1,
                    ">" => depth -= 1,
                    "," | "." | "?" | "[" | "]" | ":" | "&" | "'" | "|" | "+" => {}
                    word if is_word(word) => {}
                    _ => return Some(None),
                }
                (depth == 0).then_some(Some(index))
            });
        match close.flatten() {
            Some(close) => at = close + 1,
            None => {
                kept.push(text);
                at += 1;
            }
        }
    }
    kept
}

fn matching(texts: &[&str], open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (index, text) in texts.iter().enumerate().skip(open) {
        match *text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

/// The name to which a function without a name is given: `name = (...) =>`, `name: function (...)`.
fn assigned(texts: &[&str]) -> Option<String> {
    let texts = own_part(texts);
    let is_arrow = |at: usize| texts.get(at) == Some(&"=") && texts.get(at + 1) == Some(&">");
    let at = (0..texts.len()).find(|at| matches!(texts.get(*at), Some(&"=" | &":")) && !is_arrow(*at))?;
    let before = texts.get(..at)?;
    if before.contains(&"(") {
        return None;
    }
    // `names = rows.map(function ...)` names what comes back, and no function.
    let value = texts.get(at + 1..)?;
    let n_open = value.iter().filter(|text| **text == "(").count() as i32
        - value.iter().filter(|text| **text == ")").count() as i32;
    if n_open > 0 && value.iter().take_while(|text| **text != "(").any(|text| *text == ".") {
        return None;
    }
    let name = before.iter().rev().find(|text| text.starts_with(|c: char| c.is_alphabetic() || c == '_'))?;
    Some((*name).to_owned())
}
