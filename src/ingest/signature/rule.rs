//! Why a part of a message counts as a value.

/// The rule that masked something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A word with a digit, or an e-mail address.
    Digit,
    /// A path of a file system.
    Path,
    /// An address with a scheme or a drive: `https://...`, `arn:...`, `C:\...`.
    Address,
    /// A name with dots: a host, a class, a property.
    Dotted,
    /// A random string.
    Random,
    /// What was masked before it was logged.
    Masked,
    /// Text in quotation marks.
    Quoted,
    /// What follows an equals sign.
    Assigned,
    /// A name behind a word such as "user".
    Named,
    /// What colons hold together: a time, a host with a port, an address.
    Joined,
    /// A bound: `<5`.
    Bound,
    /// A date in words.
    Date,
    /// A number with its unit.
    Quantity,
    /// A list of values.
    List,
}

impl Rule {
    /// What it masks, in words for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Digit => "word with a digit",
            Self::Path => "path",
            Self::Address => "address",
            Self::Dotted => "name with dots",
            Self::Random => "random string",
            Self::Masked => "masked before",
            Self::Quoted => "quoted text",
            Self::Assigned => "value after =",
            Self::Named => "name after a cue word",
            Self::Joined => "parts joined by colons",
            Self::Bound => "bound",
            Self::Date => "date",
            Self::Quantity => "number with a unit",
            Self::List => "list",
        }
    }
}
