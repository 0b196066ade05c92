//! Finds what going back would open again: security fixes, access checks, rotated secrets.

use std::sync::LazyLock;

use regex::Regex;

use super::source::{self, Syntax, basename, extension, in_folder, mask};
use super::{Findings, rules};
use crate::triage::{Change, Class, FileChange};

static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bCVE-\d{4}-\d{3,}|\bGHSA(?:-[0-9a-z]{4}){3}|\bRUSTSEC-\d{4}-\d+|\bsecurity\b|\bvulnerab|\bXSS\b|\bCSRF\b|\bSSRF\b|\bXXE\b|\bRCE\b|\bSQL ?injection|\bcommand injection|\bpath traversal|\bdirectory traversal|\bauth(?:entication|orization)? bypass|\b(?:remote|arbitrary) code|\b(?:code|template|header|LDAP|NoSQL) injection|\bunsafe deserializ|\bprototype pollution|\bclickjacking|\bprivilege escalation|\bopen redirect|\bIDOR\b|\b(?:rotat|revok|leak)\w* (?:\w+ ){0,3}(?:key|secret|credential|token|password|certificate)s?\b").ok()
});
static CHECK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)@(?:login_required|permission_required|requires_auth\w*|PreAuthorize|Secured|RolesAllowed|UseGuards)\b|\b(?:authorize!|authenticate!|before_action :(?:authenticate|authorize)\w*|verify_signature|constant_time_\w+|compare_digest|timing_?safe_?equal|csrf_protect|protect_from_forgery|require_permission\w*|check_permission\w*|has_permission\w*|IsAuthenticated|is_authorized|ensure_authorized|sanitize_html|escape_html|html_escape|html\.escape|DOMPurify|bcrypt|argon2|scrypt|pbkdf2\w*|verify_token|verify_jwt|validate_csrf\w*)\b|\[Authorize\b").ok()
});
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)^\s*(?:export\s+)?["']?(?<name>[\w.-]*(?:secret|token|passw(?:or)?d|api[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|access[_-]?key|credentials?)[\w.-]*)["']?\s*[:=]\s*(?<value>\S.*)$"#).ok()
});

