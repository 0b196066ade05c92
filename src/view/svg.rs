//! A buffer as a picture, for the README and for reports.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::theme::{Appearance, Theme};

/// Size of a cell.
const CELL: (usize, usize) = (9, 19);

/// Empty space around the cells.
const MARGIN: usize = 12;

/// The 16 colors as xterm shows them.
const ANSI: [(u8, u8, u8); 16] = [
    (0x00, 0x00, 0x00),
    (0xcd, 0x00, 0x00),
    (0x00, 0xcd, 0x00),
    (0xcd, 0xcd, 0x00),
    (0x00, 0x00, 0xee),
    (0xcd, 0x00, 0xcd),
    (0x00, 0xcd, 0xcd),
    (0xe5, 0xe5, 0xe5),
    (0x7f, 0x7f, 0x7f),
    (0xff, 0x00, 0x00),
    (0x00, 0xff, 0x00),
    (0xff, 0xff, 0x00),
    (0x5c, 0x5c, 0xff),
    (0xff, 0x00, 0xff),
    (0x00, 0xff, 0xff),
    (0xff, 0xff, 0xff),
];

/// The buffer as an SVG picture, with the colors of the theme that it was drawn with.
#[must_use]
pub fn svg(buf: &Buffer, theme: &Theme) -> String {
    let (columns, rows) = (usize::from(buf.area.width), usize::from(buf.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let (front, back) = match theme.appearance() {
        Appearance::Light => ((0x1b, 0x21, 0x27), (0xff, 0xff, 0xff)),
        Appearance::Dark | Appearance::Any => ((0xd8, 0xdf, 0xe8), (0x11, 0x15, 0x1a)),
    };
    let ground = rgb(theme.background()).unwrap_or(back);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, \
         SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n",
        hex(ground)
    );
    for (y, cells) in buf.content.chunks(columns.max(1)).enumerate() {
        for (x, run) in runs(cells) {
            draw_run(&mut out, (x, y), &run, (front, ground));
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Neighboring cells that look alike.
struct Run {
    text: String,
    columns: usize,
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// The cells of a row as runs, each with its first column.
fn runs(cells: &[Cell]) -> Vec<(usize, Run)> {
    let mut runs: Vec<(usize, Run)> = Vec::new();
    let mut x = 0;
    while let Some(cell) = cells.get(x) {
        let columns = cell.symbol().width().max(1);
        match runs.last_mut() {
            Some((_, run)) if (run.fg, run.bg, run.modifier) == (cell.fg, cell.bg, cell.modifier) => {
                run.text.push_str(cell.symbol());
                run.columns += columns;
            }
            _ => runs.push((
                x,
                Run { text: cell.symbol().to_owned(), columns, fg: cell.fg, bg: cell.bg, modifier: cell.modifier },
            )),
        }
        x += columns;
    }
    runs
}

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

fn draw_run(out: &mut String, (x, y): (usize, usize), run: &Run, (front, ground): (Rgb, Rgb)) {
    let (mut fg, mut bg) = (rgb(run.fg).unwrap_or(front), rgb(run.bg).unwrap_or(ground));
    if run.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fg, &mut bg);
    }
    let (left, top, width) = (MARGIN + x * CELL.0, MARGIN + y * CELL.1, run.columns * CELL.0);
    if bg != ground {
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1,
            hex(bg)
        );
    }
    if run.text.trim().is_empty() {
        return;
    }
    let weight = if run.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let line = if run.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{}\" textLength=\"{width}\" fill=\"{}\"{weight}{line} xml:space=\"preserve\">{}</text>",
        top + CELL.1 * 3 / 4,
        hex(fg),
        escape(&run.text)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// What xterm shows for a color; `None` for the terminal's own.
#[must_use]
pub fn rgb(color: Color) -> Option<Rgb> {
    let named = |index: usize| ANSI.get(index).copied();
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(index) => indexed(index),
    }
}

/// The color cube and the grays of the 256 colors.
fn indexed(index: u8) -> Option<Rgb> {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..=15 => ANSI.get(usize::from(index)).copied(),
        16..=231 => {
            let n = index - 16;
            Some((step(n / 36), step(n / 6 % 6), step(n % 6)))
        }
        232..=255 => {
            let gray = 8 + 10 * (index - 232);
            Some((gray, gray, gray))
        }
    }
}
