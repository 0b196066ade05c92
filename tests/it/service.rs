//! The seeded service: scripted deploys, judged by the real triage and the real safety analysis.
//!
//! Prints its figures; they are bars, not hopes. See `tests/data/service/README.md`.

mod script;

use std::collections::BTreeMap;

use aftercare::remedy::safety::concerns;
use aftercare::shell::git::read::{self, Range};
use aftercare::triage::{Change, Confidence, Rates, Suspect, Symptom, Verdict};
use git2::Repository;

use crate::triage::commit;
use script::{Deploy, Tree, deploys};

/// A deploy and what was said of it.
struct Judged {
    deploy: Deploy,
    verdict: Verdict,
    change: Change,
}

impl Judged {
    /// Judges a deploy in a repository that is used for all of them.
    fn of(deploy: Deploy, repo: &Repository) -> Self {
        let files = |tree: &Tree| -> Vec<(String, Vec<u8>)> {
            tree.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect()
        };
        let (base, head) = (files(&deploy.base), files(&deploy.head));
        let listed = |files: &[(String, Vec<u8>)], parents: &[git2::Oid], tag: &str| {
            commit(repo, files.iter().map(|(path, text)| (path.as_str(), Some(text.as_slice()))), parents, tag)
        };
        let first = listed(&base, &[], "base");
        listed(&head, &[first], "head");
        let mut symptoms: Vec<Symptom> = deploy.errors.iter().map(|error| Symptom::of_text(error)).collect();
        symptoms[0].rates = deploy.rates.map(|(before, after)| Rates::given(before, after));
        let range = Range::new("base", "head");
        let (verdict, change) = read::triage_among(repo.path(), &range, &symptoms[0], &symptoms[1..]).unwrap();
        Self { deploy, verdict, change }
    }

    /// Whether the first suspect is the culprit's file, and its hunk.
    fn is_right(&self) -> (bool, bool) {
        let (Some((path, text)), Some(first)) = (&self.deploy.culprit, self.verdict.suspects.first()) else {
            return (false, false);
        };
        (first.file == *path, first.file == *path && self.holds(first, text))
    }

    fn holds(&self, suspect: &Suspect, text: &str) -> bool {
        let hunks = self.change.files.iter().flat_map(|file| &file.hunks);
        let mut found = hunks.filter(|hunk| hunk.id == suspect.hunk);
        found.any(|hunk| hunk.added.iter().chain(&hunk.removed).any(|line| line.contains(text)))
    }

    fn level(&self) -> &'static str {
        concerns(&self.change).iter().map(|concern| concern.level).max().map_or("green", |level| level.word())
    }
}

#[derive(Default)]
struct Figures {
    causal: usize,
    file_first: usize,
    hunk_first: usize,
    escalated: usize,
    escalated_right: usize,
    innocent: usize,
    innocent_escalated: usize,
    by_confidence: BTreeMap<&'static str, (usize, usize)>,
    levels: BTreeMap<(String, &'static str), usize>,
    notes: Vec<String>,
}

impl Figures {
    fn add(&mut self, judged: &Judged) {
        let (file, hunk) = judged.is_right();
        let name = &judged.deploy.name;
        if judged.deploy.culprit.is_some() {
            self.causal += 1;
            self.file_first += usize::from(file);
            self.hunk_first += usize::from(hunk);
        } else {
            self.innocent += 1;
            self.innocent_escalated += usize::from(judged.verdict.escalates());
        }
        if judged.verdict.escalates() {
            self.escalated += 1;
            self.escalated_right += usize::from(file);
            let known = self.by_confidence.entry(judged.verdict.confidence.word()).or_default();
            known.0 += usize::from(file);
            known.1 += 1;
        }
        *self.levels.entry((judged.deploy.level.clone(), judged.level())).or_default() += 1;
        if judged.deploy.culprit.is_some() && !(hunk && judged.verdict.escalates())
            || !file && judged.verdict.escalates()
        {
            let summary = &judged.verdict.evidence_summary;
            self.notes.push(format!("{name}: {} {summary}", judged.verdict.confidence.word()));
        }
    }

    fn print(&self) {
        println!("{} deploys: {} culprits, {} innocent", self.causal + self.innocent, self.causal, self.innocent);
        println!(
            "file first {:.1} %, hunk first {:.1} %",
            share(self.file_first, self.causal),
            share(self.hunk_first, self.causal)
        );
        println!(
            "escalated {}: precision {:.1} %, recall {:.1} %; innocent escalated {}",
            self.escalated,
            share(self.escalated_right, self.escalated),
            share(self.escalated_right, self.causal),
            self.innocent_escalated
        );
        for (word, (right, all)) in &self.by_confidence {
            println!("{word}: {right} of {all} right");
        }
        for ((truth, said), n_deploys) in &self.levels {
            println!("rollback {truth} called {said}: {n_deploys}");
        }
        self.notes.iter().for_each(|note| println!("missed: {note}"));
    }
}

/// Whether a sentence holds the text, whatever the case of its first letter.
fn holds(sentence: &str, text: &str) -> bool {
    sentence.to_lowercase().contains(&text.to_lowercase())
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

#[test]
fn the_scripted_deploys_are_judged_well() {
    let mut figures = Figures::default();
    let mut wrong = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    let repo = Repository::init_bare(folder.path()).unwrap();
    for deploy in deploys() {
        let judged = Judged::of(deploy, &repo);
        figures.add(&judged);
        let reasons = || judged.verdict.suspects.iter().flat_map(|suspect| &suspect.reasons);
        for text in &judged.deploy.decides {
            if !judged.verdict.suspects.first().is_some_and(|first| first.reasons.iter().any(|said| holds(said, text)))
            {
                wrong.push(format!(
                    "{}: nothing says {text:?}: {:?}",
                    judged.deploy.name,
                    judged.verdict.suspects.first()
                ));
            }
        }
        for text in &judged.deploy.silent {
            if reasons().any(|reason| holds(reason, text)) {
                wrong.push(format!("{}: it says {text:?}", judged.deploy.name));
            }
        }
    }
    figures.print();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(figures.causal + figures.innocent >= 120);
    assert!(share(figures.file_first, figures.causal) >= 88.0, "file first");
    assert!(share(figures.hunk_first, figures.causal) >= 80.0, "hunk first");
    assert!(share(figures.escalated_right, figures.escalated) >= 93.0, "precision");
    assert!(share(figures.escalated_right, figures.causal) >= 70.0, "recall");
    assert_eq!(figures.innocent_escalated, 0, "innocent deploys escalated");
    let bars = [(Confidence::High, 98.0), (Confidence::Medium, 90.0)];
    for (confidence, bar) in bars {
        let (right, all) = figures.by_confidence.get(confidence.word()).copied().unwrap_or_default();
        assert!(share(right, all) >= bar, "{} confidence: {right} of {all}", confidence.word());
    }
    let missed = figures.levels.iter().filter(|((truth, said), _)| truth == "red" && *said != "red");
    assert_eq!(missed.count(), 0, "a dangerous rollback was called less");
}
