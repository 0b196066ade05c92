//! Finds what ties an event to the other events of one piece of work: a request, a job, an order.
//!
//! Input: an [`Event`]. Output: a [`CorrelationKey`], or nothing. The best named id of the event counts:
//! in a field, as `name=value` in the message, as a noun of work followed by an id (`job 8841`), or a
//! UUID without a name. Ids of what lasts longer than a piece of work (users, hosts, sessions) do not.
//!
//! Pure, and without allocation. Keeps no id: a key is a hash, good for comparing within one run.

use super::Event;

/// Names one piece of work within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationKey(pub u64);

/// Names of work, by how well an id of them tells one piece from others; the later name of a pair is short
/// for the first.
const WORK: [(&str, &[&str]); 18] = [
    ("request", &["req", "rid"]),
    ("correlation", &[]),
    ("trace", &[]),
    ("task", &[]),
    ("job", &[]),
    ("run", &[]),
    ("execution", &["exec"]),
    ("transaction", &["txn", "tx"]),
    ("workflow", &[]),
    ("invocation", &[]),
    ("operation", &["op"]),
    ("message", &["msg"]),
    ("order", &[]),
    ("batch", &[]),
    ("payment", &[]),
    ("import", &[]),
    ("export", &[]),
    ("delivery", &[]),
];

/// What has an id and is no piece of work.
const NO_WORK: [&str; 26] = [
    "user",
    "account",
    "customer",
    "tenant",
    "session",
    "client",
    "device",
    "thread",
    "process",
    "host",
    "node",
    "pod",
    "container",
    "org",
    "organization",
    "project",
    "span",
    "parent",
    "worker",
    "instance",
    "product",
    "group",
    "consumer",
    "service",
    "p",
    "t",
];

/// Bytes of the longest of these names.
const LONGEST_NAME: usize = 11;

/// How good an id without a name is, and one with a name that is not in the table.
const UNNAMED: usize = WORK.len();
const OTHER_NAME: usize = WORK.len() + 1;

/// Bytes of a message that are looked through, and the longest id.
const LOOKED_THROUGH: usize = 400;
const LONGEST: usize = 128;

/// An id at least this long is the same whatever it is called.
const SPEAKS_FOR_ITSELF: usize = 16;

/// The best key of an event; of equally good ones, the first.
#[must_use]
pub fn correlation(event: &Event) -> Option<CorrelationKey> {
    let mut best = Best::default();
    for (name, value) in &event.fields {
        let (name, value) = (name.as_bytes(), value.as_bytes());
        let name = name.rsplit(|byte| *byte == b'.').next().unwrap_or(name);
        if is_id(value) {
            best.offer(name, value);
        }
    }
    look_through(event.message.as_bytes(), &mut best);
    best.0.map(|(_, key)| key)
}

#[derive(Default)]
struct Best(Option<(usize, CorrelationKey)>);

impl Best {
    fn offer(&mut self, name: &[u8], value: &[u8]) {
        if let Some((rank, name)) = rank_of(name) {
            self.take(rank, name, value);
        }
    }

    fn take(&mut self, rank: usize, name: &[u8], value: &[u8]) {
        if self.0.is_none_or(|(best, _)| rank < best) {
            self.0 = Some((rank, key_of(name, value)));
        }
    }
}

fn look_through(message: &[u8], best: &mut Best) {
    let message = message.get(..LOOKED_THROUGH).unwrap_or(message);
    let mut name: &[u8] = &[];
    each_word(message, |Word { text, may_be_id, ends }| {
        if text.is_empty() || (text.eq_ignore_ascii_case(b"id") && !name.is_empty()) {
            return;
        }
        if may_be_id {
            if is_uuid(text) {
                best.take(UNNAMED, &[], text);
            }
            best.offer(name, text);
        }
        name = if ends { &[] } else { text };
    });
}

/// A word of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word<'m> {
    /// Without the comma, the semicolon or the full stop at its end.
    text: &'m [u8],
    /// Whether it [is an id](is_id).
    may_be_id: bool,
    /// Whether there was such a mark, which ends what a name may belong to.
    ends: bool,
}

