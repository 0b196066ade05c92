//! Reads what a coding agent says of its work, in whichever form it writes.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::remedy::advice::budget::Spent;
use crate::remedy::advice::fence::one_line;

/// What an agent says of its work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Its last words.
    pub said: String,
    /// What it spent, as it says.
    pub spent: Spent,
    /// Whether it says that it was not allowed to do something.
    pub was_denied: bool,
}

/// Where the agents' JSON has what they say last, or what went wrong.
const SAID: &[&str] = &[
    "/result",
    "/item/text",
    "/part/text",
    "/response",
    "/message/content/0/text",
    "/text",
    "/error/data/message",
    "/error/message",
    "/message",
    "/error",
];

/// Where it has what was used; `*` is any name, and numbers of one row add up within an object.
struct Places {
    sent: &'static [&'static str],
    received: &'static [&'static str],
    money: &'static [&'static str],
    /// Whether each object tells of one step; otherwise the largest tells of all.
    are_steps: bool,
}

const PLACES: &[Places] = &[
    // Anthropic's names: what came from a cache is not in the first number. OpenAI's first number has it in.
    Places {
        sent: &["/usage/input_tokens", "/usage/cache_creation_input_tokens", "/usage/cache_read_input_tokens"],
        received: &["/usage/output_tokens"],
        money: &["/total_cost_usd", "/cost"],
        are_steps: false,
    },
    Places {
        sent: &["/part/tokens/input", "/part/tokens/cache/read", "/part/tokens/cache/write"],
        received: &["/part/tokens/output"],
        money: &["/part/cost"],
        are_steps: true,
    },
    Places {
        sent: &["/stats/models/*/tokens/prompt"],
        received: &["/stats/models/*/tokens/candidates", "/stats/models/*/tokens/thoughts"],
        money: &[],
        are_steps: false,
    },
];

/// A line of plain text that tells what was used: aider's, for each message.
static PLAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let line = r"^Tokens: ([0-9.]+)([kM]?) sent,.*?([0-9.]+)([kM]?) received\.(?: Cost: .*?\$([0-9.]+) session)?";
    Regex::new(line).ok()
});

impl Account {
    /// Reads the lines that an agent wrote, JSON or not; believes none of them.
    #[must_use]
    pub fn of<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut account = Self::default();
        let mut plain = String::new();
        let lines: Vec<&str> = lines.collect();
        // Some print one object over many lines.
        let whole = lines.join("\n");
        let whole = whole.find('{').zip(whole.rfind('}')).and_then(|(from, to)| whole.get(from..=to));
        if let Some(value) = whole.and_then(|whole| serde_json::from_str::<Value>(whole).ok()) {
            account.take(&value);
            return account;
        }
        for line in lines {
            let trimmed = line.trim();
            match serde_json::from_str::<Value>(trimmed) {
                Ok(value) if value.is_object() => account.take(&value),
                _ if account.take_plain(trimmed) || trimmed.is_empty() => {}
                _ => plain = trimmed.to_owned(),
            }
        }
        if account.said.is_empty() {
            account.said = one_line(&plain);
        }
        account
    }

    fn take(&mut self, value: &Value) {
        if let Some(said) = said(value) {
            self.said = said;
        }
        let denials = value.get("permission_denials").and_then(Value::as_array);
        self.was_denied |= denials.is_some_and(|denials| !denials.is_empty());
        for places in PLACES {
            let Some((sent, received)) = tokens(value, places.sent).zip(tokens(value, places.received)) else {
                continue;
            };
            let money = places.money.iter().find_map(|place| value.pointer(place)).and_then(Value::as_f64);
            self.count((sent, received), money, places.are_steps);
        }
    }

    /// Takes a line of plain text; says whether it was one that tells what was used.
    fn take_plain(&mut self, line: &str) -> bool {
        let Some(found) = PLAIN.as_ref().and_then(|plain| plain.captures(line)) else { return false };
        let number = |digits: usize, unit: usize| -> Option<u64> {
            let factor = match found.get(unit)?.as_str() {
                "k" => 1e3,
                "M" => 1e6,
                _ => 1.0,
            };
            let number = found.get(digits)?.as_str().parse::<f64>().ok()?;
            Some((number * factor).round() as u64)
        };
        let Some(both) = number(1, 2).zip(number(3, 4)) else { return false };
        self.count(both, None, true);
        // The money is that of all messages so far.
        let money = found.get(5).and_then(|money| money.as_str().parse::<f64>().ok());
        self.spent.money = money.filter(|money| money.is_finite()).or(self.spent.money);
        true
    }

    /// Counts tokens sent and received, and money: of one step, or of all.
    fn count(&mut self, (sent, received): (u64, u64), money: Option<f64>, is_step: bool) {
        let (input, output) = (self.spent.input_tokens, self.spent.output_tokens);
        self.spent.requests = self.spent.requests.saturating_add(1);
        self.spent.input_tokens = if is_step { input.saturating_add(sent) } else { input.max(sent) };
        self.spent.output_tokens = if is_step { output.saturating_add(received) } else { output.max(received) };
        if let Some(money) = money.filter(|money| money.is_finite() && *money >= 0.0) {
            let before = self.spent.money.filter(|_| is_step).unwrap_or(0.0);
            self.spent.money = Some(before + money);
        }
        self.spent.estimated = true;
    }
}

/// What an object says, or what went wrong.
pub(super) fn said(value: &Value) -> Option<String> {
    let found = SAID.iter().find_map(|place| value.pointer(place).and_then(Value::as_str))?;
    (!found.trim().is_empty()).then(|| one_line(found))
}

/// The sum of the numbers at these places; none where the first has none.
fn tokens(value: &Value, places: &[&str]) -> Option<u64> {
    let sums: Vec<Option<u64>> = places.iter().map(|place| sum(value, place.trim_start_matches('/'))).collect();
    sums.first().copied().flatten()?;
    Some(sums.into_iter().flatten().fold(0, u64::saturating_add))
}

/// The sum of the numbers at a place, in which `*` is any name.
fn sum(value: &Value, place: &str) -> Option<u64> {
    if place.is_empty() {
        return value.as_u64();
    }
    let (name, rest) = place.split_once('/').unwrap_or((place, ""));
    if name != "*" {
        return sum(value.get(name)?, rest);
    }
    let found = value.as_object()?.values().filter_map(|inner| sum(inner, rest));
    found.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests;
