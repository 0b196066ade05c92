//! Finds the failed tests that a report names by class and method, without a file or a line.

use crate::triage::classify::classify;
use crate::triage::diagnostics::{self, failed_package};
use crate::triage::{Change, Class, Symptom};

/// The most tests that are looked for, and test files of a package that are searched.
const TESTS: usize = 6;
const FILES: usize = 10;
/// The shortest name of a suite that is taken for a file's, and how the files of such suites end.
const SUITE_BYTES: usize = 4;
const SCRIPTS: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "coffee"];

/// A failed test, known by its name: the files that may hold it, likeliest first, and its function.
pub(super) struct Titled {
    pub(super) paths: Vec<String>,
    pub(super) function: String,
    /// The class around it, where it may have the function from a parent.
    class: Option<String>,
    /// Whether only its suite is known, by a name that may be another thing's.
    pub(super) is_suite: bool,
}

/// The tests that the report names.
pub(super) fn titled(symptom: &Symptom, change: &Change) -> Vec<Titled> {
    let mut all: Vec<Titled> = Vec::new();
    let failed = diagnostics::read(&symptom.text);
    let packages: Vec<&str> = symptom.text.lines().filter_map(failed_package).collect();
    for test in failed.iter().filter_map(|failed| failed.test.as_deref()) {
        let found =
            of_class(test, change).or_else(|| of_package(test, &packages, change)).or_else(|| of_suite(test, change));
        if let Some(found) = found.filter(|found| all.iter().all(|known| known.function != found.function)) {
            all.push(found);
        }
        if all.len() >= TESTS {
            break;
        }
    }
    all
}

/// `Shop\Tests\CartTest::testTotal`, `shop.CartTest.testTotal`: the file bears the class's name.
fn of_class(test: &str, change: &Change) -> Option<Titled> {
    let name = test.split([' ', '(', '[', '#']).next()?;
    let (class, function) = name.rsplit_once("::").or_else(|| name.rsplit_once('.'))?;
    let mut parts: Vec<&str> = class.split(['\\', '.', ':', '$']).filter(|part| !part.is_empty()).collect();
    let own = parts.pop()?;
    if !own.starts_with(char::is_uppercase) || function.is_empty() {
        return None;
    }
    let is_own = |path: &&String| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.split_once('.').is_some_and(|(stem, _)| stem == own) && classify(path, None) == Class::Test
    };
    // Of several files of one name, the one whose folders are the class's.
    let fit = |path: &String| {
        let folders: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        parts.iter().filter(|part| folders.contains(&part.to_lowercase())).count()
    };
    let path = change.paths.iter().filter(is_own).max_by_key(|path| (fit(path), std::cmp::Reverse(path.len())))?;
    Some(Titled {
        paths: vec![path.clone()],
        function: function.to_owned(),
        class: Some(own.to_owned()),
        is_suite: false,
    })
}

/// `TestTotal` of Go: one of the test files of the package that failed.
fn of_package(test: &str, packages: &[&str], change: &Change) -> Option<Titled> {
    let is_test = |name: &&str| ["Test", "Example", "Fuzz"].iter().any(|start| name.starts_with(start));
    let function = test.split('/').next().filter(|name| is_test(name) && !name.contains(' '))?;
    let is_own = |path: &&String| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        path.ends_with("_test.go")
            && packages.iter().any(|package| {
                if folder.is_empty() {
                    package.split('/').count() <= 4
                } else {
                    *package == folder || package.ends_with(&format!("/{folder}"))
                }
            })
    };
    let paths: Vec<String> = change.paths.iter().filter(is_own).take(FILES).cloned().collect();
    (!paths.is_empty()).then(|| Titled { paths, function: function.to_owned(), class: None, is_suite: false })
}

/// `no-eval invalid eval(a)` of Mocha, whose suites are often called as the file that they test: the one test file of
/// that name. Which of its lines failed is not told.
fn of_suite(test: &str, change: &Change) -> Option<Titled> {
    let suite = test.split(' ').next().filter(|suite| suite.len() >= SUITE_BYTES)?;
    let is_own = |path: &&String| {
        let named = path.rsplit('/').next().and_then(|file| file.split_once('.'));
        let is_script = |(stem, end): (&str, &str)| stem == suite && SCRIPTS.iter().any(|script| end.ends_with(script));
        named.is_some_and(is_script) && classify(path, None) == Class::Test
    };
    let mut own = change.paths.iter().filter(is_own);
    let path = own.next().filter(|_| own.next().is_none())?;
    Some(Titled { paths: vec![path.clone()], function: suite.to_owned(), class: None, is_suite: true })
}

impl Titled {
    /// The file that holds the test and its first line, as far as the texts are known.
    pub(super) fn place(&self, change: &Change) -> Option<(&str, u32)> {
        self.paths.iter().find_map(|path| {
            let text = change.text_at_head(path)?;
            let lines = || (1_u32..).zip(text.lines());
            let class = self.class.as_deref().map(|class| format!("class {class}"));
            let is_class = |line: &str| class.as_deref().is_some_and(|class| line.contains(class));
            let found =
                lines().find(|(_, line)| self.opens(line)).or_else(|| lines().find(|(_, line)| is_class(line)))?;
            Some((path.as_str(), found.0))
        })
    }

    fn opens(&self, line: &str) -> bool {
        line.match_indices(self.function.as_str()).any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            let after = line.get(at + self.function.len()..).unwrap_or_default();
            let is_definition =
                ["func ", "function ", "void ", "fun ", "def "].iter().any(|word| before.ends_with(word));
            let is_suite =
                ["(\"", "('", "(`"].iter().any(|open| before.ends_with(open)) && after.starts_with(['"', '\'', '`']);
            is_suite || is_definition && after.starts_with(['(', ' ', '<'])
        })
    }
}

#[cfg(test)]
mod tests;
