//! Says what kind of file each path is.
//!
//! Input: a path and, where there is one, the text. Output: a [`Class`], and whether a change of
//! such a file can change what runs.
//!
//! Pure. Looks at one file alone; whether a hunk of it matters is `trivial`'s question.

mod rules;

use serde::{Deserialize, Serialize};

use super::{FileChange, trivial};

/// What a changed file is to the running service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Code that runs.
    Runtime,
    /// Tests and their data.
    Test,
    /// Documentation.
    Docs,
    /// Settings that the service reads.
    Config,
    /// Build, packaging, CI and dependency manifests.
    Build,
    /// A change of a database's schema or data.
    Migration,
    /// An interface that others rely on: OpenAPI, protobuf, GraphQL, Avro, JSON schema.
    ApiContract,
    /// Written by a program.
    Generated,
    /// Somebody else's code, copied in.
    Vendored,
}

impl Class {
    /// How the class is called on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Test => "test",
            Self::Docs => "docs",
            Self::Config => "config",
            Self::Build => "build",
            Self::Migration => "migration",
            Self::ApiContract => "API contract",
            Self::Generated => "generated",
            Self::Vendored => "vendored",
        }
    }
}

/// Returns the class of a file by its path and, where the path does not tell, its text.
#[must_use]
pub fn classify(path: &str, text: Option<&str>) -> Class {
    let path = path.replace('\\', "/");
    rules::by_path(&path, text).unwrap_or(Class::Runtime)
}

/// Whether a change of this file can change what runs in production.
///
/// Tests and documentation cannot; of the build, only what ends up in the artifact can: dependency
/// manifests and locks (but for those of developers' own tools), images, compilers' and bundlers' settings.
#[must_use]
pub fn reaches_production(path: &str, class: Class) -> bool {
    match class {
        Class::Test | Class::Docs => false,
        Class::Build => (rules::is_manifest(path) && !rules::is_for_developers(path)) || rules::shapes_artifact(path),
        Class::Runtime | Class::Config | Class::Migration | Class::ApiContract => true,
        Class::Generated | Class::Vendored => true,
    }
}

/// Whether the path is that of a dependency manifest or lock file.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    rules::is_manifest(path)
}

/// Whether the file differs in more than comments and white space, and reaches production.
#[must_use]
pub fn is_runtime_change(file: &FileChange) -> bool {
    reaches_production(&file.path, file.class) && (file.hunks.is_empty() || trivial::hunks(file).contains(&false))
}

#[cfg(test)]
mod tests;
