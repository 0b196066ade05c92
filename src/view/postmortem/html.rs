//! Writes one HTML page that needs nothing else.

use std::fmt::Write as _;

use super::chart::escape;
use super::{Postmortem, lengths, moment, numbers, read_suspects, recovery_words, sentence, unread_suspects};

/// Nothing is loaded and nothing runs, whatever the text in the page says.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111827}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #d1d5db}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #e5e7eb}td:first-child{white-space:nowrap}\
pre{background:#f3f4f6;padding:.6rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}\
code{overflow-wrap:anywhere}ins{background:#dcfce7;text-decoration:none}del{background:#fee2e2;text-decoration:none}svg{max-width:100%;height:auto}\
:root{color-scheme:light dark}@media(prefers-color-scheme:dark){body{background:#111827;color:#e5e7eb}\
h2,td,th{border-color:#374151}pre{background:#1f2937}ins{background:#14532d}del{background:#7f1d1d}}";

/// The page.
#[must_use]
pub fn html(report: &Postmortem) -> String {
    let mut page = Page(String::new());
    let title = format!("Incident {} of {}", report.incident, report.service);
    page.raw(&format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escape(&title)
    ));
    page.tag("h1", &title);
    summary(report, &mut page);
    timeline(report, &mut page);
    findings(report, &mut page);
    verdict(report, &mut page);
    approvals(report, &mut page);
    if let Some(recovery) = &report.recovery {
        page.tag("h2", "Recovery");
        page.tag("p", &recovery_words(recovery));
    }
    if let Some(diff) = &report.diff {
        page.tag("h2", "What was taken back");
        page.diff(diff);
    }
    page.tag("h2", "To be written by people");
    for question in super::markdown::QUESTIONS {
        page.tag("h3", question);
        page.tag("p", "…");
    }
    if !report.missing.is_empty() {
        page.tag("h2", "What cannot be told");
        page.list(&report.missing);
    }
    page.raw("</body>\n</html>\n");
    page.0
}

/// A page that is being written; what it is given is escaped.
struct Page(String);

impl Page {
    fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    fn tag(&mut self, tag: &str, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "<{tag}>{}</{tag}>", escape(text));
    }

    fn row(&mut self, cells: &[&str]) {
        self.raw("<tr>");
        for cell in cells {
            let _ = write!(self.0, "<td>{}</td>", escape(cell));
        }
        self.raw("</tr>\n");
    }

    fn list(&mut self, items: &[String]) {
        self.raw("<ul>\n");
        items.iter().for_each(|item| self.tag("li", item));
        self.raw("</ul>\n");
    }

    fn diff(&mut self, text: &str) {
        self.raw("<pre>");
        for line in text.lines() {
            let tag = match line.chars().next() {
                Some('+') => Some("ins"),
                Some('-') => Some("del"),
                Some(_) | None => None,
            };
            let line = escape(line);
            let _ = match tag {
                Some(tag) => writeln!(self.0, "<{tag}>{line}</{tag}>"),
                None => writeln!(self.0, "{line}"),
            };
        }
        self.raw("</pre>\n");
    }
}

fn summary(report: &Postmortem, page: &mut Page) {
    let deploy = &report.deploy;
    page.raw("<table>\n");
    page.row(&["State", &report.state]);
    page.row(&["Opened", &moment(report.opened)]);
    if let Some(closed) = report.closed {
        page.row(&["Closed", &moment(closed)]);
    }
    if report.reopened > 0 {
        page.row(&["Reopened", &format!("{} times", report.reopened)]);
    }
    lengths(report).iter().for_each(|(name, length)| page.row(&[name, length]));
    page.row(&["Deploy", &format!("{} at {}", deploy.version, moment(deploy.at))]);
    for (name, value) in [
        ("Revision", &deploy.revision),
        ("Before it", &deploy.previous),
        ("Author", &deploy.author),
        ("Subject", &deploy.subject),
    ] {
        if let Some(value) = value {
            page.row(&[name, value]);
        }
    }
    page.raw("</table>\n");
}

fn timeline(report: &Postmortem, page: &mut Page) {
    page.tag("h2", "Timeline");
    page.raw("<table>\n");
    for told in &report.timeline {
        page.row(&[&moment(told.at), &told.what]);
    }
    page.raw("</table>\n");
}

fn findings(report: &Postmortem, page: &mut Page) {
    page.tag("h2", "Findings");
    for finding in &report.findings {
        page.tag("h3", &finding.template);
        page.tag("p", sentence(finding));
        let level = finding.level.as_deref().unwrap_or("no level");
        page.tag("p", &format!("{} {}, {}, {level}: {}", finding.tier, finding.kind, finding.class, numbers(finding)));
        page.tag("p", &finding.signature.to_string());
        if let Some(chart) = report.charts.iter().find(|chart| chart.signature == finding.signature) {
            page.raw(&chart.svg());
            page.tag("p", &chart.summary());
        }
    }
}

fn verdict(report: &Postmortem, page: &mut Page) {
    let Some(verdict) = &report.verdict else { return };
    page.tag("h2", "Cause");
    let link = if verdict.causal_link { "Laid to the deploy" } else { "Not shown to be caused by the deploy" };
    page.tag("p", &format!("{link}, confidence {}: {}", verdict.confidence, verdict.template));
    page.tag("p", &verdict.summary);
    for suspect in read_suspects(verdict) {
        page.tag("h3", &format!("{}:{}-{} ({:.1})", suspect.file, suspect.start, suspect.end, suspect.score));
        page.list(&suspect.reasons);
        if !suspect.against.is_empty() {
            page.tag("p", "Against it:");
            page.list(&suspect.against);
        }
        page.diff(&suspect.change);
    }
    if let Some(left) = unread_suspects(verdict) {
        page.tag("p", &left);
    }
}

fn approvals(report: &Postmortem, page: &mut Page) {
    page.tag("h2", "Approvals and execution");
    page.raw("<table>\n");
    for approval in &report.approvals {
        let why = if approval.reason.is_empty() { String::new() } else { format!("; why: {}", approval.reason) };
        let what = format!("{} approved {} ({}){why}", approval.people.join(" and "), approval.digest, approval.level);
        page.row(&[&moment(approval.at), &what]);
    }
    for step in &report.execution {
        page.row(&[&moment(step.at), &step.what]);
    }
    page.raw("</table>\n");
    if report.approvals.is_empty() && report.execution.is_empty() {
        page.tag("p", "Nothing was approved and nothing was executed.");
    }
}
