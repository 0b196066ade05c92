//! Shells; and where nothing better was said, the lines that sum a failure up.

use super::{Diagnostic, Found, Log, Pattern, Tool, part};

static SHELL: Pattern = Pattern::new(
    r"^(\S+?): (?:line )?(\d+):() (.+: (?:command )?not found|.*[Ss]yntax error.*|.+: (?:No such file or directory|Permission denied|unbound variable|parameter not set))$",
);
static SUM: Pattern = Pattern::new(
    r"^(?:(?:g?make|ninja)(?:\[\d+\])?: \*\*\* (.+)|npm (?:ERR!|error) (\S.{12,})|(?:\S+: )?(?i:error|fatal|failed)(?:\[\w+\])?:? (.+))$",
);
static NPM_ASIDE: Pattern = Pattern::new(r"^npm (?:ERR!|error) (?:code|path|command|A complete log|\s)");

/// The most lines that are taken as sums.
const SUMS: usize = 3;

pub(super) fn read(log: &Log<'_>, at: usize) -> Option<Found> {
    let line = log.line(at);
    let found = line.contains(": ").then(|| SHELL.captures(line)).flatten()?;
    Found::one(Diagnostic::new(Tool::Shell, part(&found, 4)).found(&found), at + 1)
}

/// The first lines that say that something failed.
pub(super) fn sums(log: &Log<'_>) -> Vec<Diagnostic> {
    let of = |line: &&str| {
        let found = SUM.captures(line).filter(|_| !NPM_ASIDE.is_match(line))?;
        let said = (1..=3).find_map(|group| super::maybe(&found, group))?;
        let mut diagnostic = Diagnostic::new(Tool::Other, said);
        diagnostic.text = (*line).to_owned();
        Some(diagnostic)
    };
    log.lines.iter().filter_map(of).take(SUMS).collect()
}
