//! What `y` copies. Made visible first: a clipboard is one more way to a terminal.

use super::super::effect::Effect;
use super::super::notice::Weight;
use super::super::place::{Place, Work};
use super::super::state::{Panel, State};
use super::super::tail::wanted;
use crate::ingest::sanitize::visible;

/// Copies what is selected.
pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let Some((what, text)) = state.copied() else {
        return Vec::new();
    };
    state.say(Weight::Info, format!("Copied {what} through the terminal (OSC 52)."));
    vec![Effect::Copy(visible(&text, true))]
}

impl State {
    /// What would be copied here: what it is, and its raw text.
    pub(crate) fn copied(&self) -> Option<(&'static str, String)> {
        match (&self.place, self.panel) {
            (Place::Watching, Panel::List) => {
                self.row().map(|row| ("the signature", format!("{}\t{}", row.id, row.template)))
            }
            (Place::Watching, Panel::Tail) => {
                let (lines, only) = self.tail_lines();
                let mut lines = lines.iter().rev().filter(|line| wanted(line, only));
                let at = self.tail.at();
                let line = lines.find(|line| at.is_none_or(|at| line.number <= at))?;
                Some(("the line", line.event.text.clone()))
            }
            (Place::Suspects(suspects), _) => suspects.current().map(|suspect| {
                let reasons = suspect.reasons.join("\n");
                ("the suspect", format!("{}:{}-{}\n{reasons}", suspect.file, suspect.start, suspect.end))
            }),
            (Place::Review(review), _) => match &review.work {
                Work::Ready(desk) => Some(("the patch", desk.shown.plan.patch.clone())),
                Work::Running(_) | Work::Failed(_) => None,
            },
            (Place::Execution, _) => {
                let execution = self.execution.as_ref()?;
                let lines: Vec<&str> = execution.output.iter().map(String::as_str).collect();
                Some(("the output", lines.join("\n")))
            }
            (Place::Making(_), _) => self.row().map(|row| ("the signature", format!("{}\t{}", row.id, row.template))),
            (Place::Fix(_) | Place::Approval(_) | Place::Details(_), _) => None,
        }
    }
}
