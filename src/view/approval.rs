//! The approval: exactly what will be done, its digest, the patch, who consents, and the word to type.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::paint::{self, Text};
use super::theme::{Role, Theme};
use super::{patch, review};
use crate::app::State;
use crate::app::layout::Area;
use crate::app::place::Approval;
use crate::remedy::Hazard;

/// Rows below the text: a rule, what to type, and what was typed.
const PROMPT: u16 = 3;

pub(super) fn draw(state: &State, approval: &Approval, theme: &Theme, area: Area, buf: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub("▌Approval  ".chars().count());
    paint::title("Approval", &review::level_line(&approval.shown.plan, theme, room), true, area, theme, buf);
    let content = paint::rect(area.content());
    let above = Rect { height: content.height.saturating_sub(PROMPT), ..content };
    let below = Rect { y: above.bottom(), height: content.height - above.height, ..content };
    let text = page(state, approval, theme, above.width);
    // The text, and below it the very patch; drawn from any row on, as far as there is something to draw.
    let height = usize::from(above.height);
    let n_rows = text.lines.len() + approval.shown.patch.lines.len();
    let top = approval.top.min(n_rows.saturating_sub(height));
    let n_text = text.lines.len().saturating_sub(top).min(height);
    for (index, line) in text.lines.iter().skip(top).take(n_text).enumerate() {
        paint::row(line, above, index, buf);
    }
    paint::more(n_rows.saturating_sub(top + height), above, theme, buf);
    let n_text = u16::try_from(n_text).unwrap_or(above.height);
    let rest = Rect { y: above.y + n_text, height: above.height - n_text, ..above };
    let patch_top = top.saturating_sub(text.lines.len());
    patch::draw(state, &approval.shown, (patch_top, 0), theme, rest, buf);
    prompt(approval, theme, below, buf);
}

fn page<'a>(state: &State, approval: &Approval, theme: &'a Theme, width: u16) -> Text<'a> {
    let shown = &approval.shown;
    let person = &state.options.person;
    let by = if person.email.is_empty() { person.name.clone() } else { format!("{} <{}>", person.name, person.email) };
    let mut text = Text::new(width, theme);
    text.pair(" Service", &shown.plan.service, Role::Text);
    text.pair(" Branch", &shown.plan.branch, Role::Text);
    let (files, patch) = (super::number::plural(shown.patch.n_files as u64, "file"), &shown.patch);
    text.pair(" Patch", &format!("{files}, +{} −{}", patch.n_added, patch.n_removed), Role::Text);
    text.pair(" Digest", &shown.digest.to_string(), Role::Info);
    text.pair(" Approved by", &by, Role::Text);
    let unseen = approval.n_unseen();
    if unseen > 0 {
        let lines = super::number::plural(unseen as u64, "line");
        text.item(" ! ", &format!("Never on the screen: {lines} of the patch. Esc goes back there."), Role::Warning);
    }
    if approval.review.work.ready().is_some_and(|desk| desk.is_plan_unchecked()) {
        let words =
            "Not checked: this is a part of what was, and no checks of it are in this plan. Esc goes back to them.";
        text.item(" ! ", words, Role::Warning);
    }
    text.gap();
    review::about(&shown.plan, &mut text);
    text.heading(" Patch");
    text
}

fn prompt(approval: &Approval, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let rule = Line::styled("─".repeat(usize::from(area.width)), theme.style(Role::Rule));
    paint::row(&rule, area, 0, buf);
    let word = paint::safe(approval.shown.word());
    let ask = Line::from(vec![
        Span::styled(" Type ", theme.style(Role::Text)),
        Span::styled(word, theme.style(Role::Key)),
        Span::styled(ask_rest(approval), theme.style(Role::Text)),
    ]);
    paint::row(&ask, area, 1, buf);
    let typed = Line::from(vec![
        Span::styled(" > ", theme.style(Role::Key)),
        Span::styled(paint::safe(&approval.typed), theme.style(Role::Text)),
        Span::styled("▏", theme.style(Role::Key)),
    ]);
    paint::row(&typed, area, 2, buf);
}

/// What follows the word to type; going back that breaks something needs a reason.
fn ask_rest(approval: &Approval) -> &'static str {
    match approval.shown.plan.level() {
        Hazard::Red => " and why, then press Enter. Esc goes back.",
        Hazard::Green | Hazard::Amber => " and press Enter to execute exactly this. Esc goes back.",
    }
}
