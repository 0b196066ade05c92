//! `aftercare signature`: for each line, its signature's id, a tab, and its template.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use jiff::tz::TimeZone;

use crate::app::{Failure, FailureKind};
use crate::ingest::decode::{self, Context};
use crate::ingest::{sanitize, signature};
use crate::shell::cli::Signature;
use crate::shell::clock::Clock;
use crate::shell::command::output;
use crate::shell::report::unwritable;

/// Bytes of one line that are looked at; the rest of a longer line is passed over.
const LINE_BYTES: u64 = 256 * 1024;

/// Prints one line for each line of the input.
///
/// # Errors
///
/// When the input cannot be read or nothing can be written.
pub fn run(command: &Signature) -> Result<(), Failure> {
    let input: Box<dyn Read> = if command.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&command.file).map_err(|error| unreadable(&command.file, &error))?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut out = output();
    let context = Context { zone: TimeZone::UTC, received: Clock::real().now() };
    let mut line = Vec::new();
    while read_line(&mut input, &mut line).map_err(|error| unreadable(&command.file, &error))? {
        let signature = if command.message {
            signature::of_message(&String::from_utf8_lossy(&line))
        } else {
            signature::of_message(&decode::decode(&line, &context).message)
        };
        let template = sanitize::visible(&signature.template, false);
        match writeln!(out, "{}\t{template}", signature.id) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(unwritable(&error)),
        }
    }
    out.flush().or_else(
        |error| {
            if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(unwritable(&error)) }
        },
    )
}

/// Reads a line without its end, capped; `false` at the end of the input.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if input.by_ref().take(LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        return Ok(true);
    }
    pass_over_line(input)?;
    Ok(true)
}

fn pass_over_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = memchr::memchr(b'\n', buffer);
        let n_bytes = end.map_or(buffer.len(), |end| end + 1);
        input.consume(n_bytes);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let mut failure =
        Failure::new(FailureKind::User, format!("cannot read {}", path.display()), "Check the path, or give -.");
    failure.causes.push(error.to_string());
    failure
}
