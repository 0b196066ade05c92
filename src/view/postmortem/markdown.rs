//! Writes Markdown; the charts are pictures within the text, and lines of blocks for those who see none.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Postmortem, lengths, moment, numbers, read_suspects, recovery_words, sentence, unread_suspects};

/// What only people can tell.
pub(super) const QUESTIONS: [&str; 4] = [
    "Who was affected, and how?",
    "Why was it not found earlier?",
    "What went well?",
    "What will be done, by whom, until when?",
];

/// The text.
#[must_use]
pub fn markdown(report: &Postmortem) -> String {
    let mut text = String::new();
    let mut line = |written: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{written}");
    };
    line(format!("# Incident {} of {}\n", report.incident, inline(&report.service)));
    let deploy = &report.deploy;
    line(format!("- State: {}", report.state));
    line(format!("- Opened: {}", moment(report.opened)));
    if let Some(closed) = report.closed {
        line(format!("- Closed: {}", moment(closed)));
    }
    if report.reopened > 0 {
        line(format!("- Reopened: {} times", report.reopened));
    }
    lengths(report).into_iter().for_each(|(name, length)| line(format!("- {name}: {length}")));
    line(format!("- Deploy: {} at {}", code(&deploy.version), moment(deploy.at)));
    for (name, value) in [
        ("Revision", &deploy.revision),
        ("Before it", &deploy.previous),
        ("Author", &deploy.author),
        ("Subject", &deploy.subject),
    ] {
        if let Some(value) = value {
            line(format!("- {name}: {}", code(value)));
        }
    }
    line("\n## Timeline\n".to_owned());
    for told in &report.timeline {
        line(format!("- {}: {}", moment(told.at), inline(&told.what)));
    }
    findings(report, &mut line);
    verdict(report, &mut line);
    approvals(report, &mut line);
    if let Some(recovery) = &report.recovery {
        line(format!("\n## Recovery\n\n{}", recovery_words(recovery)));
    }
    if let Some(diff) = &report.diff {
        line(format!("\n## What was taken back\n\n{}", block("diff", diff)));
    }
    line("\n## To be written by people".to_owned());
    for question in QUESTIONS {
        line(format!("\n### {question}\n\n…"));
    }
    if !report.missing.is_empty() {
        line("\n## What cannot be told\n".to_owned());
        report.missing.iter().for_each(|missing| line(format!("- {}", inline(missing))));
    }
    text
}

fn findings(report: &Postmortem, line: &mut impl FnMut(String)) {
    line("\n## Findings".to_owned());
    for finding in &report.findings {
        line(format!("\n### {}\n", code(&finding.template)));
        line(inline(sentence(finding)));
        let level = finding.level.as_deref().unwrap_or("no level");
        line(format!(
            "\n{} {}, {}, {level}: {}. {}",
            finding.tier,
            finding.kind,
            finding.class,
            numbers(finding),
            code(&finding.signature.to_string())
        ));
        if let Some(chart) = report.charts.iter().find(|chart| chart.signature == finding.signature) {
            line(format!(
                "\n![{}](data:image/svg+xml;base64,{})\n",
                inline(&chart.summary()),
                STANDARD.encode(chart.svg())
            ));
            line(block("text", &format!("{}\n{}", chart.sparkline(), chart.summary())));
        }
    }
}

fn verdict(report: &Postmortem, line: &mut impl FnMut(String)) {
    let Some(verdict) = &report.verdict else { return };
    let link = if verdict.causal_link { "Laid to the deploy" } else { "Not shown to be caused by the deploy" };
    line(format!(
        "\n## Cause\n\n{link}, confidence {}: {}\n\n{}",
        verdict.confidence,
        code(&verdict.template),
        inline(&verdict.summary)
    ));
    for suspect in read_suspects(verdict) {
        line(format!("\n### {}:{}-{} ({:.1})\n", code(&suspect.file), suspect.start, suspect.end, suspect.score));
        suspect.reasons.iter().for_each(|reason| line(format!("- {}", inline(reason))));
        suspect.against.iter().for_each(|against| line(format!("- against: {}", inline(against))));
        line(format!("\n{}", block("diff", &suspect.change)));
    }
    if let Some(left) = unread_suspects(verdict) {
        line(format!("\n{left}"));
    }
}

fn approvals(report: &Postmortem, line: &mut impl FnMut(String)) {
    line("\n## Approvals and execution\n".to_owned());
    for approval in &report.approvals {
        let why =
            if approval.reason.is_empty() { String::new() } else { format!("; why: {}", inline(&approval.reason)) };
        let people: Vec<String> = approval.people.iter().map(|person| inline(person)).collect();
        line(format!(
            "- {}: {} approved {} ({}){why}",
            moment(approval.at),
            people.join(" and "),
            code(&approval.digest),
            approval.level
        ));
    }
    for step in &report.execution {
        line(format!("- {}: {}", moment(step.at), inline(&step.what)));
    }
    if report.approvals.is_empty() && report.execution.is_empty() {
        line("Nothing was approved and nothing was executed.".to_owned());
    }
}

/// Text within a line: nothing in it is markup, a link or a tag.
fn inline(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // A bare address would become a link.
    let text = text.replace("://", ":\u{200b}//").replace("www.", "www\u{200b}.");
    for character in text.chars() {
        match character {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '\n' | '\r' => plain.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '|' | '~' | '@' => {
                plain.push('\\');
                plain.push(character);
            }
            '\u{200b}' => plain.push_str("&#8203;"),
            character => plain.push(character),
        }
    }
    plain
}

/// Text as code within a line, behind more backticks than it holds.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text as a block, behind a longer fence than it holds.
fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}
