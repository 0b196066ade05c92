//! The screen and `judge` say the same of the same counts; late lines are counted in their minute, once.

use std::fmt::Write as _;

use super::*;
use crate::detect::table::{Line, Question, Table};
use crate::detect::{Assessment, Kind};

/// What both are to agree on, of one signature.
type Told = (u64, String, Option<Kind>, Vec<Option<String>>);

fn told_by_engine(found: &Assessment) -> Told {
    let tier = match found.finding {
        Some(finding) if finding.tier == Tier::Confirmed => "confirmed",
        _ if found.is_listed() => "list",
        _ => "none",
    };
    let kind = found.finding.filter(|_| found.is_listed()).map(|finding| finding.kind);
    let numbers = [Some(found.expected), Some(found.evidence), found.ratio];
    (found.observed, tier.to_owned(), kind, numbers.map(|it| it.map(|it| format!("{it:.9e}"))).to_vec())
}

fn told_by_table(line: &Line) -> Told {
    let numbers = [Some(line.expected), Some(line.e), line.ratio];
    (line.observed, line.tier.to_owned(), line.kind, numbers.map(|it| it.map(|it| format!("{it:.9e}"))).to_vec())
}

/// Lines of three signatures at even rates, which change at minute 0: each as often in so many minutes.
fn log(rates: [(u32, u32); 3], end: i32) -> Vec<String> {
    let mut lines = Vec::new();
    for minute in -3_000..end {
        lines.push(line(minute, 1, "INFO api: served request 81 in 12 ms"));
        for (which, (before, after)) in rates.into_iter().enumerate() {
            let rate = if minute >= 0 { after } else { before };
            let until = |minute: i32| (i64::from(minute) * i64::from(rate)).div_euclid(10);
            for n in 0..until(minute + 1) - until(minute) {
                let what = ["lookup", "charge", "upload"][which];
                lines.push(line(minute, 2 + n as u64 % 50, &format!("ERROR shop: {what} {n} failed")));
            }
        }
    }
    lines
}

fn read(lines: &[String], end: i32) -> Engine {
    let mut engine = engine();
    engine.push(KEY, lines.concat().as_bytes(), at(end, 0));
    engine.end(KEY, at(end, 0));
    engine
}

/// The table of what an engine counted.
fn table_of(engine: &Engine, end: i32) -> String {
    let mut text = "minute,signature,count\n".to_owned();
    let from = ZERO.plus(-3_000);
    for (index, known) in engine.catalog().iter() {
        let series = engine.counts().series(index, from..ZERO.plus(end));
        for (minute, n) in from.until(ZERO.plus(end)).zip(series) {
            writeln!(text, "{},{},{}", minute.start(), known.id, n.unwrap_or(0)).unwrap();
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_screen_and_judge_agree(
        rates in prop::array::uniform3((0..25_u32, 0..60_u32)),
        end in 2..60_i32,
        second in 1..59_i32,
        has_second: bool,
    ) {
        let mut engine = read(&log(rates, end), end);
        let deploys: Vec<i32> = [Some(0), Some(second).filter(|second| has_second && *second < end)].into_iter().flatten().collect();
        deploys.iter().for_each(|minute| engine.mark(deploy(*minute, &format!("v{minute}"))));
        engine.judge(at(end, 0));
        let deploys: Vec<Timestamp> = deploys.into_iter().map(|minute| at(minute, 0)).collect();
        let question = Question {
            deploys: deploys.clone(),
            earlier: Vec::new(),
            minutes: None,
            each_minute: false,
            settings: Settings::default(),
        };
        let lines = Table::parse(&table_of(&engine, end), None).unwrap().judge(&question);
        let mut n_compared = 0;
        for (deploy, judgement) in engine.judgements() {
            for found in &judgement.assessments {
                let name = found.signature.and_then(|index| engine.catalog().get(index)).map(|known| known.id.to_string());
                let is_its = |line: &&Line| line.signature == name && line.deploy.is_none_or(|at| at == deploy.at);
                let its: Vec<Told> = lines.iter().filter(is_its).map(told_by_table).collect();
                prop_assert_eq!(&its, &[told_by_engine(found)], "{:?}", name);
                let line = lines.iter().find(is_its).unwrap();
                let shares: Vec<f64> = found.shares.iter().filter(|_| found.is_listed()).map(|it| it.share).collect();
                prop_assert_eq!(line.came_with.iter().map(|it| it.share).collect::<Vec<_>>(), shares);
                n_compared += 1;
            }
        }
        prop_assert_eq!(n_compared, lines.len());
    }

    /// Lines that come up to half an hour late are counted in the minute in which they were written, once; and however
    /// often one looked before they came, what is found in the end is the same.
    #[test]
    fn late_lines_change_their_minute_and_nothing_else(salt: u64, each in 2..7_u64, late in 1..30_i32) {
        let rates = [(2, 20), (3, 3), (0, 8)];
        let lines = log(rates, 40);
        let mut prompt = read(&lines, 40);
        prompt.mark(deploy(0, "v2"));
        prompt.judge(at(60, 0));
        let mut engine = engine();
        engine.mark(deploy(0, "v2"));
        let is_late = |line: &str| {
            line.contains("ERROR") && line.bytes().fold(salt, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)) % each == 0
        };
        let mut waiting: BTreeMap<i32, String> = BTreeMap::new();
        for line in &lines {
            let minute = line[..20].parse::<Timestamp>().unwrap().minute().since(ZERO);
            let comes = if is_late(line) { minute + late } else { minute };
            *waiting.entry(comes).or_default() += line;
        }
        for (minute, text) in waiting {
            engine.push(KEY, text.as_bytes(), at(minute.min(39) + 1, 0));
            if minute >= 0 {
                engine.judge(at(minute + 1, 0));
            }
        }
        engine.end(KEY, at(60, 0));
        engine.judge(at(60, 0));
        prop_assert_eq!(known(&prompt), known(&engine));
        let findings = |engine: &Engine| found(engine).into_iter().filter(|it| it.starts_with("v2")).collect::<Vec<_>>();
        prop_assert_eq!(findings(&prompt), findings(&engine));
        let peaks = |engine: &Engine| {
            let (_, judgement) = engine.judgements().next().unwrap();
            let id = |it: &Assessment| engine.catalog().get(it.signature.unwrap()).unwrap().id;
            let mut all: Vec<(SignatureId, u64)> = judgement.assessments.iter().map(|it| (id(it), it.peak.to_bits())).collect();
            all.sort_unstable();
            all
        };
        prop_assert_eq!(peaks(&prompt), peaks(&engine));
    }
}
