use proptest::prelude::*;

use super::super::fold;
use super::super::padded::Room;
use super::super::tests::structured;
use super::*;
use crate::ingest::wide;

/// The tokens of a folded text, and what was seen in it.
fn tokens(folded: &str, plain: impl Fn(&mut Reader<'_>)) -> (Vec<Token>, Seen) {
    let mut tokens = Vec::new();
    let seen = read_with(folded, Room::of(folded).end(), &mut Cut::default(), &mut tokens, plain);
    (tokens, seen)
}

/// Every way of reading gives the tokens that reading them one by one gives, and has seen no less.
fn all_ways_agree(message: &str) {
    let folded = String::from_utf8(fold(message.as_bytes())).unwrap();
    let (one_by_one, needed) = tokens(&folded, |_| {});
    let mut ways = vec![tokens(&folded, |reader| reader.plain_portable())];
    ways.extend(
        wide::tests::levels()
            .into_iter()
            .map(|level| tokens(&folded, |reader| assert!(wide::plain_with(level, reader)))),
    );
    for (tokens, seen) in ways {
        assert_eq!(tokens, one_by_one, "{folded:?}");
        assert_eq!(
            (seen.lists.and(needed.lists), seen.marks & needed.marks),
            (needed.lists, needed.marks),
            "{folded:?}"
        );
        assert!(seen.adjoining | !needed.adjoining && seen.listed | !needed.listed, "{folded:?}");
    }
}

proptest! {
    #[test]
    fn what_is_usual_is_read_like_what_is_not(message in structured()) {
        all_ways_agree(&message);
    }

    #[test]
    fn ordinary_sentences_are_read_like_what_is_unusual(
        words in prop::collection::vec("[A-Za-z]{1,17}[.:,=]?|[a-f]{6,9}|localhost|https?:?/?|[a-z]{0,3}[0-9]{1,3}=?|\\(|\\)|\"", 0..40),
        blanks in prop::collection::vec("|| | |  |\t", 40),
    ) {
        let message: String = words.iter().zip(&blanks).map(|(word, blank)| format!("{word}{blank}")).collect();
        all_ways_agree(message.trim());
    }
}

#[test]
fn words_at_the_ends_of_pieces_are_whole() {
    for length in 0..300 {
        for text in ["word 0 ".repeat(50), "x".repeat(300), "(a,".repeat(100), "user=0 ".repeat(50)] {
            all_ways_agree(text[..length].trim());
        }
    }
}

#[test]
fn what_is_usual_is_read_at_once() {
    for message in [
        "Failed password for invalid user bob from 0.0.0.0 port 0 0",
        "Connection to db closed by peer after 0 retries, giving up [idle]",
        "Received block 0 of size 0 src: /0.0.0.0:0 dest: /0.0.0.0:0 by sink (0/0)",
        "authentication failure; uid=0 tty=ssh ruser=bob rhost=0.0.0.0 user=alice",
    ] {
        let pass = |reader: &mut Reader<'_>| {
            reader.plain();
            assert_eq!(reader.at, message.len(), "{message}");
        };
        assert!(tokens(message, pass).0.len() > 8);
    }
}
