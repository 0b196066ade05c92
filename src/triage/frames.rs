//! Finds the places in the repository that an error names.
//!
//! Input: a symptom and the paths at head, with the texts that are known. Output: a [`Located`]:
//! places innermost first, and the packages of others that were on the stack.
//!
//! Pure. Believes no frame blindly: a line that the file does not have, or a function that it
//! does not hold, is taken away from the place, so that forged frames prove nothing.

mod function;
mod mention;
mod outer;
mod own;
mod package;
mod path;
mod titled;

use std::collections::HashSet;

use super::{Change, Class, Symptom, classify::classify};
use crate::ingest::{Frame, Language};
use path::Paths;

pub use function::simple_name;
pub(in crate::triage) use own::{has_own, is_in_tree};
pub use package::owner;
pub(super) use path::is_foreign;

/// The most frames, and the most places named in plain text, that are looked at.
const FRAMES: usize = 64;

/// A place in the repository that an error names.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Path at head.
    pub path: String,
    /// The line, from 1; `None` where the error names none that can be believed.
    pub line: Option<u32>,
    /// The function, its own name only; empty when it has none.
    pub function: String,
    /// The source text that the error shows for the line.
    pub source: Option<String>,
    /// How many places of the program's own code lie deeper in the stack.
    pub depth: u32,
    /// How sure it is that this path is meant: 1 when nothing else can be, 0 never.
    pub certainty: f64,
    /// Whether it is test code, which explains nothing but leads to what it calls.
    pub is_test: bool,
    /// Whether the source text shown stands in the file before the change, and no more after it.
    pub is_old_code: bool,
    /// How the error was read: a frame, or a mention in plain text.
    pub by: By,
}

/// How a place was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A frame of a stack trace.
    Frame,
    /// `file:line` in plain text, as compilers write it.
    Mention,
    /// The name of the logger or module that wrote the line.
    Component,
}

/// What an error leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Located {
    /// Places in the repository, innermost first.
    pub places: Vec<Place>,
    /// Packages of others on the stack, each with whether it lies deeper than all our own code.
    pub packages: Vec<(String, bool)>,
    /// Whether the innermost frame is of code that was given at run time, and stands in no file.
    pub is_given: bool,
}

/// Finds the places that the symptom names.
#[must_use]
pub fn locate(symptom: &Symptom, change: &Change) -> Located {
    // A trace says where it happened; plain text counts only where there is none, so that it cannot
    // bring back a line that a frame was not believed. Tests are no suspects, and what they call leads on.
    let mut mentions = mention::find(&symptom.text);
    if symptom.trace.is_some() {
        mentions.retain(|(file, _)| classify(file, None) == Class::Test);
    }
    let frames: &[Frame] = symptom.trace.as_ref().map_or(&[], |trace| &trace.frames);
    let language = symptom.trace.as_ref().map(|trace| trace.language);
    let frames = frames.get(..FRAMES.min(frames.len())).unwrap_or_default();
    let outer = outer::stacks(symptom);
    let outer = || outer.iter().map(|stack| stack.get(..FRAMES.min(stack.len())).unwrap_or_default());
    let all = frames.iter().chain(outer().flatten());
    let named: Vec<String> = all.filter_map(|frame| path_of(frame, language)).collect();
    let component = symptom.component.as_deref().and_then(module_path);
    let wanted =
        named.iter().chain(mentions.iter().map(|(file, _)| file)).map(String::as_str).chain(component.as_deref());
    let changed: HashSet<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    let mut paths = Paths::new(&change.paths, &changed, wanted);
    paths.learn_root(named.iter().map(String::as_str));

    let mut located = Located { is_given: frames.first().is_some_and(is_given), ..Located::default() };
    for frame in frames {
        add_frame(&mut located, frame, language, &paths, change);
    }
    for (wrapper, stack) in (1_u32..).zip(outer()) {
        let n_known = located.places.len();
        stack.iter().for_each(|frame| add_frame(&mut located, frame, language, &paths, change));
        // The place that raised the wrapper is as near to the failure as the wrapper is to the root.
        for (step, place) in (wrapper..).zip(located.places.iter_mut().skip(n_known)) {
            place.depth = place.depth.min(step);
        }
    }
    for (file, line) in mentions {
        if located.places.len() < FRAMES
            && let Some(found) = paths.find(&file, |_| false)
        {
            let line = if found.is_source { Some(line) } else { None };
            add(&mut located, place(found.path, line, String::new(), None, found.certainty, By::Mention), change);
        }
    }
    for test in titled::titled(symptom, change) {
        // A report that says where a test is need not be guessed at.
        if test.is_suite && located.places.iter().any(|place| place.is_test) {
            continue;
        }
        if let Some((path, line)) = test.place(change) {
            let is_known = |place: &Place| place.path == path;
            if located.places.len() < FRAMES && !located.places.iter().any(is_known) {
                add(&mut located, place(path, Some(line), test.function.clone(), None, 1.0, By::Mention), change);
            }
        }
    }
    if let Some(found) = component.and_then(|file| paths.find(&file, |_| false)) {
        add(&mut located, place(found.path, None, String::new(), None, found.certainty * 0.8, By::Component), change);
    }
    located
}

