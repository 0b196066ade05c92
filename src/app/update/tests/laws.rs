//! What holds whatever happens in whatever order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::remedy::advice::Candidate;
use crate::remedy::advice::Leave;
use crate::remedy::advice::commission::{Author, Ground};
use crate::remedy::draft::Choice;
use crate::remedy::fix::{Check, Repro};

/// Anything that can happen, with answers to the newest tickets among it.
fn any_message() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        20 => any_step().prop_map(|step| vec![step]),
        1 => (0u8..3, any::<bool>()).prop_map(straight),
        1 => (any::<bool>(), any::<bool>(), 1usize..4).prop_map(in_parts),
    ]
}

/// The straight way to an execution, so that it is reached often enough.
fn straight((level, service): (u8, bool)) -> Vec<Step> {
    let word = if service { "orders" } else { "aftercare/rollback-1234abcd because it was never filled" };
    let keys = |text: &str| Step::Keys(typed(text));
    let enter = || Step::Keys(vec![Key::Enter]);
    vec![keys("d"), Step::Plan(level, false), enter(), keys(word), enter()]
}

/// The way to the execution of a part, on which the plan of an earlier choice may come late.
fn in_parts((edits, is_late, n_choices): (bool, bool, usize)) -> Vec<Step> {
    let keys = |text: &str| Step::Keys(typed(text));
    let enter = || Step::Keys(vec![Key::Enter]);
    let choose = || if edits { vec![keys("e"), Step::Edited(2)] } else { vec![keys(" n")] };
    let mut steps = vec![Step::Keys(vec![Key::Esc; 6]), keys("d"), Step::Plan(0, false)];
    (0..n_choices).for_each(|_| steps.extend(choose()));
    steps.extend([Step::Compose(true, is_late), enter(), keys("orders"), enter()]);
    steps
}

