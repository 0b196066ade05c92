//! Translates an author's indentation into a file's.

use std::collections::BTreeMap;

/// What the aligned lines tell about indentation.
#[derive(Clone, Debug, Default)]
pub(super) struct Indents {
    /// For each indentation of the author, that of the file.
    known: BTreeMap<String, String>,
}

/// The white space that a line starts with.
pub(super) fn of(line: &str) -> &str {
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

impl Indents {
    /// Learns from lines that are the same but for their indentation: the author's, the file's.
    ///
    /// `None` when one indentation of the author stands for two of the file, or deeper for shallower.
    pub(super) fn learn<'l>(pairs: impl Iterator<Item = (&'l str, &'l str)>) -> Option<Self> {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (written, held) in pairs {
            let (written, held) = (of(written), of(held));
            if known.get(written).is_some_and(|other| other != held) {
                return None;
            }
            known.insert(written.to_owned(), held.to_owned());
        }
        let mut steps: Vec<(usize, usize)> = known.iter().map(|(a, b)| (width(a), width(b))).collect();
        steps.sort_unstable();
        let rises = steps.windows(2).all(|pair| match pair {
            [(_, before), (_, after)] => before <= after,
            _ => true,
        });
        rises.then_some(Self { known })
    }

    /// The author's line as the file would indent it; a step of the author is that of the file times `scale`.
    pub(super) fn translate(&self, line: &str, scale: f64) -> String {
        let written = of(line);
        let body = line.trim_start();
        if body.is_empty() {
            return String::new();
        }
        if self.known.iter().all(|(a, b)| a == b) {
            return line.to_owned();
        }
        if let Some(held) = self.known.get(written) {
            return format!("{held}{body}");
        }
        format!("{}{body}", self.guessed(written, scale))
    }

    /// Goes on from the nearest known indentation, in steps as wide as the file's.
    fn guessed(&self, written: &str, scale: f64) -> String {
        let wide = width(written);
        let nearest = self.known.iter().min_by_key(|(known, _)| (width(known).abs_diff(wide), width(known)));
        let Some((known, held)) = nearest else { return written.to_owned() };
        let steps: Vec<(usize, usize)> = self.known.iter().map(|(a, b)| (width(a), width(b))).collect();
        let ratio = ratio(&steps).unwrap_or(scale);
        let uses_tabs = self.known.values().any(|held| held.contains('\t'));
        let difference = width(known).abs_diff(wide) as f64 * ratio;
        let target = if wide >= width(known) {
            width(held) + difference.round() as usize
        } else {
            width(held).saturating_sub(difference.round() as usize)
        };
        if uses_tabs {
            format!("{}{}", "\t".repeat(target / TAB), " ".repeat(target % TAB))
        } else {
            " ".repeat(target)
        }
    }
}

/// Columns that a tab counts for.
const TAB: usize = 4;

fn width(indent: &str) -> usize {
    indent.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

/// How much wider the file's steps are than the author's, where two indentations are known.
fn ratio(steps: &[(usize, usize)]) -> Option<f64> {
    let (low, high) = (steps.iter().min()?, steps.iter().max()?);
    let (written, held) = (high.0 - low.0, high.1.checked_sub(low.1)?);
    (written > 0 && held > 0).then(|| held as f64 / written as f64)
}

/// How much wider the steps of one text are than those of another; 1 where nothing tells.
pub(super) fn scale(held: &[&str], written: &[&str]) -> f64 {
    match (step(held), step(written)) {
        (Some(held), Some(written)) => held as f64 / written as f64,
        _ => 1.0,
    }
}

/// The most common step inwards from one line to the next, in columns; of several, the least.
fn step(lines: &[&str]) -> Option<usize> {
    let widths: Vec<usize> = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| width(of(line))).collect();
    let mut counted: BTreeMap<usize, usize> = BTreeMap::new();
    for pair in widths.windows(2) {
        if let [before, after] = pair
            && after > before
        {
            *counted.entry(after - before).or_default() += 1;
        }
    }
    counted.into_iter().max_by_key(|(step, count)| (*count, std::cmp::Reverse(*step))).map(|(step, _)| step)
}
