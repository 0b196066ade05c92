//! Golden screens of a fix that a model or an agent writes: chosen, ordered, made, reviewed.

use std::time::Duration;

use aftercare::app::{Key, Msg};
use aftercare::remedy::advice::commission::Author;
use aftercare::remedy::advice::{Candidate, Drafted, Progress, Spent};
use aftercare::remedy::fix::{Part, Program, Repro, Stand, Tried};

use super::check;
use super::scene::Scene;

fn command(argv: &[&str]) -> Option<Repro> {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    Some(Repro { argv, limit: Duration::from_secs(300) })
}

fn candidates() -> Vec<Candidate> {
    let model = Candidate {
        author: Author::Advisor,
        name: "model openai gpt-example".to_owned(),
        place: "https://models.example".to_owned(),
        tokens: Some(120_000),
        money: Some(1.0),
        time: Duration::from_secs(180),
        confinement: String::new(),
        trouble: None,
    };
    let agent = Candidate {
        author: Author::Agent("claude".to_owned()),
        name: "agent claude".to_owned(),
        place: "claude".to_owned(),
        tokens: None,
        money: None,
        time: Duration::from_secs(900),
        confinement: "a folder and a home of its own; no sandbox of the system is there".to_owned(),
        trouble: Some("there is no program \"claude\"".to_owned()),
    };
    vec![model, agent]
}

fn scene() -> Scene {
    let mut scene = Scene::regression_with(command(&["make", "check"]));
    scene.offer(command(&["make", "test"]), candidates());
    scene
}

/// At the order of a draft, with the verdict that the evidence gives, or a person's word against it.
fn ordering(is_acquitted: bool) -> Scene {
    let mut scene = scene();
    scene.ask_for_suspects();
    scene.answer_suspects();
    if is_acquitted {
        scene.press("0");
    }
    scene.press("Fj");
    scene.keys(&[Key::Enter]);
    scene
}

fn spent(input: u64, output: u64) -> Spent {
    let money = Some((input as f64 * 3.0 + output as f64 * 15.0) / 1e6);
    Spent { requests: 1, input_tokens: input, output_tokens: output, money, estimated: true }
}

#[test]
fn who_finds_the_fix_is_chosen_and_who_cannot_be_asked_is_said() {
    let mut scene = scene();
    scene.press("Fj");
    check("fix-choosing", &mut scene);
    scene.press("j");
    scene.keys(&[Key::Enter]);
    check("fix-unable", &mut scene);
}

#[test]
fn an_order_shows_who_gets_what_at_what_price_and_what_is_run() {
    let mut scene = scene();
    scene.press("Fj");
    scene.keys(&[Key::Enter]);
    check("draft-judging", &mut scene);
    scene.answer_suspects();
    check("draft-ordering", &mut scene);
}

#[test]
fn against_the_evidence_a_reason_is_typed() {
    let mut scene = ordering(true);
    scene.press("the trace");
    check("draft-reason", &mut scene);
    scene.keys(&[Key::Enter, Key::Ctrl('u')]);
    scene.press("no");
    scene.keys(&[Key::End, Key::Enter]);
    check("draft-no-reason", &mut scene);
}

#[test]
fn a_draft_comes_line_by_line_with_what_it_costs_and_ends_in_a_review() {
    let mut scene = ordering(false);
    scene.keys(&[Key::End]);
    scene.press("y");
    let ticket = scene.newest();
    let tell = |scene: &mut Scene, progress| scene.tell(Msg::Drafting(ticket, progress));
    let tried = |run: usize, ending: &str, passed: bool| {
        let on = if passed { Stand::Draft(Program::Repro) } else { Stand::Deployed(Program::Repro) };
        let part = Part { run, on };
        Progress::Tried(Tried { part, ending: ending.to_owned(), passed, took: Duration::from_millis(740) })
    };
    tell(&mut scene, tried(1, "failed with exit status 1: \u{1b}[31mAssertionError\u{1b}[0m: 12", false));
    tell(&mut scene, Progress::Asked { turn: 1, tokens: Some(2_400), money: Some(0.13) });
    for (n_bytes, line) in [(40, "The total became cents."), (90, "FILE: orders/payment.py"), (140, "=======\u{202e}x")]
    {
        tell(
            &mut scene,
            Progress::Received { n_bytes, lines: vec![line.to_owned()], spent: spent(2_400, n_bytes as u64 / 3) },
        );
    }
    scene.wait(1);
    check("draft-running", &mut scene);
    tell(&mut scene, Progress::Answered(spent(2_380, 61)));
    tell(&mut scene, tried(2, "succeeded", true));
    check("draft-checking", &mut scene);
    let drafted = Drafted {
        by: "openai gpt-example".to_owned(),
        said: "The total became cents twice.\u{1b}]0;x\u{7}".to_owned(),
        ready: false,
        asked: 1,
        spent: spent(2_380, 61),
        transcript: Some("/home/ada/.local/state/aftercare/transcripts/1.jsonl".to_owned()),
        trouble: None,
        left_out: vec!["orders/other.py".to_owned()],
        ..Drafted::default()
    };
    scene.answer_draft(drafted);
    check("draft-review", &mut scene);
    scene.keys(&[Key::Tab, Key::PageDown]);
    check("draft-review-about", &mut scene);
}

#[test]
fn a_draft_that_does_not_come_says_why_and_what_was_spent() {
    let mut scene = ordering(false);
    scene.keys(&[Key::End]);
    scene.press("y");
    scene.tell(Msg::Drafting(scene.newest(), Progress::Without("the model refuses: no".to_owned())));
    check("draft-without", &mut scene);
    let trouble = Some("the model refuses: no".to_owned());
    let drafted =
        Drafted { by: "openai gpt-example".to_owned(), trouble, spent: spent(2_000, 9), ..Drafted::default() };
    scene.answer_no_draft(drafted);
    check("draft-ended", &mut scene);
}
