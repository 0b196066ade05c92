//! Whether a draft reaches further than the code that it mends: the network, a shell, secrets, or characters that a
//! reader does not see. Packages are `package`'s question.

mod reach;
mod shell;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::{Finding, Touched};
use crate::ingest::sanitize::{MASK, redact, redact_source, visible};
use crate::remedy::fix::Check;
use crate::triage::classify::is_manifest;
use crate::triage::syntax::Source;

/// What stands for calls that could not be looked for; it is never taken for known.
const UNKNOWN: &str = "(unknown)";

/// Calls that reach the network, start programs, or make code of text.
static CALLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \bsubprocess\b | \bos\.(?:system|popen|exec\w*|spawn\w*|fork|startfile)\b | \bpty\.spawn\b | \bcommands\.getoutput\b
        | \b(?:exec|eval|execfile)\s*\( | \bnew\s+Function\s*\( | \bchild_process\b | \b(?:exec|spawn|fork)(?:Sync|File|FileSync)?\s*\(
        | \bBun\.(?:spawn|\$) | \bDeno\.(?:run|Command)\b | \bRuntime\.getRuntime\b | \bProcessBuilder\b | \bProcess\.(?:Start|spawn|run)\b
        | \bCommand::new\b | \bstd::process\b | \bos/exec\b | \bexec\.Command\w*\b | \bsyscall\.(?:Exec|ForkExec)\b
        | \b(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|backtick)\s*\( | \bOpen3\b | \bKernel\.(?:exec|system|spawn)\b | %x[\[{(]
        | \b(?:curl|wget|nc|ncat|ssh|scp|telnet|socat|powershell|bash\s+-c|sh\s+-c)\b\s*[-\w'"$]
        | \brequests?\.(?:get|post|put|patch|delete|head|request|Session)\b | \burllib\d?\b | \bhttp\.client\b | \bhttplib\w*\b | \baiohttp\b | \bhttpx\b
        | \bfetch\s*\( | \baxios\b | \bXMLHttpRequest\b | \bWebSocket\b | \bsendBeacon\b | \bsocket\b | \bsmtplib\b | \bftplib\b | \bparamiko\b
        | \bnet\.(?:Dial|Listen|connect|createConnection|Socket)\w*\b | \bhttps?\.(?:Get|Head|Post|PostForm|NewRequest\w*|Client|DefaultClient|Transport|DefaultTransport|RoundTrip\w*|ListenAndServe\w*|Serve\w*|request|get)\b
        | \bTcpStream\b | \bUdpSocket\b | \breqwest\b | \bureq\b | \bhyper::\b | \bHttpClient\b | \bHttpURLConnection\b | \bWebClient\b | \bWebRequest\b
        | \bOkHttpClient\b | \bRestTemplate\b | \bURLConnection\b | \.open(?:Stream|Connection)\s*\( | \bNet::HTTP\b | \bOpenURI\b | \bURI\.open\b | \bFaraday\b | \bHTTParty\b
        | \beval\s+["'$`] | \bcurl_(?:init|exec)\b | \bfsockopen\b | \bfile_get_contents\s*\(\s*["']https?: | \bdns\.(?:resolve|lookup)\w*\b | \bgethostbyname\b
        | \bpickle\.loads?\b | \bmarshal\.loads?\b | \byaml\.(?:load|unsafe_load)\s*\( | \bunserialize\s*\( | \bObjectInputStream\b | \bBinaryFormatter\b
        | \bctypes\b | \bdlopen\b | \bDllImport\b | \bimportlib\b | \b__import__\b | \binstance_eval\b | \bclass_eval\b
        | \bos\.environ\b | \bprocess\.env\b | \bos\.Getenv\b | \benv::var\w*\b | \bSystem\.getenv\b | \bENV\[
        | \bAF_UNIX\b | \bUnix(?:Stream|Datagram|Listener)\b | \bUNIX(?:Socket|Server)\b | \b(?:http\+)?unix:// | \b(?:docker|podman|containerd|crio)\.sock\b
        | \bverify\s*=\s*False\b | \brejectUnauthorized\b | \bInsecureSkipVerify\b | \bdanger_accept_invalid\w* | \bhttps?://[\w.-]+ "#,
    )
    .ok()
});

/// Asks whether the draft calls out, runs something, or reads the environment where nothing did.
pub(super) fn calls(files: &[Touched<'_>]) -> Check {
    let mut found = Vec::new();
    for file in files {
        let counted = |text: Option<&str>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for call in text.map(|text| called(file.path, text)).unwrap_or_default() {
                *counts.entry(call).or_default() += 1;
            }
            counts
        };
        let (head, new) = (counted(file.head), counted(file.new));
        let base = if file.base == file.head { head.clone() } else { counted(file.base) };
        let before = |call: &str| [&head, &base].into_iter().filter_map(|known| known.get(call)).max();
        for (call, count) in &new {
            if call == UNKNOWN || before(call).is_none_or(|before| count > before) {
                found.push(Finding::new(file, format!("calls {:?}", call.trim())));
            }
        }
    }
    super::check("no new network or shell call", &found, "It calls nothing outside that its files did not call.")
}

/// What a text calls that reaches out; comments do not count.
fn called(path: &str, text: &str) -> Vec<String> {
    let Some(pattern) = CALLS.as_ref() else { return vec![UNKNOWN.to_owned()] };
    let code = super::code_of(path, text);
    // `pattern.exec(text)` runs no program, unless something is there that does.
    let may_start = code.contains("child_process");
    // Elsewhere, it looks something up.
    let has_fetch =
        ![".rb", ".rake", ".py", ".go", ".rs", ".java", ".kt", ".cs", ".php"].iter().any(|end| path.ends_with(end));
    let is_method = |at: usize| code.get(..at).is_some_and(|before| before.ends_with('.'));
    let counts = |found: &regex::Match<'_>| {
        let is_short = ["exec", "eval", "fork", "spawn"].iter().any(|word| found.as_str().starts_with(word));
        let is_web = found.as_str().starts_with("fetch") && !has_fetch;
        (!is_short || may_start || !is_method(found.start())) && !is_web
    };
    // What a list of dependencies names is `package`'s question.
    let is_manifest = is_manifest(path);
    let counts = |found: &regex::Match<'_>| counts(found) && !(is_manifest && found.as_str().starts_with("http"));
    let mut called: Vec<String> =
        pattern.find_iter(&code).filter(counts).map(|found| found.as_str().to_owned()).collect();
    called.extend(reach::calls(path, &code));
    if shell::is_script(path, text) {
        called.extend(shell::commands(&code));
    } else if shell::runs_backticks(path) {
        // One within quotes is a letter.
        called.extend(unquoted(path, &code).matches('`').map(str::to_owned));
    }
    called
}

/// A text with what stands in quotes that run nothing taken out.
fn unquoted(path: &str, code: &str) -> String {
    let source = Source::read(path, code);
    // In the double quotes of Ruby and Perl, code may stand and run.
    let is_quoted = |text: &str| text.starts_with('\'') || (path.ends_with(".php") && text.starts_with('"'));
    let kept = source.tokens.iter().map(|token| source.of(token)).filter(|text| !is_quoted(text));
    kept.collect::<Vec<_>>().join(" ")
}

/// Asks whether the draft writes a secret, or the mask of one, into a file.
pub(super) fn secrets(files: &[Touched<'_>]) -> Check {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.added() {
            if line.contains(MASK) {
                found.push(Finding::new(file, format!("holds the mask of a secret in line {number}")));
            } else if holds_secret(file, line) {
                found.push(Finding::new(file, format!("holds what looks like a secret in line {number}")));
            }
        }
    }
    super::check("no secret", &found, "No line that it brings looks like it holds a secret.")
}

fn holds_secret(file: &Touched<'_>, line: &str) -> bool {
    let is_data = Source::read(file.path, "").syntax.shape == crate::triage::syntax::Shape::Flat;
    let masked = if is_data { redact(line) } else { redact_source(line) };
    masked != line
}

/// Asks whether the draft brings characters that a reader does not see, or takes for others.
pub(super) fn hidden(files: &[Touched<'_>]) -> Check {
    let mut found = Vec::new();
    for file in files {
        let holds_bytes = |text: Option<&str>| text.is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER));
        if holds_bytes(file.new) && !holds_bytes(file.head) {
            found.push(Finding::new(file, "holds bytes that are no text"));
        }
        for (number, line) in file.added() {
            // The mark of the encoding that editors put at the start of a file is no letter.
            let line = if number == 1 { line.trim_start_matches('\u{feff}') } else { line };
            let plain = line.replace('\t', " ");
            if visible(&plain, false) != plain {
                found.push(Finding::new(file, format!("holds an unseen character in line {number}")));
            } else if line.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_mixed) {
                found.push(Finding::new(file, format!("mixes alphabets within a word in line {number}")));
            }
        }
    }
    super::check("no hidden characters", &found, "Every character that it brings is what it looks like.")
}

/// Whether a word has letters of the Latin alphabet beside such that look like them.
fn is_mixed(word: &str) -> bool {
    let is_latin = |c: char| c.is_ascii_alphabetic();
    let is_lookalike = |c: char| {
        matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{531}'..='\u{58f}' | '\u{13a0}'..='\u{13f5}' | '\u{ff21}'..='\u{ff5a}')
            || ('\u{1d400}'..='\u{1d7ff}').contains(&c)
    };
    word.contains(is_latin) && word.contains(is_lookalike)
}
