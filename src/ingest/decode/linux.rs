//! Reads what Linux itself writes: the lines of its kernel, and its audit log.
//!
//! Input: a line. Output: a [`Record`]. Pure. Each reader declines at the first thing that its form would not write.

use super::{Context, Header, Record, clean, plain, time};
use crate::ingest::trace::place::is_number;

/// How many digits the kernel writes of a second.
const MICROS: usize = 6;

/// A line of the Linux kernel.
pub(super) fn kernel(text: &str) -> Option<Record> {
    let n = uptime(text)?;
    let (stamp, rest) = text.split_at_checked(n)?;
    let body = rest.trim_start_matches([' ', '\t']);
    let mut record = Record::plain(body.trim_end());
    record.level = plain::implied(body);
    record.header = Header::Carrier;
    record.indent = rest.len() - body.len();
    record.field("uptime", stamp.split(']').next().unwrap_or_default().trim_start_matches(['[', ' ']));
    Some(record)
}

/// `[12345.678901] `, the time since the start that the Linux kernel puts in front of its lines, perhaps with who called it
/// behind it: its length.
fn uptime(text: &str) -> Option<usize> {
    text.as_bytes().get(1).filter(|first| first.is_ascii_digit() || **first == b' ')?;
    let end = memchr::memchr(b']', text.as_bytes().get(..text.len().min(32))?)?;
    // Six digits stand behind the point.
    end.checked_sub(MICROS + 1).and_then(|point| text.as_bytes().get(point)).filter(|point| **point == b'.')?;
    let inside = text.get(1..end)?;
    let (seconds, micros) = inside.trim_start_matches(' ').split_once('.')?;
    if !is_number(seconds) || !is_number(micros) || micros.len() != MICROS {
        return None;
    }
    let n = inside.len() + 2;
    let behind = text.get(n..)?;
    let caller = clean::cut(behind, 16).strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_caller = |(inside, _): &(&str, &str)| {
        let inside = inside.trim_start_matches(' ');
        inside.strip_prefix(['T', 'C']).is_some_and(is_number)
    };
    let n = n + caller.filter(is_caller).map_or(0, |(inside, _)| inside.len() + 2);
    text.get(n..)?.starts_with(' ').then_some(n + 1)
}

/// `type=AVC msg=audit(1795774323.123:8841): message`: the audit log of Linux. The kind of the record and what it says are
/// the message.
pub(super) fn audit(text: &str, context: &Context) -> Option<Record> {
    let text_behind_node = match text.strip_prefix("node=") {
        Some(rest) => rest.split_once(' ')?.1,
        None => text,
    };
    let (kind, rest) = text_behind_node.strip_prefix("type=")?.split_once(" msg=audit(")?;
    let (stamp, message) = rest.split_once("):")?;
    let (seconds, serial) = stamp.rsplit_once(':')?;
    let mut record = Record::plain(&format!("{kind} {}", message.trim()));
    record.time = Some(time::whole(seconds, context)?);
    record.header = Header::Own;
    record.component = Some("audit".to_owned());
    record.field("serial", serial);
    Some(record)
}
