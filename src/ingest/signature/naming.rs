//! Gives a template its stable name.
//!
//! Input: a template, and whether it is of a message or of a trace. Output: the first half of a SHA-256, because whoever
//! writes the log could otherwise make two errors share a name.

use std::sync::LazyLock;

use sha2::block_api::compress256;

use crate::units::SignatureId;

/// Keeps the name of a message apart from that of a trace with the same template.
#[derive(Clone, Copy)]
pub enum Kind {
    /// It is of a message.
    Message,
    /// It is of a stack trace.
    Trace,
}

/// Bytes that the hash takes at a time.
const BLOCK: usize = 64;

/// What comes before a template when it is named; the version of the rules is in it. A whole block of the hash, so that
/// it is hashed once.
const MESSAGE: &[u8; BLOCK] = b"aftercare signature s6 message                                 \n";
const TRACE: &[u8; BLOCK] = b"aftercare signature s6 trace                                   \n";

/// How the hash begins, see FIPS 180-4, 5.3.3.
const BEGINNING: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Names a template.
pub fn name(kind: Kind, template: &str) -> SignatureId {
    static BEGUN: LazyLock<[[u32; 8]; 2]> = LazyLock::new(|| {
        [MESSAGE, TRACE].map(|block| {
            let mut state = BEGINNING;
            compress256(&mut state, &[*block]);
            state
        })
    });
    let [message, trace] = *BEGUN;
    let mut state = match kind {
        Kind::Message => message,
        Kind::Trace => trace,
    };
    // Most templates fit into the blocks that are padded.
    let n_whole = (template.len() + AROUND).saturating_sub(BLOCK) / BLOCK;
    let (whole, rest) = template.as_bytes().split_at_checked(n_whole * BLOCK).unwrap_or_default();
    if !whole.is_empty() {
        compress256(&mut state, whole.as_chunks().0);
    }
    finish(&mut state, rest, BLOCK + template.len());
    let mut bytes = [0; 16];
    let (words, _) = bytes.as_chunks_mut::<4>();
    words.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
    SignatureId::from_bytes(bytes)
}

/// Bytes of what pads a text at least: a bit, and how many bits there are.
const AROUND: usize = 9;

/// Hashes the last bytes, with what pads them: a bit, zeros, and in the last eight bytes how many bits there are.
fn finish(state: &mut [u32; 8], rest: &[u8], n_bytes: usize) {
    let mut blocks = [[0; BLOCK]; 2];
    let padded = blocks.as_flattened_mut();
    if let Some((front, [bit, ..])) = padded.split_at_mut_checked(rest.len()) {
        front.copy_from_slice(rest);
        *bit = 0x80;
    }
    let n_blocks = (rest.len() + AROUND).div_ceil(BLOCK);
    if let Some(length) = padded.get_mut(..n_blocks * BLOCK).and_then(<[u8]>::last_chunk_mut) {
        *length = (n_bytes as u64 * 8).to_be_bytes();
    }
    compress256(state, blocks.get(..n_blocks).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn names_are_what_the_hash_says_of_any_length() {
        let text = "a template of many words and <*> ".repeat(9);
        for length in 0..text.len() {
            for (kind, before) in [(Kind::Message, MESSAGE), (Kind::Trace, TRACE)] {
                let digest = Sha256::new_with_prefix(before).chain_update(&text[..length]).finalize();
                assert_eq!(name(kind, &text[..length]).bytes(), digest[..16], "{length}");
            }
        }
    }
}