/// Cuts a message into words, in one pass.
fn each_word<'m>(message: &'m [u8], mut tell: impl FnMut(Word<'m>)) {
    let mut from = 0;
    // What the bytes of the word are, without and with the last.
    let (mut before, mut seen) = (0, 0);
    for (at, byte) in message.iter().chain(b" ").enumerate() {
        let class = CLASSES[usize::from(*byte)];
        if class & BETWEEN == 0 {
            before = seen;
            seen |= class;
            continue;
        }
        if at > from {
            let word = message.get(from..at).unwrap_or_default();
            let ended = word.split_last().filter(|(last, _)| matches!(last, b',' | b';' | b'.'));
            let (text, seen) = ended.map_or((word, seen), |(_, text)| (text, before));
            let may_be_id = seen == DIGIT && text.len() <= LONGEST;
            tell(Word { text, may_be_id, ends: ended.is_some() });
        }
        from = at + 1;
        (before, seen) = (0, 0);
    }
}

/// The byte stands between a name and its id, or between words.
const BETWEEN: u8 = 1;
/// It is a digit.
const DIGIT: u8 = 2;
/// No id has it.
const UNFIT: u8 = 4;

/// What each byte is.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'/' | b'.' => 0,
            _ => UNFIT,
        };
        byte += 1;
    }
    let between = b" \t\r\n=:#\"'()[]{}<>";
    let mut at = 0;
    while at < between.len() {
        classes[between[at] as usize] = BETWEEN;
        at += 1;
    }
    classes
};

/// Whether a word may be an id: it has a digit, and nothing that ids do not have.
fn is_id(word: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'/' | b'.');
    word.len() <= LONGEST && word.iter().any(u8::is_ascii_digit) && word.iter().all(fits)
}

fn is_uuid(word: &[u8]) -> bool {
    let is_place = |(place, byte): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    word.len() == 36 && word.iter().enumerate().all(is_place)
}

/// How good an id of this name is, the smaller the better, and the name without `_id`.
fn rank_of(name: &[u8]) -> Option<(usize, &[u8])> {
    let (stem, says_id) = match name.len().checked_sub(2).and_then(|at| name.split_at_checked(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(b"id") && !stem.is_empty() => (stem, true),
        Some(_) | None => (name, false),
    };
    let stem = stem.strip_suffix(b"_").or_else(|| stem.strip_suffix(b"-")).unwrap_or(stem);
    let stem = stem.strip_prefix(b"x-").or_else(|| stem.strip_prefix(b"X-")).unwrap_or(stem);
    let is = |word: &&str| stem.eq_ignore_ascii_case(word.as_bytes());
    if !says_id && !(2..=LONGEST_NAME).contains(&stem.len()) {
        return None;
    }
    if let Some(rank) = BY_LENGTH.get(stem.len()).and_then(|of_length| rank_among(*of_length, stem)) {
        return WORK.get(rank).map(|(word, _)| (rank, word.as_bytes()));
    }
    // `paid` and `grid` end like a name of an id: only what is set off from the ending is one.
    let is_set_off = name.len() > stem.len() + 2 || name.ends_with(b"Id");
    (says_id && is_set_off && !NO_WORK.iter().any(is)).then_some((OTHER_NAME, stem))
}

/// For each length of a name, a bit for each of [`WORK`] that has a name of that length.
const BY_LENGTH: [u32; LONGEST_NAME + 1] = {
    let mut by_length = [0; LONGEST_NAME + 1];
    let mut rank = 0;
    while rank < WORK.len() {
        let (word, short) = WORK[rank];
        by_length[word.len()] |= 1 << rank;
        let mut at = 0;
        while at < short.len() {
            by_length[short[at].len()] |= 1 << rank;
            at += 1;
        }
        rank += 1;
    }
    by_length
};

/// The first of these of [`WORK`], a bit for each, that goes by this name.
fn rank_among(mut ranks: u32, name: &[u8]) -> Option<usize> {
    while ranks != 0 {
        let rank = ranks.trailing_zeros() as usize;
        let (word, short) = WORK.get(rank)?;
        let is = |word: &&str| name.eq_ignore_ascii_case(word.as_bytes());
        if is(word) || short.iter().any(is) {
            return Some(rank);
        }
        ranks &= ranks - 1;
    }
    None
}

/// FNV-1a over the name, where the id does not speak for itself, and the id; both in lower case.
fn key_of(name: &[u8], value: &[u8]) -> CorrelationKey {
    let name = if value.len() >= SPEAKS_FOR_ITSELF { &[] } else { name };
    let bytes = name.iter().chain(b"=").chain(value).map(u8::to_ascii_lowercase);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    CorrelationKey(bytes.fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests;
