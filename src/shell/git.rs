//! Reads and writes git repositories through libgit2; blocking, so never on the UI thread.

pub mod error;
pub mod read;
pub mod revert;

pub use error::GitError;
