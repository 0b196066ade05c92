//! Stories: time-stamped scripts through the real engine, the real store, the real update and screens.
//!
//! Each file under `tests/data/stories/` is one story; times are minutes around its deploy. No clock, no
//! sleeping: the story says what time it is.
//!
//! ```text
//! log FROM TO RATE TEXT      lines at RATE a minute from minute FROM to TO, `{n}` being a fresh number
//! task FROM TO RATE FINISHED SECONDS START -> END    lines START, and END with the same number about so many
//!                            seconds later, but for those beyond the share FINISHED; START -> STEP -> END
//!                            writes a line half-way
//! deploy AT VERSION          a deploy marker
//! silence FROM TO            the source says nothing at all
//! restart AT                 the process is killed and started again on its store
//! key AT KEYS                keys pressed
//! expect AT verdict WORDS    the verdict on the newest deploy contains the words
//! expect AT finding KIND TIER TEXT     a finding on the signature whose template contains the text
//! expect AT none TEXT        no finding on that signature
//! expect AT silent           a finding on the whole source
//! expect AT incident PHASE   the newest incident is in the phase
//! expect AT laid VERSION TEXT    the signature's incident is laid to the deploy
//! expect AT with VERSION PERCENT TEXT    the finding came with this deploy, by at least so many percent
//! remedy AT TEXT             a remedy for the signature was executed
//! expect AT count N TEXT     so many events of the signature are counted since the beginning
//! screen AT WxH NAME         the screen is as in tests/screens/stories/NAME
//! ```

mod script;
mod stage;

use std::fs;
use std::path::Path;

use script::Story;
use stage::Stage;

fn play(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stories").join(format!("{name}.story"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Stage::new(Story::parse(&text)).play();
}

#[test]
fn a_regression_is_found_opened_and_shown() {
    play("regression");
}

#[test]
fn a_healthy_deploy_stays_healthy() {
    play("healthy");
}

#[test]
fn a_new_signature_is_shown_at_once_and_confirmed_by_repetition() {
    play("new-signature");
}

#[test]
fn what_a_new_version_says_below_a_warning_is_no_failure() {
    play("new-line-of-info");
}

#[test]
fn of_two_deploys_in_an_hour_each_is_laid_what_it_did() {
    play("two-deploys");
}

#[test]
fn a_source_that_stops_is_one_finding() {
    play("silent-source");
}

#[test]
fn a_restart_in_mid_watch_loses_and_doubles_nothing() {
    play("restart");
}

#[test]
fn a_rate_that_comes_back_closes_the_incident() {
    play("recovery");
}

#[test]
fn work_that_no_longer_finishes_is_found_and_opens_an_incident() {
    play("stall");
}

#[test]
fn work_of_which_a_fifth_stalls_is_found_in_twenty_minutes() {
    play("stall-fifth");
}

#[test]
fn work_that_takes_its_time_is_no_finding() {
    play("tasks-healthy");
}

#[test]
fn work_that_finishes_again_closes_the_incident() {
    play("stall-recovery");
}

#[test]
fn an_incident_that_was_recorded_teaches_nothing() {
    play("recorded-incident");
}

#[test]
fn a_call_that_is_no_longer_made_is_found_and_followed_over_a_restart() {
    play("skipped-call");
}

#[test]
fn a_stall_that_recovers_is_closed_after_a_restart() {
    play("stall-restart");
}

#[test]
fn of_jobs_of_two_minutes_a_fifth_that_stalls_is_confirmed_in_twenty_minutes() {
    play("stall-figures");
}

#[test]
fn jobs_that_all_stall_are_listed_in_six_minutes_confirmed_in_seven_and_calls_never_made_confirmed_in_four() {
    play("stall-all-figures");
}
