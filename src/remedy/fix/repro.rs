//! The user's command that shows the error, and a person's leave to run it.
//!
//! Nothing runs it without an [`Allowed`], and nothing but [`allow`] makes one, from the digest of the
//! arguments that were on the screen.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::ingest::sanitize::visible;
use crate::remedy::Person;
use crate::units::Digest;

/// A command that fails as deployed and passes without the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repro {
    /// Program and arguments; never a shell line.
    pub argv: Vec<String>,
    /// How long one run may take.
    pub limit: Duration,
}

/// A command that a person let run, argument by argument as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    repro: Repro,
    by: Person,
}

impl Repro {
    /// The digest of the arguments and the limit.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        hash.update(b"aftercare.repro.v1");
        for argument in &self.argv {
            hash.update((argument.len() as u64).to_be_bytes());
            hash.update(argument.as_bytes());
        }
        hash.update(self.limit.as_secs().to_be_bytes());
        Digest::from_bytes(hash.finalize().into())
    }

    /// Whether it names a program and can be shown as it is: what cannot be was not seen as it is.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        let is_plain = self.argv.iter().all(|argument| visible(argument, false) == *argument);
        is_plain && self.argv.first().is_some_and(|program| !program.trim().is_empty())
    }
}

impl Allowed {
    /// What may be run.
    #[must_use]
    pub fn repro(&self) -> &Repro {
        &self.repro
    }

    /// Who let it run.
    #[must_use]
    pub fn by(&self) -> &Person {
        &self.by
    }
}

/// Lets a command run; `None` when it is not the one that was shown, names no program, holds a character
/// that cannot be shown, or nobody is named.
#[must_use]
pub fn allow(repro: Repro, shown: Digest, by: Person) -> Option<Allowed> {
    let is_named = !by.name.trim().is_empty();
    (repro.digest() == shown && repro.is_fit() && is_named).then_some(Allowed { repro, by })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repro(argv: &[&str]) -> Repro {
        let argv = argv.iter().map(|argument| (*argument).to_owned()).collect();
        Repro { argv, limit: Duration::from_secs(60) }
    }

    fn ada() -> Person {
        Person { name: "Ada".to_owned(), email: String::new() }
    }

    #[test]
    fn only_what_was_shown_may_run_and_somebody_must_have_let_it() {
        let shown = repro(&["make", "test"]).digest();
        assert!(allow(repro(&["make", "test"]), shown, ada()).is_some());
        for other in [&["make", "test "][..], &["make", "te", "st"], &["maket", "est"], &["make"], &[]] {
            assert_eq!(allow(repro(other), shown, ada()), None, "{other:?}");
        }
        assert_eq!(allow(repro(&["make", "test"]), shown, Person::nobody()), None);
        for unfit in [" ", "rm\u{1b}[8m -rf /", "a\nb", "a\u{202e}b"] {
            let unfit = repro(&[unfit]);
            assert_eq!(allow(unfit.clone(), unfit.digest(), ada()), None, "{unfit:?}");
        }
    }
}
