//! Draws the counts of a signature over time as a picture.

use std::fmt::Write as _;

use serde::Serialize;

use crate::units::{Minute, SignatureId, Timestamp};

/// Size of the picture.
const SIZE: (f64, f64) = (760.0, 190.0);

/// Space around the bars: left, top, right, bottom.
const SPACE: (f64, f64, f64, f64) = (46.0, 26.0, 12.0, 26.0);

/// Counts per minute, with what they are compared with.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    /// The signature.
    pub signature: SignatureId,
    /// The masked message.
    pub template: String,
    /// Start of the first minute.
    pub from: Timestamp,
    /// Events in each minute; nothing where it was not observed.
    pub per_minute: Vec<Option<u32>>,
    /// The baseline's rate per minute, and the band around it.
    pub baseline: Option<(f64, (f64, f64))>,
    /// What happened meanwhile.
    pub marks: Vec<Mark>,
}

/// Something that happened, at its time.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What, in a word or two.
    pub what: String,
}

impl Chart {
    /// The picture as SVG, with its own colors and no scripts.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, height) = SIZE;
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"11\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>",
            escape(&self.summary())
        );
        self.bars(&mut out);
        self.band(&mut out);
        self.axes(&mut out);
        self.marks(&mut out);
        out.push_str("</svg>\n");
        out
    }

    /// The picture in words.
    #[must_use]
    pub fn summary(&self) -> String {
        let n_unknown = self.per_minute.iter().filter(|count| count.is_none()).count();
        let total: u64 = self.per_minute.iter().flatten().map(|count| u64::from(*count)).sum();
        let unknown = if n_unknown > 0 { format!(", {n_unknown} minutes not observed") } else { String::new() };
        format!(
            "{total} events in {} minutes from {}, at most {} a minute{unknown}",
            self.per_minute.len(),
            self.from,
            self.most()
        )
    }

    /// The counts as a line of text.
    #[must_use]
    pub fn sparkline(&self) -> String {
        let bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let most = self.most().max(1);
        let group = self.per_minute.len().div_ceil(90).max(1);
        let of = |counts: &[Option<u32>]| {
            let known: Vec<u32> = counts.iter().flatten().copied().collect();
            match known.iter().max() {
                None => ' ',
                Some(0) => '·',
                Some(peak) => {
                    let step = (u64::from(*peak) * 8).div_ceil(u64::from(most)).clamp(1, 8);
                    bars.get(usize::try_from(step).unwrap_or(1) - 1).copied().unwrap_or('█')
                }
            }
        };
        self.per_minute.chunks(group).map(of).collect()
    }

    fn most(&self) -> u32 {
        self.per_minute.iter().flatten().copied().max().unwrap_or(0)
    }

    fn top(&self) -> f64 {
        let band = self.baseline.map_or(0.0, |(_, (_, high))| high);
        f64::from(self.most()).max(band).max(1.0)
    }

    fn x(&self, minutes: f64) -> f64 {
        let (left, _, right, _) = SPACE;
        left + minutes / (self.per_minute.len().max(1) as f64) * (SIZE.0 - left - right)
    }

    fn y(&self, count: f64) -> f64 {
        let (_, top, _, bottom) = SPACE;
        SIZE.1 - bottom - count.clamp(0.0, self.top()) / self.top() * (SIZE.1 - top - bottom)
    }

    fn bars(&self, out: &mut String) {
        let width = (self.x(1.0) - self.x(0.0)).max(0.5);
        for (index, count) in self.per_minute.iter().enumerate() {
            let x = self.x(index as f64);
            let (y, color) = match count {
                // What was not observed is shown as such, and never as nothing.
                None => (self.y(self.top()), "#eceff3"),
                Some(0) => continue,
                Some(count) => (self.y(f64::from(*count)), "#c2410c"),
            };
            let height = self.y(0.0) - y;
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{color}\"/>"
            );
        }
    }

    fn band(&self, out: &mut String) {
        let Some((rate, (low, high))) = self.baseline else { return };
        let (left, right) = (self.x(0.0), self.x(self.per_minute.len() as f64));
        let (top, bottom) = (self.y(high), self.y(low.max(0.0)));
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#2563eb\" fill-opacity=\"0.15\"/>\n\
             <line x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\" stroke=\"#2563eb\" stroke-dasharray=\"4 3\"/>",
            right - left,
            (bottom - top).max(0.5),
            y = self.y(rate)
        );
    }

    fn axes(&self, out: &mut String) {
        let (left, right, base) = (self.x(0.0), self.x(self.per_minute.len() as f64), self.y(0.0));
        let _ = writeln!(
            out,
            "<line x1=\"{left:.1}\" y1=\"{base:.1}\" x2=\"{right:.1}\" y2=\"{base:.1}\" stroke=\"#6b7280\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#374151\">{:.0}</text>\n\
             <text x=\"{:.1}\" y=\"{base:.1}\" text-anchor=\"end\" fill=\"#374151\">0</text>\n\
             <text x=\"4\" y=\"14\" fill=\"#374151\">events a minute</text>",
            left - 5.0,
            self.y(self.top()) + 8.0,
            self.top(),
            left - 5.0,
        );
        for (share, anchor) in [(0.0, "start"), (0.5, "middle"), (1.0, "end")] {
            let minutes = self.per_minute.len() as f64 * share;
            let at = self.from.minute().plus(i32::try_from(minutes as i64).unwrap_or(0)).start().to_string();
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" fill=\"#374151\">{}</text>",
                self.x(minutes),
                SIZE.1 - 8.0,
                escape(&at)
            );
        }
    }

    fn marks(&self, out: &mut String) {
        let mut level = 0;
        for mark in &self.marks {
            let minutes = f64::from(mark.at.minute().since(self.minute_from()));
            if minutes < 0.0 || minutes > self.per_minute.len() as f64 {
                continue;
            }
            let x = self.x(minutes);
            let anchor = if x > SIZE.0 / 2.0 { ("end", -4.0) } else { ("start", 4.0) };
            let _ = writeln!(
                out,
                "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"#111827\" stroke-width=\"1.5\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\" fill=\"#111827\" stroke=\"#ffffff\" stroke-width=\"3\" \
                 paint-order=\"stroke\">{}</text>",
                SPACE.1 - 6.0,
                self.y(0.0),
                x + anchor.1,
                SPACE.1 + 8.0 + 13.0 * f64::from(level % 7),
                anchor.0,
                escape(&mark.what)
            );
            level += 1;
        }
    }

    fn minute_from(&self) -> Minute {
        self.from.minute()
    }
}

/// Text within markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}
