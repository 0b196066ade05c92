//! Reads compressed logs as streams of plain bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How the bytes of a file are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Plain,
    Gzip,
    Zstd,
    /// A compressed form that is not read.
    Unsupported(&'static str),
}

/// What each form begins with.
const MAGIC: &[(&[u8], Format)] = &[
    (b"\x1f\x8b", Format::Gzip),
    (b"\x28\xb5\x2f\xfd", Format::Zstd),
    (b"\xfd7zXZ\0", Format::Unsupported("xz")),
    (b"BZh", Format::Unsupported("bzip2")),
    (b"\x04\x22\x4d\x18", Format::Unsupported("lz4")),
    (b"PK\x03\x04", Format::Unsupported("zip")),
    (b"7z\xbc\xaf\x27\x1c", Format::Unsupported("7z")),
];

impl Format {
    /// Tells the form by the first bytes, whatever the file is called.
    pub fn of(first: &[u8]) -> Self {
        if is_skippable_frame(first) {
            return Self::Zstd;
        }
        let found = MAGIC.iter().find(|(magic, _)| first.starts_with(magic));
        found.map_or(Self::Plain, |(_, format)| *format)
    }
}

fn is_skippable_frame(first: &[u8]) -> bool {
    matches!(first, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// A compressed file being read.
pub(super) struct Archive {
    reader: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
}

impl Archive {
    /// Starts at the file's start; `None` when the form is not one that is decompressed.
    pub fn new(file: File, format: Format) -> Option<Self> {
        let consumed = Arc::new(AtomicU64::new(0));
        let source = BufReader::with_capacity(64 * 1024, Counted { file, consumed: Arc::clone(&consumed) });
        let reader: Box<dyn Read + Send> = match format {
            Format::Gzip => Box::new(Gzip { source: Some(source), member: None }),
            Format::Zstd => Box::new(Zstd { source, frame: FrameDecoder::new(), in_frame: false }),
            Format::Plain | Format::Unsupported(_) => return None,
        };
        Some(Self { reader, consumed })
    }

    /// How many compressed bytes were taken so far.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// A file that counts what was read of it.
struct Counted {
    file: File,
    consumed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.file.read(buffer)?;
        self.consumed.fetch_add(n_bytes as u64, Ordering::Relaxed);
        Ok(n_bytes)
    }
}

/// Gzip members, one behind the other; zeros behind the last are padding, as gzip itself takes them.
struct Gzip<R> {
    /// `None` while a member has it.
    source: Option<R>,
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(member) = &mut self.member {
                let n_bytes = member.read(buffer)?;
                if n_bytes > 0 {
                    return Ok(n_bytes);
                }
                self.source = self.member.take().map(GzDecoder::into_inner);
            }
            let Some(mut source) = self.source.take() else { return Ok(0) };
            let more = skip_zeros(&mut source)?;
            if !more {
                self.source = Some(source);
                return Ok(0);
            }
            self.member = Some(GzDecoder::new(source));
        }
    }
}

/// Returns whether anything else follows.
fn skip_zeros(source: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let n_zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let more = n_zeros < bytes.len();
        source.consume(n_zeros);
        if more {
            return Ok(true);
        }
    }
}

/// Zstandard frames, one behind the other, with skippable ones between them.
struct Zstd<R> {
    source: R,
    frame: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    /// Enters the next frame; returns whether there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.frame.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut (&mut self.source).take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.next_frame()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            let n_bytes = self.frame.read(buffer)?;
            if n_bytes > 0 {
                return Ok(n_bytes);
            }
            if self.frame.is_finished() {
                self.in_frame = false;
                continue;
            }
            let strategy = BlockDecodingStrategy::UptoBlocks(1);
            self.frame.decode_blocks(&mut self.source, strategy).map_err(io::Error::other)?;
        }
    }
}

#[cfg(test)]
mod tests;
