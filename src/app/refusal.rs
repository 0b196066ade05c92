//! Why an action cannot be done here and now.

use super::desk::{Desk, Standing};
use super::keymap::Action;
use super::place::{FixStep, Place, Work};
use super::state::State;

impl State {
    /// Why an action can not be done here and now, as a sentence; `None` when it can.
    #[must_use]
    pub fn refusal(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Lines
            | Action::Triage
            | Action::Fix
            | Action::Making
            | Action::MarkRow
            | Action::Rename
            | Action::Pin => self.no_selection(),
            Action::Diff => self.no_diff(),
            Action::Approve => self.no_approval(),
            Action::Scope => self.no_other_scope(),
            Action::Retry => (!self.has_failed()).then_some("Nothing failed here."),
            Action::Verify => self.no_verify(),
            Action::Mark => self.no_mark(),
            Action::Blame | Action::Acquit => self.no_ruling(action),
            Action::Merge => (self.rows_to_merge().len() < 2).then_some("Mark rows with m first; this one is added."),
            Action::Split => self.no_split(),
            Action::Undo => self.no_undo(),
            Action::NextFinding | Action::PreviousFinding => self.no_finding(),
            // Without a search they lead from hunk to hunk.
            Action::NextMatch | Action::PreviousMatch if matches!(self.place, Place::Review(_)) => self.no_desk(),
            Action::NextMatch | Action::PreviousMatch => {
                self.search.query().is_empty().then_some("Nothing is searched for. Press / to search.")
            }
            Action::Take | Action::NextFile | Action::PreviousFile | Action::Sides => self.no_desk(),
            Action::Edit => self.no_edit(),
            Action::UndoEdit => self.no_edit_to_undo(),
            Action::Note => self.no_note(),
            Action::Run | Action::Insist | Action::Choose => self.no_run(),
            Action::Output => self.execution.is_none().then_some("Nothing was executed in this run."),
            Action::Stop => self.no_stop(),
            Action::Copy => self.copied().is_none().then_some("There is nothing to copy."),
            Action::Consent
            | Action::Keep
            | Action::Back
            | Action::Yes
            | Action::Pause
            | Action::Filter
            | Action::Search
            | Action::Accept
            | Action::Name
            | Action::Details
            | Action::NextPanel
            | Action::PreviousPanel
            | Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::Left
            | Action::Right
            | Action::Theme
            | Action::Help
            | Action::Suspend
            | Action::Quit
            | Action::Interrupt => None,
        }
    }

    fn no_stop(&self) -> Option<&'static str> {
        let is_counting = self.countdown().is_some_and(|countdown| countdown.counting().is_some());
        (!is_counting).then_some("Nothing is going back by itself.")
    }

    fn no_split(&self) -> Option<&'static str> {
        match self.row().and_then(|row| row.group) {
            Some(group) if group.is_defined => Some("The configuration defines this group. Change it there."),
            Some(group) if group.n_members > 1 => None,
            Some(_) | None => Some("This row is a single signature."),
        }
    }

    fn no_undo(&self) -> Option<&'static str> {
        let none = self.snapshot.as_ref().is_none_or(|snapshot| snapshot.undoable.is_none());
        none.then_some("There is no merge, split, name or pin to take back.")
    }

    fn no_finding(&self) -> Option<&'static str> {
        let none = !self.rows().iter().any(|row| row.assessment.finding.is_some());
        none.then_some("There is no finding.")
    }

    fn no_ruling(&self, action: Action) -> Option<&'static str> {
        let Place::Suspects(suspects) = &self.place else { return Some("There is no verdict on the screen.") };
        if suspects.work.ready().is_none() {
            return Some("The verdict is not ready yet.");
        }
        if self.options.person.name.trim().is_empty() {
            return Some("Nobody is known who could say so. Set git's user.name, or pass --as.");
        }
        (action == Action::Blame && suspects.current().is_none()).then_some("There is no suspect to name.")
    }

    fn no_verify(&self) -> Option<&'static str> {
        let Place::Suspects(suspects) = &self.place else { return Some("There is no verdict on the screen.") };
        suspects.work.ready().is_none().then_some("The verdict is not ready yet.")
    }

    fn no_mark(&self) -> Option<&'static str> {
        match &self.place {
            Place::Suspects(suspects) if suspects.current().is_some() => None,
            Place::Suspects(_)
            | Place::Watching
            | Place::Fix(_)
            | Place::Review(_)
            | Place::Approval(_)
            | Place::Execution
            | Place::Details(_)
            | Place::Making(_) => Some("There is no suspect to mark."),
        }
    }

    fn no_selection(&self) -> Option<&'static str> {
        let why = match &self.building {
            Some(building) if building.is_running() => "The command is still running.",
            Some(_) => "Nothing failed here.",
            None => "No signature is selected. Wait for the first lines.",
        };
        self.selection.id.is_none().then_some(why)
    }

    fn no_diff(&self) -> Option<&'static str> {
        let selected = self.selection.id.is_some() || matches!(self.place, Place::Suspects(_));
        if selected { None } else { self.no_selection() }
    }

    fn no_approval(&self) -> Option<&'static str> {
        let Place::Review(review) = &self.place else {
            return Some("There is no plan on the screen.");
        };
        match &review.work {
            Work::Running(_) => Some("The plan is not ready yet."),
            Work::Failed(_) => Some("There is no plan to approve. Press r to try again."),
            Work::Ready(_) if review.deploy != self.deploy_key() => {
                Some("Another deploy arrived after this plan was made. Press Esc and make it again.")
            }
            Work::Ready(desk) if matches!(desk.standing, Standing::Awaited { .. }) => {
                Some("The plan of what you chose is not ready yet.")
            }
            Work::Ready(desk) if desk.standing != Standing::Current => {
                Some("What you chose has no plan. The panel beside the diff says why.")
            }
            Work::Ready(_) if self.is_executing() => Some("Something is being executed. Wait for its end; o shows it."),
            Work::Ready(_) if self.options.person.name.trim().is_empty() => {
                Some("Nobody is known who could approve. Set git's user.name, or pass --as.")
            }
            Work::Ready(_) => None,
        }
    }

    fn has_failed(&self) -> bool {
        match &self.place {
            Place::Suspects(suspects) => matches!(suspects.work, Work::Failed(_)),
            Place::Fix(fixing) => match &fixing.step {
                FixStep::Failed(_) | FixStep::Ended(_) => true,
                FixStep::Briefing(briefing) => matches!(briefing.work, Work::Failed(_)),
                FixStep::Unset
                | FixStep::Choosing(_)
                | FixStep::Asking(_)
                | FixStep::Running(_)
                | FixStep::Drafting(_) => false,
            },
            Place::Review(review) => match &review.work {
                Work::Failed(_) => true,
                Work::Ready(desk) => matches!(desk.standing, Standing::Refused(_)),
                Work::Running(_) => false,
            },
            Place::Watching => self.building.as_ref().is_some_and(|building| !building.is_running()),
            Place::Approval(_) | Place::Execution | Place::Details(_) | Place::Making(_) => false,
        }
    }

    /// The desk of the review that is on the screen.
    fn desk(&self) -> Option<&Desk> {
        self.place.review()?.work.ready().map(|desk| &**desk)
    }

    fn no_desk(&self) -> Option<&'static str> {
        self.desk().is_none().then_some("There is no draft on the screen.")
    }

    fn no_edit(&self) -> Option<&'static str> {
        self.desk().map_or(Some("There is no draft on the screen."), Desk::no_edit)
    }

    fn no_edit_to_undo(&self) -> Option<&'static str> {
        let is_edited = |desk: &Desk| {
            let hunk = desk.hunk().and_then(|(file, hunk)| desk.sheet.hunk(file, hunk));
            hunk.is_some_and(|hunk| desk.choice.edit_of(hunk.id).is_some())
        };
        (!self.desk().is_some_and(is_edited)).then_some("This hunk was not edited.")
    }

    fn no_note(&self) -> Option<&'static str> {
        let has_spot = self.desk().is_some_and(|desk| desk.spot().is_some());
        (!has_spot).then_some("There is no line here. Go to a line of a hunk, then press c.")
    }

    fn no_run(&self) -> Option<&'static str> {
        let Place::Fix(fixing) = &self.place else { return Some("There is no command on the screen.") };
        match &fixing.step {
            FixStep::Asking(_) if self.options.person.name.trim().is_empty() => {
                Some("Nobody is known who could let it run. Set git's user.name, or pass --as.")
            }
            FixStep::Asking(repro) if super::update::rows_of_repro(repro) > self.rows_shown(fixing.top) => {
                Some("Not all of the command was on the screen. Scroll to its end first.")
            }
            FixStep::Briefing(_) if self.options.person.name.trim().is_empty() => {
                Some("Nobody is known who could order it. Set git's user.name, or pass --as.")
            }
            FixStep::Briefing(briefing) if super::update::rows_of_order(briefing) > self.rows_shown(fixing.top) => {
                Some("Not all of it was on the screen. Scroll to its end first.")
            }
            FixStep::Asking(_) | FixStep::Briefing(_) => None,
            FixStep::Choosing(at) => self.no_choice(*at),
            FixStep::Unset | FixStep::Running(_) | FixStep::Drafting(_) | FixStep::Ended(_) | FixStep::Failed(_) => {
                Some("There is no command on the screen.")
            }
        }
    }

    fn no_choice(&self, at: usize) -> Option<&'static str> {
        let candidate = at.checked_sub(1).and_then(|at| self.options.candidates.get(at));
        let is_unable = candidate.is_some_and(|candidate| candidate.trouble.is_some());
        is_unable.then_some("It cannot be asked; the line below its name says why.")
    }

    /// Rows of a page of one panel that were shown when it is scrolled to `top`.
    fn rows_shown(&self, top: usize) -> usize {
        top.saturating_add(super::update::page(self))
    }
}
