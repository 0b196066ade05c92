//! .NET: the innermost exception's calls first, behind arrows.

use super::head::{self, Head};
use super::place::behind_at;
use super::{Found, Frame, Language, origin};

/// How far above the first call the exception may stand.
const MAX_MESSAGE_LINES: usize = 20;

/// Ends the calls of an inner exception.
const END_OF_INNER: &str = "--- End of inner exception stack trace ---";

/// Reads the first trace; its heads stand before its calls, outermost first.
pub fn read(lines: &[&str]) -> Option<Found> {
    let first_call = lines.iter().position(|line| call(line).is_some())?;
    let from = first_call.saturating_sub(MAX_MESSAGE_LINES);
    let above = lines.get(from..first_call)?;
    let start =
        from + above.iter().rposition(|line| !line.trim_start().starts_with("--->") && first_head(line).is_some())?;
    let mut chain: Vec<Head<'_>> = Vec::new();
    for line in lines.get(start..first_call)? {
        chain.extend(heads(line, chain.is_empty()));
    }
    let mut frames = Vec::new();
    for line in lines.get(first_call..)? {
        if line.contains(END_OF_INNER) {
            break;
        }
        match call(line) {
            Some(frame) => frames.push(frame),
            None if line.trim_start().starts_with("---") || line.trim().is_empty() => {}
            None => break,
        }
    }
    Found::new(Language::DotNet, start, chain, frames)
}

fn first_head(line: &str) -> Option<Head<'_>> {
    let line = line
        .split_once("Unhandled exception. ")
        .or_else(|| line.split_once("Unhandled Exception: "))
        .map_or(line, |(_, rest)| rest);
    head::find(line)
}

/// The exceptions of one line: `Outer: message ---> Inner: message`.
fn heads(line: &str, is_first: bool) -> Vec<Head<'_>> {
    let mut parts = line.split("---> ");
    let outer = parts.next().filter(|_| is_first).and_then(|text| first_head(text.trim_end()));
    let inner = parts.filter_map(|text| {
        // `(Inner Exception #0) System.Exception: message`
        let text = text
            .trim()
            .strip_prefix("(Inner Exception #")
            .and_then(|rest| rest.split_once(") "))
            .map_or(text.trim(), |(_, rest)| rest);
        head::at_start(text)
    });
    outer.into_iter().chain(inner).collect()
}

/// Reads `at Space.Class.Method[T](Type name) in file.cs:line 12`.
fn call(line: &str) -> Option<Frame> {
    let text = behind_at(line)?;
    let (name, rest) = text.split_once('(')?;
    let (arguments, behind) = rest.split_once(')')?;
    let named = name.contains('.') && !name.contains(char::is_whitespace) && !name.contains('/');
    let typed = arguments.is_empty()
        || arguments.contains(' ')
        || arguments.starts_with("System.")
        || arguments.ends_with("[]");
    if !named || !typed || matches!(arguments, "Native Method" | "Unknown Source") {
        return None;
    }
    let place = behind.trim_start_matches(')').trim_start().strip_prefix("in ");
    let (file, number) = match place.and_then(|place| place.rsplit_once(":line ")) {
        Some((file, number)) => (Some(file), number.trim().parse().ok()),
        None => (None, None),
    };
    let (module, function) = clean(name);
    Some(Frame {
        function,
        in_app: origin::is_own_dotnet(&module),
        module: Some(module),
        file: file.map(str::to_owned),
        line: number,
        source: None,
    })
}

/// The class and the method that a programmer wrote, of the names that the compiler made of them:
/// `Space.Class.<Load>d__5.MoveNext` is `Space.Class` and `Load`.
fn clean(name: &str) -> (String, String) {
    let name = name.split('[').next().unwrap_or(name);
    if let Some((front, rest)) = name.split_once('<')
        && let Some((method, tail)) = rest.split_once('>')
    {
        // A lambda's class, `<>c__DisplayClass3_0`, has no method in it.
        let (method, tail) = if method.is_empty() {
            tail.split_once('<').and_then(|(_, rest)| rest.split_once('>')).unwrap_or(("", tail))
        } else {
            (method, tail)
        };
        let local = tail.strip_prefix("g__").and_then(|rest| rest.split_once('|')).map(|(local, _)| local);
        let class = front.trim_end_matches(['.', '+']);
        let method = match local {
            Some(local) => format!("{method}.{local}"),
            None => method.to_owned(),
        };
        return (without_arity(class), method);
    }
    let (class, method) = name.rsplit_once('.').unwrap_or(("", name));
    let constructor = class.ends_with('.');
    let method = if constructor { format!(".{method}") } else { method.to_owned() };
    (without_arity(class.trim_end_matches('.')), method)
}

/// ``List`1`` without the number of its type parameters.
fn without_arity(class: &str) -> String {
    let mut parts = class.split('`');
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        plain.push_str(part.trim_start_matches(|first: char| first.is_ascii_digit()));
    }
    plain
}