/// The files that may hold the tests that the symptom names without a file.
#[must_use]
pub fn test_files(symptom: &Symptom, change: &Change) -> Vec<String> {
    let mut paths: Vec<String> = titled::titled(symptom, change).into_iter().flat_map(|test| test.paths).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn add_frame(located: &mut Located, frame: &Frame, language: Option<Language>, paths: &Paths<'_>, change: &Change) {
    let function = simple_name(&frame.function, frame.module.as_deref()).unwrap_or_default();
    let holds =
        |path: &str| !function.is_empty() && change.text_at_head(path).is_some_and(|text| holds_word(text, &function));
    let found = path_of(frame, language)
        .and_then(|file| paths.find(&file, holds))
        .filter(|found| own::is_meant(frame, language, found.path, change));
    match found {
        Some(found) => {
            let line = frame.line.filter(|_| found.is_source);
            add(located, place(found.path, line, function, frame.source.clone(), found.certainty, By::Frame), change);
        }
        None => {
            if let Some(package) = owner(frame, language) {
                let is_innermost = located.places.is_empty();
                if !located.packages.iter().any(|(known, _)| *known == package) {
                    located.packages.push((package, is_innermost));
                }
            }
        }
    }
}

/// Whether a frame is of code that the program was given as text; methods that a library writes so are not.
fn is_given(frame: &Frame) -> bool {
    let file = frame.file.as_deref().unwrap_or_default();
    let is_text = ["<string>", "<stdin>", "<input>", "(eval)", "<eval>", "evalmachine.<anonymous>"].contains(&file)
        || file.starts_with("(eval at ");
    is_text && !frame.function.starts_with("__")
}

fn place(path: &str, line: Option<u32>, function: String, source: Option<String>, certainty: f64, by: By) -> Place {
    let is_test = classify(path, None) == Class::Test;
    Place { path: path.to_owned(), line, function, source, depth: 0, certainty, is_test, is_old_code: false, by }
}

/// Checks a place against the file and adds it, unless the same line was named before.
fn add(located: &mut Located, mut place: Place, change: &Change) {
    if let Some(text) = change.text_at_head(&place.path) {
        verify(&mut place, text, change);
    }
    let is_known = located
        .places
        .iter()
        .any(|known| known.path == place.path && (known.line == place.line || place.by == By::Component));
    if !is_known {
        place.depth = u32::try_from(located.places.len()).unwrap_or(u32::MAX);
        located.places.push(place);
    }
}

/// Takes from a place what the file at head does not bear out, and follows lines that moved.
fn verify(place: &mut Place, text: &str, change: &Change) {
    let n_lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    if !place.function.is_empty() && !holds_word(text, &place.function) {
        place.certainty *= 0.5;
        place.line = None;
    }
    if place.line.is_some_and(|line| line == 0 || line > n_lines) {
        place.certainty *= 0.5;
        place.line = None;
    }
    let (Some(line), Some(source)) = (place.line, place.source.as_deref()) else { return };
    let wanted = source.lines().next().unwrap_or_default().trim();
    if wanted.is_empty() || text.lines().nth(line as usize - 1).is_some_and(|found| found.trim() == wanted) {
        return;
    }
    let lines = (1_u32..).zip(text.lines()).filter(|(_, found)| found.trim() == wanted);
    let nearest = lines.map(|(number, _)| number).min_by_key(|number| number.abs_diff(line));
    let base = change.files.iter().find(|file| file.path == place.path).and_then(|file| file.base_text.as_deref());
    match nearest {
        Some(number) => place.line = Some(number),
        None => {
            place.is_old_code = base.is_some_and(|base| base.lines().any(|found| found.trim() == wanted));
            place.certainty *= 0.6;
        }
    }
}

fn holds_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    memchr::memmem::find_iter(text.as_bytes(), word.as_bytes()).any(|at| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The path of a frame's file as far as the frame tells: for Java and .NET from the class.
fn path_of(frame: &Frame, language: Option<Language>) -> Option<String> {
    let module = frame.module.as_deref().unwrap_or_default();
    match (&frame.file, language) {
        (Some(file), Some(Language::Java)) if !file.contains(['/', '\\']) => {
            let module = module.rsplit('/').next().unwrap_or(module);
            let package = module.rsplit_once('.').map_or("", |(package, _)| package);
            Some(if package.is_empty() { file.clone() } else { format!("{}/{file}", package.replace('.', "/")) })
        }
        (Some(file), _) => Some(file.clone()),
        (None, Some(Language::DotNet)) => {
            let class = module.split(['+', '`', '<']).next().unwrap_or(module);
            (!class.is_empty()).then(|| format!("{}.cs", class.replace('.', "/")))
        }
        (None, _) => None,
    }
}

fn is_dotnet_runtime(class: &str) -> bool {
    ["System.", "Microsoft.", "Newtonsoft."].iter().any(|start| class.starts_with(start))
}

/// The path that a dotted logger name may stand for; without extension.
fn module_path(component: &str) -> Option<String> {
    let component = component.trim();
    let is_name = |part: &str| part.len() > 1 && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if component.contains('/') {
        return Some(component.to_owned());
    }
    let parts: Vec<&str> = component.split(['.', ':']).filter(|part| !part.is_empty()).collect();
    (parts.len() > 1 && parts.iter().all(|part| is_name(part))).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests;
