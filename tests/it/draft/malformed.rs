//! The ways in which models write an edit down.

use super::edits::Seed;

/// One way: its name, and how a seed looks in it; `None` where it makes no sense.
pub type Way = (&'static str, fn(&Seed) -> Option<String>);

pub const WAYS: &[Way] = &[
    ("as asked", |seed| Some(block(seed, &seed.search, &seed.replace))),
    ("path in the fence's info", |seed| {
        Some(format!("```python {}\n{}```\n", seed.path, bare(&seed.search, &seed.replace)))
    }),
    ("path behind a colon", |seed| Some(format!("```js:{}\n{}```\n", seed.path, bare(&seed.search, &seed.replace)))),
    ("path inside the fence", |seed| Some(format!("```\n{}\n{}```\n", seed.path, bare(&seed.search, &seed.replace)))),
    ("bold path", |seed| Some(format!("**{}**\n\n```\n{}```\n", seed.path, bare(&seed.search, &seed.replace)))),
    ("path as a heading", |seed| {
        Some(format!("### `{}`:\n```\n{}```\n", seed.path, bare(&seed.search, &seed.replace)))
    }),
    ("no fence", |seed| Some(format!("FILE: {}\n{}Done.\n", seed.path, bare(&seed.search, &seed.replace)))),
    ("thought aloud", |seed| {
        Some(format!("<think>\nFILE: {0}\nmaybe\n</think>\n{1}", seed.path, block(seed, &seed.search, &seed.replace)))
    }),
    ("talk around", |seed| {
        Some(format!(
            "The bug is here:\n\n```text\nboom\n```\n\n{}\nRun `make test`.\n",
            block(seed, &seed.search, &seed.replace)
        ))
    }),
    ("trailing blanks", |seed| Some(block(seed, &each(&seed.search, |line| format!("{line}  ")), &seed.replace))),
    ("blank lines around", |seed| Some(block(seed, &format!("\n{}\n", seed.search), &format!("\n{}\n", seed.replace)))),
    ("blank lines lost", |seed| Some(block(seed, &without_blanks(&seed.search), &without_blanks(&seed.replace)))),
    ("indentation lost", |seed| {
        let margin = margin(&seed.search);
        Some(block(seed, &shallower(&seed.search, margin), &shallower(&seed.replace, margin)))
    }),
    ("indented by two", |seed| Some(block(seed, &deeper(&seed.search, "  "), &deeper(&seed.replace, "  ")))),
    ("indented by four", |seed| Some(block(seed, &deeper(&seed.search, "    "), &deeper(&seed.replace, "    ")))),
    ("half the indentation", |seed| {
        (!seed.path.ends_with(".yaml")).then(|| block(seed, &halved(&seed.search), &halved(&seed.replace)))
    }),
    ("tabs for blanks or the reverse", |seed| Some(block(seed, &retabbed(&seed.search), &retabbed(&seed.replace)))),
    ("CRLF", |seed| Some(block(seed, &seed.search, &seed.replace).replace('\n', "\r\n"))),
    ("numbers with bars", |seed| Some(block(seed, &numbered(&seed.search, " | "), &seed.replace))),
    ("numbers with colons on both sides", |seed| {
        Some(block(seed, &numbered(&seed.search, ": "), &numbered(&seed.replace, ": ")))
    }),
    ("numbers with tabs", |seed| Some(block(seed, &numbered(&seed.search, "\t"), &seed.replace))),
    ("long marks", |seed| Some(marks(seed, "<<<<<<<<< SEARCH", "=======", ">>>>>>>>> REPLACE"))),
    ("short marks", |seed| Some(marks(seed, "<<<<< SEARCH", "=====", ">>>>> REPLACE"))),
    ("other words", |seed| Some(marks(seed, "<<<<<<< ORIGINAL", "=======", ">>>>>>> UPDATED"))),
    ("merge conflict marks", |seed| Some(marks(seed, "<<<<<<< HEAD", "=======", ">>>>>>> updated"))),
    ("no end mark in a fence", |seed| {
        Some(format!("FILE: {}\n```\n<<<<<<< SEARCH\n{}=======\n{}```\n", seed.path, seed.search, seed.replace))
    }),
    ("fences within the sides", |seed| {
        let side = |text: &str| format!("```code\n{text}```\n");
        Some(format!("FILE: {}\n{}", seed.path, bare(&side(&seed.search), &side(&seed.replace))))
    }),
    ("diff with wrong numbers", |seed| Some(diff(seed, "@@ -1,3 +1,4 @@", true))),
    ("diff without numbers", |seed| Some(diff(seed, "@@ ... @@", true))),
    ("diff with a bare hunk mark", |seed| Some(diff(seed, "@@", true))),
    ("diff outside of a fence", |seed| Some(diff(seed, "@@ -9,9 +9,9 @@ def f():", false))),
    ("patch block", |seed| {
        let body = hunk(&seed.search, &seed.replace);
        Some(format!("*** Begin Patch\n*** Update File: {}\n@@\n{body}*** End Patch\n", seed.path))
    }),
    ("JSON", |seed| {
        let edit = serde_json::json!({"file": seed.path, "old_string": seed.search, "new_string": seed.replace});
        Some(format!("```json\n{}\n```\n", serde_json::json!({ "edits": [edit] })))
    }),
    ("raw JSON", |seed| {
        Some(serde_json::json!([{"path": seed.path, "search": seed.search, "replace": seed.replace}]).to_string())
    }),
    ("absolute path", |seed| {
        Some(block(seed, &seed.search, &seed.replace).replace(&seed.path, &format!("/repo/{}", seed.path)))
    }),
    ("path with a front", |seed| {
        Some(block(seed, &seed.search, &seed.replace).replace(&seed.path, &format!("b/{}", seed.path)))
    }),
    ("file name only", |seed| Some(block(seed, &seed.search, &seed.replace).replace(&seed.path, seed.name()))),
    ("backslashes", |seed| {
        Some(block(seed, &seed.search, &seed.replace).replace(&seed.path, &seed.path.replace('/', "\\")))
    }),
    ("a wrong line far off", |seed| {
        let wrong = |text: &str| format!("{}{}", seed.around(2, "nothing_like_this_is_there();\n").0, text);
        Some(block(seed, &wrong(&seed.search), &wrong(&seed.replace)))
    }),
    ("a comment remembered wrongly", |seed| {
        let (front, back) = seed.around(3, "");
        let front =
            front.replacen("item", "items", 1).replacen("session", "sesion", 1).replacen("string", "strings", 1);
        Some(block(seed, &format!("{front}{}{back}", seed.search), &format!("{front}{}{back}", seed.replace)))
    }),
    ("printed quotes", |seed| {
        let (front, back) = seed.around(3, "");
        let printed = |text: &str| text.replace('\'', "\u{2019}").replace('"', "\u{201d}");
        let (front, back) = (printed(&front), printed(&back));
        Some(block(seed, &format!("{front}{}{back}", seed.search), &format!("{front}{}{back}", seed.replace)))
    }),
    ("the middle left out", |seed| {
        let (front, back) = (seed.line_of_function()?, seed.around(0, "").1);
        let _ = back;
        let mark = "    ...\n";
        Some(block(seed, &format!("{front}{mark}{}", seed.search), &format!("{front}{mark}{}", seed.replace)))
    }),
    ("the middle left out with a comment", |seed| {
        let front = seed.line_of_function()?;
        let mark = "    // ... existing code ...\n";
        Some(block(seed, &format!("{front}{mark}{}", seed.search), &format!("{front}{mark}{}", seed.replace)))
    }),
    ("function", |seed| Some(function(seed, &seed.function.as_ref()?.1))),
    ("function without its name", |seed| Some(format!("FILE: {}\n```\n{}```\n", seed.path, seed.function.as_ref()?.1))),
    ("function without indentation", |seed| {
        let text = &seed.function.as_ref()?.1;
        Some(function(seed, &shallower(text, margin(text))))
    }),
    ("function in a longer fence", |seed| Some(function(seed, &seed.function.as_ref()?.1).replace("```", "`````"))),
    ("function with blank lines around", |seed| Some(function(seed, &format!("\n{}\n\n", seed.function.as_ref()?.1)))),
    ("function retabbed", |seed| Some(function(seed, &retabbed(&seed.function.as_ref()?.1)))),
    ("function with CRLF", |seed| Some(function(seed, &seed.function.as_ref()?.1).replace('\n', "\r\n"))),
    ("function numbered", |seed| Some(function(seed, &numbered(&seed.function.as_ref()?.1, " | ")))),
    ("function as a whole file's text", |seed| {
        Some(format!("`{}`\n\n```\n{}```\n", seed.path, seed.function.as_ref()?.1))
    }),
    ("whole file", |seed| Some(format!("FILE: {}\n```\n{}```\n", seed.path, seed.after()))),
    ("whole file without its last line end", |seed| {
        Some(serde_json::json!([{"path": seed.path, "content": seed.after()}]).to_string())
    }),
    ("no path", |seed| Some(bare(&seed.search, &seed.replace))),
    ("function without a path", |seed| {
        Some(function(seed, &seed.function.as_ref()?.1).replace(&format!("FILE: {}\n", seed.path), ""))
    }),
    ("no end mark at all", |seed| {
        Some(format!("FILE: {}\n<<<<<<< SEARCH\n{}=======\n{}\nThat is all.\n", seed.path, seed.search, seed.replace))
    }),
];

fn bare(search: &str, replace: &str) -> String {
    format!("<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n")
}

pub fn block(seed: &Seed, search: &str, replace: &str) -> String {
    format!("FILE: {}\n```\n{}```\n", seed.path, bare(search, replace))
}

fn marks(seed: &Seed, open: &str, middle: &str, close: &str) -> String {
    format!("{}\n{open}\n{}{middle}\n{}{close}\n", seed.path, seed.search, seed.replace)
}

pub fn function(seed: &Seed, text: &str) -> String {
    let name = seed.function.as_ref().map_or("", |(name, _)| name);
    format!("FILE: {}\nFUNCTION: {name}\n```\n{text}```\n", seed.path)
}

fn hunk(search: &str, replace: &str) -> String {
    let (search, replace): (Vec<&str>, Vec<&str>) = (search.lines().collect(), replace.lines().collect());
    let front = search.iter().zip(&replace).take_while(|(a, b)| a == b).count();
    let most = search.len().min(replace.len()) - front;
    let back = (1..=most).take_while(|n| search[search.len() - n] == replace[replace.len() - n]).count();
    let line = |mark: char| move |text: &&str| format!("{mark}{text}\n");
    let mut text: String = search[..front].iter().map(line(' ')).collect();
    text.extend(search[front..search.len() - back].iter().map(line('-')));
    text.extend(replace[front..replace.len() - back].iter().map(line('+')));
    text.extend(search[search.len() - back..].iter().map(line(' ')));
    text
}

fn diff(seed: &Seed, mark: &str, is_fenced: bool) -> String {
    let body = hunk(&seed.search, &seed.replace);
    let text = format!("--- a/{0}\n+++ b/{0}\n{mark}\n{body}", seed.path);
    if is_fenced { format!("```diff\n{text}```\n") } else { format!("{text}\nIt was that.\n") }
}

fn each(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

fn deeper(text: &str, by: &str) -> String {
    each(text, |line| if line.is_empty() { String::new() } else { format!("{by}{line}") })
}

fn margin(text: &str) -> usize {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
}

fn shallower(text: &str, by: usize) -> String {
    each(text, |line| line.get(by..).unwrap_or_default().to_owned())
}

fn halved(text: &str) -> String {
    each(text, |line| {
        let indent = line.len() - line.trim_start().len();
        if line.starts_with('\t') { line.replace('\t', " ") } else { line[indent / 2..].to_owned() }
    })
}

fn retabbed(text: &str) -> String {
    let unit = if text.lines().all(|line| (line.len() - line.trim_start().len()) % 4 == 0) { 4 } else { 2 };
    each(text, |line| {
        let body = line.trim_start();
        let indent = &line[..line.len() - body.len()];
        if indent.contains('\t') {
            format!("{}{body}", indent.replace('\t', "    "))
        } else {
            format!("{}{body}", "\t".repeat(indent.len() / unit))
        }
    })
}

fn numbered(text: &str, mark: &str) -> String {
    text.lines().enumerate().map(|(at, line)| format!("{:>3}{mark}{line}\n", at + 17)).collect()
}

fn without_blanks(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("{line}\n")).collect()
}
