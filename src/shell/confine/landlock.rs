//! Landlock: a process gives up rights for itself and all that it starts.

#[cfg(target_os = "linux")]
pub(super) use linux::{closes_tcp, enter, is_here};
#[cfg(not(target_os = "linux"))]
pub(super) use other::{closes_tcp, enter, is_here};

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::LazyLock;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
    };

    /// The version whose rights to write are asked for; a kernel with fewer is asked for those that it has.
    const WANTED: ABI = ABI::V5;

    /// Devices that every program may write to, and the memory that processes of a test share.
    const DEVICES: [&str; 9] = [
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
        "/dev/tty",
        "/dev/ptmx",
        "/dev/pts",
        "/dev/shm",
    ];

    /// Whether the kernel has it, and it covers what counts: version 3 brought truncating, without which files of others
    /// can be emptied.
    static HERE: LazyLock<(bool, bool)> = LazyLock::new(|| {
        let is_known = |abi: ABI| {
            let asked = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
            asked.handle_access(AccessFs::from_write(abi)).and_then(Ruleset::create).is_ok()
        };
        let asked = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let tcp = asked.handle_access(AccessNet::from_all(ABI::V4)).and_then(Ruleset::create).is_ok();
        (is_known(ABI::V3), tcp)
    });

    pub(in crate::shell::confine) fn is_here() -> bool {
        HERE.0
    }

    pub(in crate::shell::confine) fn closes_tcp() -> bool {
        HERE.0 && HERE.1
    }

    /// Gives up writing but to these, reading files but these, where any are named, and TCP.
    pub(in crate::shell::confine) fn enter(
        writable: &[&Path],
        readable: Option<&[PathBuf]>,
        closes_tcp: bool,
    ) -> io::Result<()> {
        let refused = |error: RulesetError| io::Error::other(format!("the kernel refuses to confine it: {error}"));
        let status =
            ruleset(writable, readable, closes_tcp).and_then(RulesetCreated::restrict_self).map_err(refused)?;
        if status.ruleset == landlock::RulesetStatus::NotEnforced {
            return Err(io::Error::other("the kernel does not confine it"));
        }
        Ok(())
    }

    fn ruleset(
        writable: &[&Path],
        readable: Option<&[PathBuf]>,
        closes_tcp: bool,
    ) -> Result<RulesetCreated, RulesetError> {
        let writes = AccessFs::from_write(WANTED);
        let mut asked = Ruleset::default().handle_access(writes)?;
        if readable.is_some() {
            asked = asked.handle_access(AccessFs::ReadFile)?;
        }
        if closes_tcp {
            asked = asked.handle_access(AccessNet::from_all(ABI::V4))?;
        }
        // Other processes are not its to end, and what listens beside the file system is not its to speak with.
        asked = asked.scope(Scope::from_all(ABI::V6))?;
        let mut made = asked.create()?;
        let devices = DEVICES.iter().map(Path::new);
        for path in devices.chain(writable.iter().copied()) {
            // What is not there cannot be written to.
            let Ok(file) = PathFd::new(path) else { continue };
            let mut access = if path.is_dir() { writes } else { writes & AccessFs::from_file(WANTED) };
            if readable.is_some() {
                access |= AccessFs::ReadFile;
            }
            made = made.add_rule(PathBeneath::new(file, access))?;
        }
        for path in readable.unwrap_or_default() {
            let Ok(file) = PathFd::new(path) else { continue };
            made = made.add_rule(PathBeneath::new(file, AccessFs::ReadFile))?;
        }
        Ok(made)
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::io;
    use std::path::{Path, PathBuf};

    pub(in crate::shell::confine) fn is_here() -> bool {
        false
    }

    pub(in crate::shell::confine) fn closes_tcp() -> bool {
        false
    }

    pub(in crate::shell::confine) fn enter(_: &[&Path], _: Option<&[PathBuf]>, _: bool) -> io::Result<()> {
        Ok(())
    }
}