fn any_step() -> impl Strategy<Value = Step> {
    let words = ["orders", "aftercare/rollback-1234abcd", "yes", ""];
    let keys = "tdaxrRjkfeEnNoiyq/? GghlTcsuF[]";
    prop_oneof![
        6 => proptest::sample::select(keys.chars().collect::<Vec<_>>()).prop_map(|char| Step::Keys(vec![Key::Char(char)])),
        6 => proptest::sample::select(vec![Key::Enter, Key::Esc, Key::Tab, Key::Up, Key::Down, Key::Backspace, Key::Ctrl('u')])
            .prop_map(|key| Step::Keys(vec![key])),
        3 => proptest::sample::select(words.to_vec()).prop_map(|word| Step::Keys(typed(word))),
        2 => proptest::sample::select(words.to_vec()).prop_map(|word| Step::Paste(format!("{word}\n"))),
        3 => (0u8..3, any::<bool>()).prop_map(|(level, again)| Step::Plan(level, again)),
        6 => (any::<bool>(), any::<bool>()).prop_map(|(done, late)| Step::Compose(done, late)),
        2 => (0usize..4).prop_map(Step::Edited),
        2 => any::<bool>().prop_map(Step::Triage),
        2 => any::<bool>().prop_map(Step::News),
        1 => any::<bool>().prop_map(Step::Executed),
        1 => (0u16..220, 0u16..70).prop_map(|(width, height)| Step::Resize(width, height)),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Keys(Vec<Key>),
    Paste(String),
    /// Level of the plan; whether it differs from the one before.
    Plan(u8, bool),
    /// Whether there is a plan of what was chosen; whether it is of what was chosen first, and not last.
    Compose(bool, bool),
    /// What the editor left.
    Edited(usize),
    Triage(bool),
    News(bool),
    Executed(bool),
    Resize(u16, u16),
}

/// What was chosen when a plan of it was asked for, by ticket.
type Asked = BTreeMap<Ticket, Choice>;

/// The patch of a plan of what was chosen tells the choice.
fn told(choice: &Choice) -> String {
    format!("{PATCH}{choice:?}")
}

fn composed(asked: &Asked, is_done: bool, is_late: bool) -> Option<Msg> {
    let (ticket, choice) = if is_late { asked.first_key_value() } else { asked.last_key_value() }?;
    let failure = || Failure::new(FailureKind::User, "nothing is left", "");
    let plan = || Box::new(plan(&told(choice), Hazard::Green));
    Some(Msg::Composed(*ticket, if is_done { Ok(plan()) } else { Err(failure()) }))
}

/// What an editor may leave: nothing, the lines as they were, others, or what does not apply.
fn left(which: usize, state: &State) -> Msg {
    let texts = ["", "-one\n+two\n one\n one\n one\n", "-one\n+three\n one\n one\n one\n", "-1\n"];
    Msg::Edited(Ticket(state.last_ticket), Ok(texts[which].to_owned()))
}

fn messages(step: &Step, state: &State, asked: &Asked) -> Vec<Msg> {
    let newest = Ticket(state.last_ticket);
    let failure = || Failure::new(FailureKind::External, "it broke", "");
    match step {
        Step::Keys(keys) => keys.iter().map(|key| Msg::Key(*key)).collect(),
        Step::Paste(text) => vec![Msg::Paste(text.clone())],
        Step::Plan(level, other) => {
            let level = [Hazard::Green, Hazard::Amber, Hazard::Red][usize::from(*level)];
            let text = if *other { "another" } else { PATCH };
            vec![Msg::Planned(newest, Ok(Box::new(prepared(text, level))))]
        }
        Step::Compose(done, late) => composed(asked, *done, *late).into_iter().collect(),
        Step::Edited(which) => vec![left(*which, state)],
        Step::Triage(found) => vec![Msg::Triaged(newest, if *found { Ok(triaged()) } else { Err(failure()) })],
        Step::News(other) => vec![news_after(if *other { "v3" } else { "v2" }, &["gateway declined", "cache miss"], 3)],
        Step::Executed(done) => vec![Msg::Executed(newest, if *done { Ok(Vec::new()) } else { Err(failure()) })],
        Step::Resize(width, height) => vec![Msg::Resized(*width, *height)],
    }
}

/// What is on the screen of the approval: digest, word to type, typed word, and what was chosen of the draft.
#[derive(Clone, Debug)]
struct Shown {
    digest: Digest,
    word: String,
    typed: String,
    choice: Choice,
}

fn on_screen(state: &State) -> Option<Shown> {
    match &state.place {
        Place::Approval(approval) => Some(Shown {
            digest: approval.shown.digest,
            word: approval.shown.word().to_owned(),
            typed: approval.typed.clone(),
            choice: approval.review.work.ready().expect("an approval has a draft").choice.clone(),
        }),
        Place::Watching
        | Place::Suspects(_)
        | Place::Fix(_)
        | Place::Review(_)
        | Place::Execution
        | Place::Details(_)
        | Place::Making(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens in whatever order: what is executed was on the screen, is what was chosen there, and its word
    /// was typed.
    #[test]
    fn nothing_is_executed_but_what_was_approved_on_the_screen(steps in prop::collection::vec(any_message(), 1..60)) {
        let mut state = state();
        let mut running = 0;
        let mut asked = Asked::new();
        for step in steps.iter().flatten() {
            for msg in messages(step, &state, &asked) {
                let before = on_screen(&state);
                let was_executing = state.is_executing();
                let is_enter = matches!(msg, Msg::Key(Key::Enter));
                let effects = update(&mut state, msg);
                for effect in &effects {
                    match effect {
                        Effect::Compose(ticket, _, _, choice) => drop(asked.insert(*ticket, (**choice).clone())),
                        Effect::Execute(_, _, approved) => {
                            let shown = before.clone().expect("nothing is at the approval");
                            prop_assert!(is_enter && !was_executing);
                            prop_assert_eq!(approved.digest(), shown.digest);
                            // The branch names the very plan, so it will always do.
                            let is_red = shown.typed.trim().starts_with("aftercare/rollback-1234abcd ");
                            prop_assert!(is_red || [shown.word.as_str(), "aftercare/rollback-1234abcd"].contains(&shown.typed.trim()));
                            let is_whole = shown.choice == Choice::default();
                            let patch = &approved.plan().patch;
                            prop_assert!(*patch == told(&shown.choice) || is_whole && [PATCH, "another"].contains(&patch.as_str()));
                            running += 1;
                        }
                        _ => {}
                    }
                }
                if let Some(execution) = &state.execution {
                    prop_assert!(running > 0 || execution.phase != Phase::Running);
                }
            }
        }
    }

    /// Whatever happens in whatever order: the command runs only as it was on the screen, and only after `y` there.
    #[test]
    fn no_command_runs_that_nobody_let_run(steps in prop::collection::vec(any_message(), 1..60)) {
        let mut state = state();
        let repro = Repro { argv: vec!["make".to_owned(), "test".to_owned()], limit: Duration::from_secs(9) };
        state.options.repro = Some(repro.clone());
        let mut was_allowed = false;
        for msg in steps.iter().flatten().flat_map(|step| messages(step, &state.clone(), &Asked::new())).collect::<Vec<_>>() {
            let asks = state.context() == Context::Repro && state.layout().is_some();
            was_allowed |= asks && matches!(msg, Msg::Key(Key::Char('y')));
            for effect in update(&mut state, msg) {
                if let Effect::Fix(_, _, allowed) | Effect::Rerun(_, _, allowed) = effect {
                    prop_assert!(was_allowed);
                    prop_assert_eq!(allowed.repro(), &repro);
                }
            }
        }
    }
}

fn candidate() -> Candidate {
    Candidate {
        author: Author::Advisor,
        name: "model m".to_owned(),
        place: "http://localhost:1".to_owned(),
        tokens: Some(1_000),
        money: None,
        time: Duration::from_secs(60),
        confinement: String::new(),
        trouble: None,
    }
}

/// A triage with this verdict.
fn triaged_as(escalates: bool) -> Box<Triaged> {
    let mut triaged = triaged();
    triaged.verdict.causal_link = escalates;
    triaged
}

/// The straight way to a draft, so that it is reached often enough.
fn to_draft((escalates, reason, consents): (bool, usize, bool)) -> Vec<Asking> {
    let reasons = ["", "ok", "the trace is cut off"];
    let last = if consents { Key::Enter } else { Key::Char('y') };
    let mut steps: Vec<Asking> =
        [Key::Esc; 6].into_iter().chain([Key::Char('F'), Key::Down, Key::Enter]).map(Asking::Key).collect();
    steps.push(Asking::Verdict(escalates));
    steps.extend(reasons[reason].chars().map(|char| Asking::Key(Key::Char(char))));
    steps.extend([Asking::Key(Key::PageDown), Asking::Key(last)]);
    steps
}

#[derive(Clone, Debug)]
enum Asking {
    Key(Key),
    Verdict(bool),
    Paste(&'static str),
    News(bool),
}

fn any_asking() -> impl Strategy<Value = Vec<Asking>> {
    let keys =
        [Key::Enter, Key::Esc, Key::Up, Key::Down, Key::Backspace, Key::Ctrl('u'), Key::Char('y'), Key::Char('F')];
    let more = "tc0r?".chars().map(Key::Char);
    let keys: Vec<Key> = keys.into_iter().chain(more).collect();
    prop_oneof![
        4 => proptest::sample::select(keys).prop_map(|key| vec![Asking::Key(key)]),
        2 => any::<bool>().prop_map(|escalates| vec![Asking::Verdict(escalates)]),
        1 => Just(vec![Asking::Paste("because I paste it")]),
        1 => any::<bool>().prop_map(|other| vec![Asking::News(other)]),
        2 => (any::<bool>(), 0_usize..3, any::<bool>()).prop_map(to_draft),
    ]
}

fn asked(asking: &Asking, state: &State) -> Msg {
    match asking {
        Asking::Key(key) => Msg::Key(*key),
        Asking::Verdict(escalates) => Msg::Triaged(Ticket(state.last_ticket), Ok(triaged_as(*escalates))),
        Asking::Paste(text) => Msg::Paste((*text).to_owned()),
        Asking::News(other) => news_after(if *other { "v3" } else { "v2" }, &["gateway declined", "cache miss"], 3),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens in whatever order: nobody is asked for a draft but by a key on the page that shows it, and
    /// where the evidence does not speak for it, only for a reason that was typed there.
    #[test]
    fn nobody_is_asked_without_ground_or_reason(steps in prop::collection::vec(any_asking(), 1..40)) {
        let mut state = state();
        state.options.candidates = vec![candidate()];
        for asking in steps.iter().flatten() {
            let (ground, context) = (state.ground(), state.context());
            let typed = match &state.place {
                Place::Fix(fixing) => match &fixing.step {
                    FixStep::Briefing(briefing) => briefing.typed.clone(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            let msg = asked(asking, &state);
            let key = if let Msg::Key(key) = &msg { Some(*key) } else { None };
            for effect in update(&mut state, msg) {
                let Effect::Draft(_, _, commission) = effect else { continue };
                prop_assert_eq!(&commission.brief().candidate, &candidate());
                match commission.ground() {
                    Ground::Evidence | Ground::Ruling(_) => {
                        prop_assert_eq!(ground.as_ref(), Some(commission.ground()));
                        prop_assert!(context == Context::Repro && key == Some(Key::Char('y')));
                    }
                    Ground::Reason(reason) => {
                        prop_assert!(ground.is_none() && context == Context::Reason && key == Some(Key::Enter));
                        prop_assert_eq!(reason.as_str(), typed.trim());
                        prop_assert!(reason.len() >= 10 && !reason.contains("paste"));
                    }
                }
            }
        }
    }
}

#[test]
fn a_draft_is_asked_for_shown_and_cancelled() {
    let mut state = state();
    state.options.candidates = vec![candidate()];
    assert!(press(&mut state, &[Key::Char('F')]).is_empty());
    let effects = press(&mut state, &[Key::Down, Key::Enter]);
    let [Effect::Triage(triage, _)] = effects.as_slice() else { panic!("{effects:?}") };
    update(&mut state, Msg::Triaged(*triage, Ok(triaged_as(true))));
    let effects = press(&mut state, &[Key::PageDown, Key::Char('y')]);
    let [Effect::Draft(draft, ..)] = effects.as_slice() else { panic!("{effects:?}") };
    let effects = press(&mut state, &[Key::Esc]);
    assert!(matches!(effects.as_slice(), [Effect::Cancel(ticket)] if ticket == draft));
    assert!(matches!(state.place, Place::Watching));
    // What comes late is not taken.
    let failure = Failure::new(FailureKind::External, "it broke", "");
    update(&mut state, Msg::Fixed(*draft, Err(failure)));
    assert!(matches!(state.place, Place::Watching));
}

/// At the review of a draft that passed a check, whose command a person let run.
fn reviewing_checked() -> State {
    let mut state = reviewing();
    let repro = Repro { argv: vec!["true".to_owned()], limit: Duration::from_secs(9) };
    let allowed = crate::remedy::fix::allow(repro.clone(), repro.digest(), state.options.person.clone()).unwrap();
    let Place::Review(review) = &mut state.place else { unreachable!() };
    review.leave = Some(Leave::Search(allowed));
    let Work::Ready(desk) = &mut review.work else { unreachable!() };
    let mut sheet = (*desk.sheet).clone();
    sheet.draft.checks = vec![passed()];
    desk.sheet = Arc::new(sheet);
    state
}

fn passed() -> Check {
    Check { name: "repro passes", passed: true, detail: String::new() }
}

fn desk(state: &State) -> &crate::app::desk::Desk {
    state.place.review().and_then(|review| review.work.ready()).expect("there is no draft")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is chosen and checked in whatever order: what counts as checked is exactly what is chosen.
    #[test]
    fn a_check_never_speaks_for_another_choice(steps in prop::collection::vec((0u8..6, any::<bool>()), 1..50)) {
        let mut state = reviewing_checked();
        let (mut asked, mut checking) = (Vec::new(), Vec::new());
        for (step, newest) in steps {
            let pick = |all: &[(Ticket, Choice)]| if newest { all.last().cloned() } else { all.first().cloned() };
            let msg = match step {
                0 => Msg::Key(Key::Char(' ')),
                1 => Msg::Key(Key::Char('n')),
                2 => Msg::Key(Key::Char('N')),
                3 => Msg::Key(Key::Char('u')),
                4 => match pick(&asked) {
                    Some((ticket, choice)) => Msg::Composed(ticket, Ok(Box::new(plan(&told(&choice), Hazard::Green)))),
                    None => continue,
                },
                _ => match pick(&checking) {
                    // The detail tells for which choice it was made.
                    Some((ticket, choice)) => Msg::Checked(ticket, Ok(vec![Check { detail: parts(&choice), ..passed() }])),
                    None => continue,
                },
            };
            for effect in update(&mut state, msg) {
                match effect {
                    Effect::Compose(ticket, _, _, choice) => asked.push((ticket, *choice)),
                    Effect::Check(ticket, _, chosen) => {
                        prop_assert!(!chosen.choice.is_whole());
                        checking.push((ticket, chosen.choice));
                    }
                    _ => {}
                }
            }
            let desk = desk(&state);
            for (check, speaks) in desk.sheet.draft.checks_of(&desk.choice) {
                let is_own = check.detail == parts(&desk.choice);
                prop_assert!(!speaks || is_own || desk.choice.is_whole(), "{check:?} of {:?}", desk.choice);
            }
        }
    }
}

/// The parts of a choice, told apart.
fn parts(choice: &Choice) -> String {
    format!("{:?}", choice.rejected().collect::<Vec<_>>())
}

/// The state at the review of a draft, and the ticket of the draft.
fn reviewing() -> State {
    let mut state = state();
    let asked = press(&mut state, &[Key::Char('d')]);
    update(&mut state, Msg::Planned(ticket(&asked), Ok(Box::new(prepared(PATCH, Hazard::Green)))));
    state
}

#[test]
fn one_plan_is_asked_for_at_a_time_and_the_last_choice_wins() {
    let mut state = reviewing();
    let first = press(&mut state, &[Key::Char(' ')]);
    assert!(matches!(first.as_slice(), [Effect::Compose(..)]));
    assert!(press(&mut state, &[Key::Char('n'), Key::Char(' ')]).is_empty(), "one is under way");
    let again = update(&mut state, Msg::Composed(ticket(&first), Ok(Box::new(plan("stale", Hazard::Green)))));
    let [Effect::Compose(second, _, _, choice)] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(choice.rejected().count(), 2);
    assert!(press(&mut state, &[Key::Char('a')]).is_empty());
    assert!(matches!(state.place, Place::Review(_)), "there is no plan of this choice yet");
    update(&mut state, Msg::Composed(*second, Ok(Box::new(plan("fresh", Hazard::Green)))));
    press(&mut state, &[Key::Char('a')]);
    assert!(matches!(&state.place, Place::Approval(approval) if approval.shown.plan.patch == "fresh"));
}

#[test]
fn while_the_editor_is_open_keys_are_the_editors() {
    let mut state = reviewing();
    let asked = press(&mut state, &[Key::Char('e')]);
    let [Effect::Edit(edit, text)] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(text.contains("-one\n+two\n"), "{text}");
    assert!(press(&mut state, &[Key::Char('a'), Key::Enter, Key::Char('q'), Key::Esc]).is_empty());
    let edited = text.replace("+two", "+three");
    let effects = update(&mut state, Msg::Edited(*edit, Ok(edited)));
    assert!(matches!(effects.as_slice(), [Effect::Compose(..)]));
    // An answer that comes twice is taken once.
    assert!(update(&mut state, Msg::Edited(*edit, Ok(String::new()))).is_empty());
    assert!(matches!(press(&mut state, &[Key::Char('u')]).as_slice(), []), "its plan is under way");
}

#[test]
fn n_goes_from_hunk_to_hunk_until_something_is_searched_for() {
    let mut state = reviewing();
    let cursor = |state: &State| match &state.place {
        Place::Review(review) => review.work.ready().map(|desk| desk.hunk()),
        _ => None,
    };
    press(&mut state, &[Key::Char('n')]);
    assert_eq!(cursor(&state), Some(Some((0, 1))));
    press(&mut state, &[Key::Char('N')]);
    assert_eq!(cursor(&state), Some(Some((0, 0))));
    press(&mut state, &typed("/two"));
    press(&mut state, &[Key::Enter, Key::Esc]);
    assert!(matches!(state.place, Place::Review(_)), "the search goes first");
    press(&mut state, &[Key::Esc]);
    assert!(matches!(state.place, Place::Watching));
}
