use proptest::prelude::*;

use super::*;

fn search(query: &str) -> Search {
    Search { query: query.to_owned(), typing: None }
}

#[test]
fn lower_case_finds_both_cases_and_capitals_only_capitals() {
    assert!(search("timeout").matches("Connect TIMEOUT after 3 s"));
    assert!(!search("Timeout").matches("connect timeout"));
    assert!(!search("").matches("anything"));
}

#[test]
fn an_abandoned_search_leaves_the_one_before() {
    let mut search = search("old");
    search.open();
    search.push('n');
    assert_eq!(search.query(), "n");
    search.cancel();
    assert_eq!(search.query(), "old");
}

proptest! {
    /// A match lies on character boundaries and spells the search, whatever the texts are.
    #[test]
    fn a_match_can_be_cut_out(text in "\\PC{0,60}", query in "\\PC{1,4}") {
        if let Some(found) = search(&query).find(&text, 0) {
            prop_assert!(text[found].eq_ignore_ascii_case(&query));
        }
    }
}
