//! How commands that run on a draft are kept from the network and from the user's files.
//!
//! Input: what the settings ask for. Output: what stands, in words for people and as JSON.
//!
//! Pure. `shell::confine` finds out what the system can do and puts the walls up; a wall that cannot be put up is said to
//! be missing, with the reason.

use std::path::PathBuf;

use serde::Serialize;

/// What commands on a draft may do besides working on their checkout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Whether they may use the network.
    pub network: bool,
    /// Folders and files that they may write to.
    pub writable: Vec<PathBuf>,
    /// Places of keys that they may read.
    pub readable: Vec<PathBuf>,
}

/// One wall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "detail", rename_all = "snake_case")]
pub enum Wall {
    /// It stands: by what means.
    Closed(String),
    /// Part of it stands: which, and why not all.
    Partly(String),
    /// It is open: why.
    Open(String),
}

/// The walls around a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Walls {
    /// Between it and the network.
    pub network: Wall,
    /// Between it and files that are not its own.
    pub writes: Wall,
    /// Between it and the files below the user's home that usually hold keys.
    pub keys: Wall,
    /// Between it and sockets in the file system, behind which services act for whoever speaks to them.
    pub sockets: Wall,
}

impl Walls {
    /// None at all, for a reason.
    #[must_use]
    pub fn none(why: &str) -> Self {
        let open = || Wall::Open(why.to_owned());
        Self { network: open(), writes: open(), keys: open(), sockets: open() }
    }

    /// Whether any wall is missing or has a hole.
    #[must_use]
    pub fn is_wanting(&self) -> bool {
        ![&self.network, &self.writes, &self.keys, &self.sockets].iter().all(|wall| matches!(wall, Wall::Closed(_)))
    }

    /// What is in force, as a sentence without its end.
    #[must_use]
    pub fn words(&self) -> String {
        if let (Wall::Open(network), Wall::Open(writes), Wall::Open(_)) = (&self.network, &self.writes, &self.keys) {
            let why = if network == writes { network.clone() } else { format!("{network}; {writes}") };
            return format!("not confined: {why}");
        }
        let network = match &self.network {
            Wall::Closed(how) => format!("network closed ({how})"),
            Wall::Partly(what) => format!("network partly closed ({what})"),
            Wall::Open(why) => format!("network open: {why}"),
        };
        let writes = match &self.writes {
            Wall::Closed(what) => format!("writes only in {what}"),
            Wall::Partly(what) => format!("writes partly confined ({what})"),
            Wall::Open(why) => format!("writes anywhere: {why}"),
        };
        let keys = match &self.keys {
            Wall::Closed(places) => format!("keys hidden ({places})"),
            Wall::Partly(what) => format!("keys partly hidden ({what})"),
            Wall::Open(why) => format!("keys in reach: {why}"),
        };
        let sockets = match &self.sockets {
            Wall::Closed(what) => what.clone(),
            Wall::Partly(names) | Wall::Open(names) => format!("sockets in reach: {names}"),
        };
        format!("{network}; {writes}; {keys}; {sockets}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_stand_is_said() {
        let keys = || Wall::Closed("at home".to_owned());
        let walls = |network: Wall, writes: Wall| Walls {
            network,
            writes,
            keys: keys(),
            sockets: Wall::Open("Docker".to_owned()),
        };
        let (closed, open) = (|text: &str| Wall::Closed(text.to_owned()), |text: &str| Wall::Open(text.to_owned()));
        let all = walls(closed("a namespace of its own"), closed("its checkout"));
        assert_eq!(
            all.words(),
            "network closed (a namespace of its own); writes only in its checkout; keys hidden (at home); sockets in reach: Docker"
        );
        assert!(all.is_wanting(), "a service that acts for it is a way out");
        assert!(!Walls { sockets: closed("no socket in reach"), ..all }.is_wanting());
        let half = walls(open("fix.network opens it"), closed("its checkout"));
        assert_eq!(
            half.words(),
            "network open: fix.network opens it; writes only in its checkout; keys hidden (at home); sockets in reach: Docker"
        );
        assert!(half.is_wanting());
        assert_eq!(Walls::none("this is no Linux").words(), "not confined: this is no Linux");
        let json = serde_json::to_value(&half).unwrap();
        assert_eq!(json["network"]["state"], "open");
        assert_eq!(json["writes"]["detail"], "its checkout");
    }
}
