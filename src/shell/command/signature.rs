//! `aftercare signature`: for each line, its signature's id, a tab, and its template; or how it came about.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde_json::json;

use crate::app::{Failure, FailureKind};
use crate::config::Layer;
use crate::detect::Groups;
use crate::detect::groups::{Definition, Member};
use crate::ingest::decode::{self, Context};
use crate::ingest::explain::{Explained, explain};
use crate::ingest::{Limits, Signature, sanitize, signature};
use crate::shell::cli::{self, Place};
use crate::shell::clock::Clock;
use crate::shell::command::output;
use crate::shell::observe::limits_of;
use crate::shell::report::{SCHEMA, unwritable};
use crate::shell::settings::Settings;
use crate::units::{SignatureId, Timestamp};

/// Bytes of one line that are looked at; the rest of a longer line is passed over.
const LINE_BYTES: u64 = 256 * 1024;

/// Lines and signatures that are held back until the groups of all of them are known; those beyond are printed
/// without the groups that form by themselves.
const HELD_LINES: usize = 8_000_000;
const HELD_SIGNATURES: usize = 100_000;

/// Prints one line for each line of the input.
///
/// # Errors
///
/// When a setting cannot be used, the input cannot be read or nothing can be written.
pub fn run(command: &cli::Signature) -> Result<(), Failure> {
    let settings = Settings::load(&Place::default(), Layer::default())?;
    let reader = Lines { limits: limits_of(&settings)?, now: Clock::real().now(), is_message: command.message };
    let input: Box<dyn Read> = if command.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&command.file).map_err(|error| unreadable(&command.file, &error))?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut out = output();
    let written = match (command.explain, command.json) {
        (true, json) => reader.explain_all(&mut input, &mut out, json),
        (false, true) => reader.group_all(&mut input, &mut out, &settings.config.groups.value),
        (false, false) => reader.name_all(&mut input, &mut out),
    };
    match written.and_then(|()| out.flush().map_err(Trouble::Output)) {
        Ok(()) => Ok(()),
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Trouble::Output(error)) => Err(unwritable(&error)),
        Err(Trouble::Input(error)) => Err(unreadable(&command.file, &error)),
    }
}

/// What stopped the work.
enum Trouble {
    Input(io::Error),
    Output(io::Error),
}

/// How lines are read.
struct Lines {
    limits: Limits,
    now: Timestamp,
    /// Whether lines have no header.
    is_message: bool,
}

impl Lines {
    fn sign(&self, line: &[u8], context: &Context) -> Signature {
        let overrides = &self.limits.overrides;
        if self.is_message {
            let message = String::from_utf8_lossy(line);
            return if overrides.is_plain() {
                signature::of_message(&message)
            } else {
                overrides.sign(&message, None, &[])
            };
        }
        let record = decode::decode(line, context);
        if overrides.is_plain() {
            return signature::of_message(&record.message);
        }
        overrides.sign(&record.message, None, &overrides.attributes_of(&record.fields))
    }

    fn context(&self) -> Context {
        Context { zone: self.limits.zone.clone(), received: self.now }
    }

    fn name_all(&self, input: &mut impl BufRead, out: &mut impl Write) -> Result<(), Trouble> {
        let context = self.context();
        let mut line = Vec::new();
        while read_line(input, &mut line).map_err(Trouble::Input)? {
            let signature = self.sign(&line, &context);
            let template = sanitize::visible(&signature.template, false);
            writeln!(out, "{}\t{template}", signature.id).map_err(Trouble::Output)?;
        }
        Ok(())
    }

    /// One object a line, with the group: which is known only when all lines are.
    fn group_all(
        &self,
        input: &mut impl BufRead,
        out: &mut impl Write,
        definitions: &[Definition],
    ) -> Result<(), Trouble> {
        let context = self.context();
        let mut line = Vec::new();
        let mut places: HashMap<SignatureId, u32> = HashMap::new();
        let mut known: Vec<Signature> = Vec::new();
        let mut held: Vec<u32> = Vec::new();
        let mut beyond = None;
        while read_line(input, &mut line).map_err(Trouble::Input)? {
            let signature = self.sign(&line, &context);
            if held.len() >= HELD_LINES || (known.len() >= HELD_SIGNATURES && !places.contains_key(&signature.id)) {
                beyond = Some(signature);
                break;
            }
            let place = *places.entry(signature.id).or_insert(known.len() as u32);
            if place as usize == known.len() {
                known.push(signature);
            }
            held.push(place);
        }
        let members = || known.iter().map(|known| Member { id: known.id, template: &known.template });
        let titles = Groups::titles(definitions, members());
        for place in held {
            if let Some((signature, title)) = known.get(place as usize).zip(titles.get(place as usize)) {
                write_object(out, signature, title.as_deref()).map_err(Trouble::Output)?;
            }
        }
        while let Some(signature) = beyond.take() {
            let title = places.get(&signature.id).and_then(|place| titles.get(*place as usize)?.as_deref());
            write_object(out, &signature, title).map_err(Trouble::Output)?;
            if read_line(input, &mut line).map_err(Trouble::Input)? {
                beyond = Some(self.sign(&line, &context));
            }
        }
        Ok(())
    }

    fn explain_all(&self, input: &mut impl BufRead, out: &mut impl Write, json: bool) -> Result<(), Trouble> {
        let mut line = Vec::new();
        while read_line(input, &mut line).map_err(Trouble::Input)? {
            let text = String::from_utf8_lossy(&line);
            let explained = if self.is_message {
                Explained { header: Vec::new(), making: signature::making(&text, None, &[], &self.limits.overrides) }
            } else {
                explain(&text, &self.limits, self.now)
            };
            let rules = self.limits.overrides.version();
            if json { write_explained(out, &explained, rules) } else { tell(out, &text, &explained, rules) }
                .map_err(Trouble::Output)?;
        }
        Ok(())
    }
}

fn write_object(out: &mut impl Write, signature: &Signature, group: Option<&str>) -> io::Result<()> {
    let object = json!({ "schema": SCHEMA, "id": signature.id, "template": signature.template, "group": group });
    writeln!(out, "{object}")
}

fn write_explained(out: &mut impl Write, explained: &Explained, rules: &str) -> io::Result<()> {
    let Explained { header, making } = explained;
    let object = json!({
        "schema": SCHEMA, "rules": rules, "id": making.signature.id, "template": making.signature.template,
        "header": header, "message": making.message, "folded": making.folded, "masked": making.masked,
        "frames": making.frames,
    });
    writeln!(out, "{object}")
}

fn tell(out: &mut impl Write, line: &str, explained: &Explained, rules: &str) -> io::Result<()> {
    let safe = |text: &str| sanitize::visible(text, false);
    let Explained { header, making } = explained;
    writeln!(out, "line      {}", safe(line))?;
    for part in header {
        writeln!(out, "header    {}  <- {}", safe(&part.text), safe(&part.role))?;
    }
    writeln!(out, "message   {}", safe(&making.message))?;
    for masked in &making.masked {
        let rules: Vec<&str> = masked.rules.iter().map(|rule| rule.word()).collect();
        writeln!(out, "masked    {}  <- {}", safe(&masked.text), rules.join(", "))?;
    }
    for frame in &making.frames {
        writeln!(out, "frame     {}", safe(frame))?;
    }
    writeln!(out, "folded    {}", safe(&making.folded))?;
    writeln!(out, "template  {}", safe(&making.signature.template))?;
    writeln!(out, "rules     {rules}")?;
    writeln!(out, "id        {}\n", making.signature.id)
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