/// What is open to attacks wherever it stands, and has a safe counterpart.
static UNSAFE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\byaml\.(?:unsafe_)?load\(|\bYAML\.unsafe_load\b|\bverify\s*=\s*False\b|\bInsecureSkipVerify\s*:\s*true\b|\brejectUnauthorized\s*:\s*false\b|\bVERIFY_NONE\b|\bCERT_NONE\b|\b_create_unverified_context\b|\bdanger_accept_invalid_certs\(\s*true|\bpickle\.loads?\(|\bMarshal\.load\b|\bunserialize\(|\bshell\s*=\s*True\b|\beval\(|\bos\.system\(|\bdangerouslySetInnerHTML\b|\.innerHTML\s*=|\.html_safe\b|\bmark_safe\(|\bcsrf_exempt\b|\bskip_before_action\s+:verify_authenticity_token\b|\bpermitAll\(\)|\bMath\.random\(\)|\b(?i:md5|sha1)\(").ok()
});

const FOLDERS: &[&str] = &[
    "auth",
    "authn",
    "authz",
    "authentication",
    "authorization",
    "security",
    "crypto",
    "permissions",
    "acl",
    "rbac",
    "policies",
    "oauth",
    "jwt",
    "iam",
];

/// Commits that fix security, each with a file of the change that it touches and its first changed line.
pub(super) fn in_commits(change: &Change) -> Vec<(&str, u32, String)> {
    let mut found = Vec::new();
    for commit in &change.commits {
        let is_fix = SUBJECT.as_ref().is_some_and(|pattern| pattern.is_match(&commit.subject));
        let only_words = commit.subject.to_ascii_lowercase().starts_with("docs");
        if !is_fix || only_words {
            continue;
        }
        let touched = change.files.iter().filter(|file| commit.paths.contains(&file.path));
        let reaches = |file: &&FileChange| !matches!(file.class, Class::Test | Class::Docs);
        // Words about security close no hole.
        let is_told = touched.clone().next().is_some() && !touched.clone().any(|file| reaches(&file));
        let Some(file) = touched.clone().find(reaches).or_else(|| change.files.first()).filter(|_| !is_told) else {
            continue;
        };
        let id = commit.id.get(..12).unwrap_or(&commit.id);
        found.push((file.path.as_str(), source::first_changed(file), format!("{id} {}", commit.subject)));
    }
    found
}

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    if matches!(file.class, Class::Config | Class::Build) || is_secrets_file(&file.path) {
        rotated(file, findings);
        return;
    }
    let base = file.base_text.as_deref().unwrap_or_default();
    let before = findings.list.len();
    // Comments and strings check nothing.
    let code =
        file.head_text.as_deref().map(|text| mask(text, Syntax::of(&extension(&file.path))).code).unwrap_or_default();
    let lines: Vec<&str> = code.lines().collect();
    for (number, _) in source::added(file).filter(|(_, line)| line.len() < 2_000) {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(found) = lines.get(index).and_then(|line| CHECK.as_ref()?.find(line)) else { continue };
        // Moved, or only one more use of what was there: an import says nothing either.
        let gone = source::removed(file).any(|(_, line)| line.contains(found.as_str()));
        let used_before = base.contains(found.as_str()) && !found.as_str().starts_with(['@', '[']);
        if !gone && !used_before && !is_import(lines.get(index).unwrap_or(&"")) {
            findings.add(&rules::SECURITY_CHECK, number, found.as_str());
        }
    }
    let counted = |text: &str| -> Vec<String> {
        let code = mask(text, Syntax::of(&extension(&file.path))).code;
        UNSAFE.iter().flat_map(|pattern| pattern.find_iter(&code)).map(|found| found.as_str().to_owned()).collect()
    };
    if file.base_text.is_some() && file.head_text.is_some() {
        let (was, is) = (counted(base), counted(file.head_text.as_deref().unwrap_or_default()));
        let gone = was.iter().find(|word| {
            let n_of = |words: &[String]| words.iter().filter(|other| other == word).count();
            n_of(&was) > n_of(&is)
        });
        gone.into_iter().for_each(|word| findings.add(&rules::UNSAFE_REMOVED, source::first_changed(file), word));
    }
    if findings.list.len() == before && in_folder(&file.path, FOLDERS) && file.base_text.is_some() && !is_reworded(file)
    {
        findings.add(&rules::SECURITY_CODE, source::first_changed(file), &basename(&file.path));
    }
}

fn is_import(line: &str) -> bool {
    let line = line.trim_start();
    ["import ", "from ", "use ", "using ", "require", "#include"].iter().any(|start| line.starts_with(start))
}

fn is_reworded(file: &FileChange) -> bool {
    let syntax = Syntax::of(&extension(&file.path));
    let bare = |text: &Option<String>| -> Vec<String> {
        mask(text.as_deref().unwrap_or_default(), syntax).text.split_whitespace().map(str::to_owned).collect()
    };
    bare(&file.base_text) == bare(&file.head_text)
}

fn is_secrets_file(path: &str) -> bool {
    let name = basename(path);
    name == ".env"
        || name.starts_with(".env.")
        || name.contains("secret")
        || name.contains("credential")
        || name.ends_with(".pem")
        || name.ends_with(".key")
}

/// Secrets whose value differs. Their names are told, never their values.
fn rotated<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let pair = |line: &str| {
        let found = SECRET.as_ref()?.captures(line)?;
        Some((found.name("name")?.as_str().to_owned(), found.name("value")?.as_str().trim().to_owned()))
    };
    for (number, line) in source::added(file) {
        let Some((name, value)) = pair(line) else { continue };
        let old = source::removed(file).filter_map(|(_, line)| pair(line)).find(|(old, _)| *old == name);
        if old.is_some_and(|(_, old)| old != value) {
            findings.add(&rules::SECRET_ROTATED, number, &name);
        }
    }
    let is_key = [".pem", ".key", ".crt", ".p12", ".jks"].iter().any(|end| basename(&file.path).ends_with(end));
    if is_key && file.base_text.is_some() {
        findings.add(&rules::SECRET_ROTATED, source::first_changed(file), &basename(&file.path));
    }
}
