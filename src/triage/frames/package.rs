//! Tells which package of others owns a frame.

use crate::ingest::{Frame, Language};

/// The package that owns a frame of somebody else's code, in lower case, as lock files call it.
///
/// For Java, .NET and Go without a path it is the dotted or slashed prefix that names the module.
#[must_use]
pub fn owner(frame: &Frame, language: Option<Language>) -> Option<String> {
    let file = frame.file.as_deref().unwrap_or_default().replace('\\', "/");
    let below = |folder: &str| file.rfind(folder).and_then(|at| file.get(at + folder.len()..));
    let part = |rest: &str, n_parts: usize| rest.split('/').take(n_parts).collect::<Vec<_>>().join("/");
    let name = if let Some(rest) = below("site-packages/").or_else(|| below("dist-packages/")) {
        part(rest, 1).trim_end_matches(".py").replace('_', "-")
    } else if let Some(rest) = below("node_modules/") {
        part(rest, if rest.starts_with('@') { 2 } else { 1 })
    } else if let Some(rest) = below("/gems/") {
        unversioned(&part(rest, 1))
    } else if let Some(rest) = below("/pkg/mod/") {
        rest.split('@').next().unwrap_or(rest).replace('!', "")
    } else if let Some(rest) = below("/registry/src/") {
        unversioned(rest.split('/').nth(1)?)
    } else if let Some(rest) = below("vendor/") {
        part(rest, if rest.starts_with("github.com") || rest.starts_with("golang.org") { 3 } else { 2 })
    } else {
        of_module(frame, language)?
    };
    let name = name.to_ascii_lowercase();
    (name.len() > 1).then_some(name)
}

fn unversioned(name: &str) -> String {
    let at = name
        .rmatch_indices('-')
        .map(|(at, _)| at)
        .find(|at| name.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit));
    at.and_then(|at| name.get(..at)).unwrap_or(name).to_owned()
}

fn of_module(frame: &Frame, language: Option<Language>) -> Option<String> {
    let module = frame.module.as_deref().filter(|module| !module.is_empty())?;
    let is_runtime =
        ["java.", "javax.", "jdk.", "sun.", "kotlin.", "scala.", "System.", "runtime", "net/http", "std::", "core::"];
    if is_runtime.iter().any(|start| module.starts_with(start)) {
        return None;
    }
    match language? {
        Language::Java | Language::DotNet => {
            let module = module.rsplit('/').next().unwrap_or(module);
            Some(module.split('.').take(3).collect::<Vec<_>>().join("."))
        }
        Language::Go => module.contains('.').then(|| module.split('/').take(3).collect::<Vec<_>>().join("/")),
        Language::Rust => module.split("::").next().map(|name| name.replace('_', "-")),
        Language::Python | Language::JavaScript | Language::Ruby | Language::Php => None,
    }
}
