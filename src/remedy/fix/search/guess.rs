//! Guesses what is to blame before anything is halved: one unit, two that belong together, or a family.
//!
//! Input: what is known of the units, and which subsets passed and failed. Output: the next subset to try,
//! or none when the guesses are used up.
//!
//! Pure. A guess explains the failure when the command passes with all of it taken back, and with nothing that
//! lacks a part of it. So a subset that passed leaves the guesses within it, and one that failed ends those within it.
//! What is tried is the best guess, at first and while one stands out, since little is left to be proved when it passes;
//! after that, as many of the most suspicious units as hold half of what is left.
//!
//! The weights were chosen on 98 deploys of ten Python projects with their tests; a factor of two in any of them
//! changes the mean number of runs there by a twentieth at most.

use std::collections::BTreeMap;

use super::{Field, Subset};

/// How likely the better suspect of a guess is alone to blame, and with one other unit; beside each other.
const ALONE: f64 = 0.5;
const WITH_ANOTHER: f64 = 0.5;

/// How likely a suspect is to blame together with all that shares new names with it.
const FAMILY: f64 = 0.1;

/// How much likelier a unit belongs to a suspect when it is in the same file, and when it shares a new name with it.
const SAME_FILE: f64 = 12.0;
const SAME_NAME: f64 = 6.0;

/// Which share of the guesses that are left a subset should hold to be tried.
const SHARE: f64 = 0.5;

/// A guess that holds more than this share of all that is left is tried itself, and so is the first.
const SURE: f64 = 0.1;

/// The most suspects of which pairs are guessed.
const SUSPECTS: usize = 20;

/// What may be to blame, together, and how likely it is beside the others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    units: Subset,
    weight: f64,
}

/// All guesses.
pub(super) fn guesses(field: &Field) -> Vec<Guess> {
    let weight = |unit: usize| field.weights.get(unit).copied().unwrap_or(1.0);
    let mut weights: BTreeMap<Subset, f64> = BTreeMap::new();
    let mut add = |units: Subset, weight: f64| {
        let needed = units.iter().flat_map(|unit| field.needs_of(*unit)).copied();
        *weights.entry(needed.chain(units.iter().copied()).collect()).or_default() += weight;
    };
    for unit in 0..field.n_units {
        add(Subset::from([unit]), ALONE * weight(unit));
    }
    for suspect in 0..field.n_suspects.min(SUSPECTS) {
        let nearness: Vec<(usize, f64)> =
            company(field, suspect).map(|(unit, near)| (unit, near * weight(unit).sqrt())).collect();
        let sum: f64 = nearness.iter().map(|(_, near)| near).sum();
        for (unit, near) in nearness {
            add(Subset::from([suspect, unit]), WITH_ANOTHER * weight(suspect) * near / sum);
        }
        let family: Subset = relatives(field, suspect).iter().copied().chain([suspect]).collect();
        if family.len() > 2 {
            add(family, FAMILY * weight(suspect));
        }
    }
    weights.into_iter().map(|(units, weight)| Guess { units, weight }).collect()
}

/// The units that may be to blame with a suspect, and how near they are to it.
fn company(field: &Field, suspect: usize) -> impl Iterator<Item = (usize, f64)> {
    let others = (0..field.n_units).filter(move |other| *other != suspect);
    others.filter_map(move |other| {
        let is_in_file = file_of(field, other) == file_of(field, suspect);
        let is_relative = relatives(field, suspect).contains(&other);
        let near = if is_in_file { SAME_FILE } else { 1.0 } + if is_relative { SAME_NAME } else { 0.0 };
        (is_in_file || is_relative || other < field.n_suspects).then_some((other, near))
    })
}

/// The next subset to try within one that passes, after these failed.
pub(super) fn next(guesses: &[Guess], within: &Subset, failed: &[Subset]) -> Option<Subset> {
    let is_over = |units: &Subset| failed.iter().any(|failed| units.is_subset(failed));
    let is_left = |guess: &&Guess| guess.units.is_subset(within) && !is_over(&guess.units);
    let left: Vec<&Guess> = guesses.iter().filter(is_left).collect();
    let sum: f64 = left.iter().map(|guess| guess.weight).sum();
    let best =
        left.iter().max_by(|one, two| one.weight.total_cmp(&two.weight).then_with(|| two.units.cmp(&one.units)))?;
    // After the first suspect alone, a pair: it holds the second alone, too, and leaves little to be proved.
    let is_first = failed.len() <= 1;
    if (is_first || best.weight > SURE * sum) && best.units != *within {
        return Some(best.units.clone());
    }
    let ranked = ranked(&left);
    let place: BTreeMap<usize, usize> = ranked.iter().enumerate().map(|(place, unit)| (*unit, place)).collect();
    // What the first so many units hold together.
    let mut held = vec![0.0; ranked.len()];
    for guess in &left {
        let last = guess.units.iter().filter_map(|unit| place.get(unit)).max();
        if let Some(held) = last.and_then(|last| held.get_mut(*last)) {
            *held += guess.weight;
        }
    }
    let mut so_far = 0.0;
    let mut nearest: Option<(f64, Subset)> = None;
    for (index, held) in held.iter().enumerate() {
        so_far += held;
        let distance = (so_far / sum - SHARE).abs();
        if nearest.as_ref().is_some_and(|(nearest, _)| distance >= *nearest) {
            continue;
        }
        let first: Subset = ranked.iter().take(index + 1).copied().collect();
        if first != *within && !is_over(&first) {
            nearest = Some((distance, first));
        }
    }
    nearest.map(|(_, units)| units)
}

/// The units of guesses, the most suspicious first.
fn ranked(guesses: &[&Guess]) -> Vec<usize> {
    let mut weights: BTreeMap<usize, f64> = BTreeMap::new();
    for guess in guesses {
        for unit in &guess.units {
            *weights.entry(*unit).or_default() += guess.weight;
        }
    }
    let mut ranked: Vec<(usize, f64)> = weights.into_iter().collect();
    ranked.sort_by(|one, two| two.1.total_cmp(&one.1));
    ranked.into_iter().map(|(unit, _)| unit).collect()
}

fn file_of(field: &Field, unit: usize) -> usize {
    // Where nothing stands, each is a file of its own.
    field.files.get(unit).copied().unwrap_or(usize::MAX - unit)
}

fn relatives(field: &Field, unit: usize) -> &[usize] {
    field.relatives.get(unit).map_or(&[], Vec::as_slice)
}
