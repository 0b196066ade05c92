//! Tells exceptions that others' code raised from those that the program raises itself.
//!
//! A lost connection has a type of the client library that noticed it. The program's code on the
//! stack made the call, but holds nothing that could raise the type, and neither does the deploy.
//! Where the type speaks of wrong use, the call may well be at fault; else the line that calls is no
//! evidence against whoever changed it.

use super::clue::Clues;
use super::raising::GENERIC;
use super::sheet::Sheet;
use super::stack::Spot;

/// Types of the languages and their standard libraries; any code may raise them by its mistakes.
const BUILT_IN: &[&str] = &[
    "AttributeError",
    "NameError",
    "UnboundLocalError",
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
    "IndexError",
    "LookupError",
    "ZeroDivisionError",
    "OverflowError",
    "RecursionError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "StopIteration",
    "FileNotFoundError",
    "IsADirectoryError",
    "NotADirectoryError",
    "FileExistsError",
    "PermissionError",
    "EOFError",
    "SystemExit",
    "ArithmeticError",
    "BufferError",
    "FloatingPointError",
    "ReferenceError",
    "RangeError",
    "URIError",
    "EvalError",
    "AggregateError",
    "NullPointerException",
    "ClassCastException",
    "ArrayIndexOutOfBoundsException",
    "IndexOutOfBoundsException",
    "StringIndexOutOfBoundsException",
    "NoSuchElementException",
    "ConcurrentModificationException",
    "UnsupportedOperationException",
    "ArithmeticException",
    "NumberFormatException",
    "NegativeArraySizeException",
    "ArrayStoreException",
    "ClassNotFoundException",
    "NoClassDefFoundError",
    "NoSuchMethodError",
    "NoSuchFieldError",
    "StackOverflowError",
    "ExceptionInInitializerError",
    "InputMismatchException",
    "UncheckedIOException",
    "FileNotFoundException",
    "DateTimeException",
    "DateTimeParseException",
    "NoMethodError",
    "FrozenError",
    "FloatDomainError",
    "LocalJumpError",
    "FiberError",
    "ThreadError",
    "RegexpError",
    "LoadError",
    "KeyNotFoundException",
    "NullReferenceException",
    "InvalidCastException",
    "FormatException",
    "DivideByZeroException",
    "ArgumentNullException",
    "ArgumentOutOfRangeException",
    "ObjectDisposedException",
    "ArgumentCountError",
    "DivisionByZeroError",
    "ErrorException",
    "LogicException",
    "DomainException",
    "LengthException",
    "OutOfRangeException",
    "OutOfBoundsException",
    "UnexpectedValueException",
    "InvalidArgumentException",
    "BadMethodCallException",
    "BadFunctionCallException",
    "JSONDecodeError",
    "DecimalException",
    "InvalidOperation",
    "CancelledError",
    "PicklingError",
    "UnpicklingError",
    "NoMatchingPatternError",
];

/// Words in types of libraries that tell of a wrong call, which the caller's change explains.
const OF_USE: &[&str] = &[
    "valid",
    "syntax",
    "undefined",
    "type",
    "value",
    "argument",
    "param",
    "schema",
    "parse",
    "pars",
    "scanner",
    "lexer",
    "grammar",
    "decod",
    "encod",
    "integrity",
    "programming",
    "unique",
    "notnull",
    "constraint",
    "mapp",
    "template",
    "missing",
    "attribute",
    "key",
    "index",
    "notfound",
    "nosuch",
    "unknown",
    "unsupported",
    "notsupported",
    "notimplemented",
    "conflict",
    "format",
    "serializ",
    "deserializ",
    "conver",
    "cast",
    "data",
    "field",
    "column",
    "table",
    "relation",
    "query",
    "statement",
    "config",
    "setting",
    "import",
    "module",
    "version",
    "assert",
    "expect",
    "mismatch",
    "illegal",
    "malformed",
    "bad",
    "duplicate",
    "ambiguous",
    "cyclic",
    "recurs",
    "detached",
    "lazy",
    "null",
    "empty",
    "state",
    "lookup",
    "render",
    "compil",
    "token",
    "permission",
    "forbidden",
    "routing",
    "url",
    "exist",
    "overflow",
    "range",
    "dimension",
    "shape",
];

/// The type that others raised, where that is so.
pub(super) fn foreign<'c>(clues: &'c Clues, spots: &[Spot], sheets: &[Sheet<'_>]) -> Option<&'c str> {
    let name = clues.exceptions.first()?.as_str();
    let lower = name.to_ascii_lowercase();
    let is_typed = ["error", "exception", "fault", "timeout", "failure"].iter().any(|end| lower.ends_with(end));
    if !is_typed
        || GENERIC.contains(&name)
        || BUILT_IN.contains(&name)
        || OF_USE.iter().any(|word| lower.contains(word))
    {
        return None;
    }
    // Without the text of the code that failed nothing is known of what it can raise.
    let innermost = spots.iter().find(|spot| !spot.is_test() && spot.is_believed())?;
    (innermost.text.is_some() && !is_own(name, spots, sheets)).then_some(name)
}

/// Whether the code on the stack can raise this type, or a line of the deploy names it.
pub(super) fn is_own(name: &str, spots: &[Spot], sheets: &[Sheet<'_>]) -> bool {
    let holds = |lines: &[String]| lines.iter().any(|line| line.contains(name));
    let pieces = || sheets.iter().flat_map(|sheet| &sheet.pieces);
    spots.iter().filter_map(|spot| spot.text.as_deref()).any(|text| raises(text, name))
        || pieces().any(|piece| holds(&piece.hunk.added) || holds(&piece.hunk.removed))
}

/// Whether the text defines or makes a value of this type; to catch one is not to raise it.
fn raises(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default();
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        let is_made = after.starts_with(['(', '{', '<']) || after.starts_with(".new") || after.starts_with("::new");
        let word = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\'));
        let word = word.trim_end();
        let words = ["raise", "throw", "new", "class", "struct", "enum", "type", "interface", "fail"];
        is_made || words.iter().any(|known| word.ends_with(known))
    })
}

#[cfg(test)]
mod tests;
