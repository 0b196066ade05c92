//! gcc, clang and the linker, and the compilers of .NET.

use super::{Diagnostic, Found, Log, Pattern, Tool, maybe, part};

static ERROR: Pattern =
    Pattern::new(r"^(\S[^:]*?):(\d+)(?::(\d+))?: (?:fatal |internal compiler )?error: (.+?)(?: \[(-W[^\]]+)\])?$");
static LINKER: Pattern =
    Pattern::new(r"^(?:\S*ld: )?(\S+?):(?:(\d+)|\(\.\S+\)): ((?:undefined reference to|multiple definition of) .+)$");
static LLD: Pattern = Pattern::new(r"^(?:ld\.lld|ld64\.lld|lld-link|rust-lld): error: (.+)$");
static REFERENCED: Pattern = Pattern::new(r"^>>> referenced by (\S+?):(\d+)");
static DOTNET: Pattern =
    Pattern::new(r"^\s*(\S.*?)\((\d+),(\d+)(?:,\d+,\d+)?\): error ([A-Z]+\d+): (.+?)(?: \[[^\]]*proj[^\]]*\])?$");
static PROJECT: Pattern =
    Pattern::new(r"^\s*(\S.*?\.\w*proj)(?:()\(\))? ?: error ([A-Z]+\d+): (.+?)(?: \[[^\]]*proj[^\]]*\])?$");

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    let says_error = line.contains("error");
    if says_error && let Some(found) = ERROR.captures(line) {
        let diagnostic = Diagnostic::new(Tool::C, part(&found, 4)).found(&found).rule(maybe(&found, 5));
        // The source line and the mark below it are indented.
        return Found::one(diagnostic, log.until(at + 1, |line| !line.starts_with(' ')));
    }
    if line.contains("undefined reference") || line.contains("multiple definition") {
        let found = LINKER.captures(line)?;
        return Found::one(Diagnostic::new(Tool::C, part(&found, 3)).found(&found).rule(Some("link")), at + 1);
    }
    if says_error && let Some(found) = LLD.captures(line) {
        let end = log.until(at + 1, |line| !line.starts_with(">>>"));
        let diagnostic = Diagnostic::new(Tool::C, part(&found, 1)).rule(Some("link"));
        let place = log.range(at + 1, end).iter().find_map(|line| REFERENCED.captures(line));
        return Found::one(place.map_or(diagnostic.clone(), |place| diagnostic.found(&place)), end);
    }
    if says_error && let Some(found) = DOTNET.captures(line) {
        let diagnostic = Diagnostic::new(Tool::Dotnet, part(&found, 5)).found(&found).rule(maybe(&found, 4));
        return Found::one(diagnostic, at + 1);
    }
    let found = says_error.then(|| PROJECT.captures(line)).flatten()?;
    let diagnostic = Diagnostic::new(Tool::Dotnet, part(&found, 4)).at(part(&found, 1), None, None);
    Found::one(diagnostic.rule(maybe(&found, 3)), at + 1)
}
