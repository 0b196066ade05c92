//! What the shell would answer about drafts, their checks, and going back by itself.

use aftercare::app::Reran;
use aftercare::triage::rerun::{Ran, Reruns, with_reruns};

use super::*;

impl Scene {
    /// Offers who can be asked for a draft, and the command that runs the tests.
    pub fn offer(&mut self, tests: Option<Repro>, candidates: Vec<Candidate>) {
        let repro = Some(Repro { argv: vec!["make".to_owned(), "check".to_owned()], limit: Duration::from_secs(300) });
        let mut state = State::new(app::Options { repro, tests, candidates, ..options() });
        std::mem::swap(&mut state, &mut self.state);
        self.show();
    }

    /// Lets it go back by itself, as Ada allowed, and finds that all conditions hold.
    pub fn count_down(&mut self) {
        let person = Person { name: "Ada Lovelace".to_owned(), email: "ada@example.org".to_owned() };
        let standing = Standing { service: "orders".to_owned(), person, countdown: Duration::from_secs(60) };
        self.state = State::new(app::Options { standing: Some(standing), ..options() });
        self.show();
        self.found();
    }

    /// Finds that all conditions of going back by itself hold.
    pub fn found(&mut self) {
        let plan = plan_with(draft::Origin::Rollback, Scope::Range, &Account::default(), PATCH.to_owned());
        let deploy = ("v1.8.2".to_owned(), minute(0));
        let caused = Some(Confidence::High);
        let found = Found { deploy, confirmed: true, caused, in_watch: true, plan: Some(plan) };
        self.tell(Msg::Standing(Box::new(found), Some(self.selected())));
    }

    /// Seconds go by.
    pub fn wait_seconds(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now = self.now.after(Duration::from_secs(1));
            self.tell(Msg::Tick(self.now));
            self.found();
        }
    }

    /// Gets the draft that was ordered.
    pub fn answer_draft(&mut self, drafted: Drafted) {
        let (mut report, mut draft) = found();
        report.detail = format!("A draft by {} is not ready; it failed: no test weakened.", drafted.by);
        (draft.origin, draft.proposal) = (draft::Origin::Drafted, Proposal::Patch(PATCH.to_owned()));
        (draft.evidence, draft.notes) = (report.detail.clone(), drafted.notes());
        report.drafted = Some(drafted);
        let account = Account::of(&draft, &Choice::default());
        let plan = plan_with(draft.origin, Scope::Files(Vec::new()), &account, PATCH.to_owned());
        let prepared = Some(Prepared::of(plan, draft));
        self.tell(Msg::Fixed(self.newest(), Ok(Box::new(Fixed { report, prepared }))));
    }

    /// A run of the checks of what was chosen ends.
    pub fn try_choice(&mut self) {
        let part = Part { run: 1, on: Stand::Draft(Program::Repro) };
        let tried = Tried { part, ending: "succeeded".to_owned(), passed: true, took: Duration::from_secs(1) };
        self.tell(Msg::Tried(self.checking.expect("nothing is checked"), tried));
    }

    /// What was chosen was checked.
    pub fn answer_checks(&mut self) {
        let check = |name: &'static str, passed: bool, detail: &str| Check { name, passed, detail: detail.to_owned() };
        let checks = vec![
            check("applies", true, "Applied to the deployed revision, it gives exactly the files that were tested."),
            check("repro passes", false, "Passed in 0 of 1 run with the patch, failed in 1 of 1 run without."),
        ];
        self.tell(Msg::Checked(self.checking.expect("nothing is checked"), Ok(checks)));
    }

    /// The runs for a verdict ended: the error is older than the deploy.
    pub fn answer_runs(&mut self, ticket: Ticket) {
        let reruns = Reruns { deployed: Ran::Showed, before: Some(Ran::Showed), without: None };
        let mut triaged = self.judged();
        let (verdict, effect) = with_reruns(&triaged.verdict, &reruns);
        triaged.verdict = verdict;
        let said = effect.sentence(&reruns).to_owned();
        self.tell(Msg::Reran(ticket, Ok(Box::new(Reran { triaged, said }))));
    }

    /// Gets no draft.
    pub fn answer_no_draft(&mut self, drafted: Drafted) {
        let why = drafted.trouble.clone().unwrap_or_default();
        let mut report = Report::without_patch(Answer::NotFound, format!("There is no usable draft: {why}."));
        report.drafted = Some(drafted);
        self.tell(Msg::Fixed(self.newest(), Ok(Box::new(Fixed { report, prepared: None }))));
    }
}
