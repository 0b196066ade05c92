//! How the selected signature was made, from a line of it, and which signatures it stands for.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::number::count;
use super::paint::{self, Text};
use super::theme::{Role, Theme};
use crate::app::State;
use crate::app::layout::Area;
use crate::engine::Focus;

pub(super) fn draw(state: &State, top: usize, theme: &Theme, area: Area, buf: &mut Buffer) {
    let says = Line::styled("how it was made, from a line of it", theme.style(Role::Muted));
    paint::title("Signature", &says, true, area, theme, buf);
    let content = paint::rect(area.content());
    let mut text = Text::new(content.width, theme);
    match state.focus() {
        Some(focus) => describe(focus, &mut text),
        None => text.item(" ", "Nothing is known of it yet.", Role::Muted),
    }
    text.draw(top, content, buf);
}

fn describe(focus: &Focus, text: &mut Text<'_>) {
    let making = &focus.making;
    text.heading(" What it is called");
    text.pair(" template", &making.signature.template, Role::Text);
    text.pair(" id", &making.signature.id.to_string(), Role::Text);
    text.pair(" rules", &focus.rules, Role::Text);
    text.heading(" Header");
    for part in &focus.header {
        text.pair(&format!(" {}", paint::safe(&part.role)), &part.text, Role::Text);
    }
    if focus.header.is_empty() {
        text.item(" ", "The line has none.", Role::Muted);
    }
    text.heading(if making.frames.is_empty() { " Message" } else { " Stack trace" });
    if !making.message.is_empty() {
        text.item(" ", &making.message, Role::Text);
    }
    for frame in &making.frames {
        text.pair(" frame", frame, Role::Text);
    }
    text.heading(" Values, and the rule that took each for one");
    for masked in &making.masked {
        let rules: Vec<&str> = masked.rules.iter().map(|rule| rule.word()).collect();
        text.item(" ", &format!("{}  ← {}", masked.text, rules.join(", ")), Role::Text);
    }
    if making.masked.is_empty() {
        text.item(" ", "None.", Role::Muted);
    }
    if !focus.members.is_empty() {
        text.heading(" Shown as one with, and their events in the minutes of the chart");
    }
    for member in &focus.members {
        text.item(&format!(" {:>9}  ", count(member.count)), &member.template, Role::Text);
    }
    text.heading(" If a rule is wrong");
    let hint = "Keep a word or mask a pattern in the configuration, under [signature].";
    text.item(" ", hint, Role::Muted);
}
