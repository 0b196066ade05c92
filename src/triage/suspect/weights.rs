//! The one table of what each piece of evidence is worth.
//!
//! Log-odds-like and additive. Set by hand and tuned on cases mined from public histories; a case
//! decides about a weight, never about a rule for that case alone.

/// A frame's line is in the hunk.
pub(super) const LINE: f64 = 3.0;
/// The source text that the trace shows is a line that the hunk added.
pub(super) const SOURCE_TEXT: f64 = 1.0;
/// The hunk lies in the frame's function.
pub(super) const FUNCTION: f64 = 1.6;
/// The hunk lies in the frame's function and within [`NEAR_LINES`] of its line; times.
pub(super) const NEAR: f64 = 1.25;
/// The hunk changes a name that the failing line uses.
pub(super) const SHARED_NAME: f64 = 0.5;
/// The hunk opens the way to the frame's line.
pub(super) const OPENED: f64 = 1.4;
/// The hunk lies in the frame's file.
pub(super) const FILE: f64 = 0.35;
/// The hunk changes a function that the frame's line calls.
pub(super) const CALLEE: f64 = 1.1;
/// The hunk changes what that function returns or raises.
pub(super) const RESULT: f64 = 0.5;
/// The hunk changes a function that the frame's function called before its line.
pub(super) const EARLIER_CALLEE: f64 = 0.66;
/// A frame's file imports the hunk's file.
pub(super) const IMPORTED: f64 = 0.25;
/// What each step away from the innermost own frame leaves of the above; times.
pub(super) const FADE: f64 = 0.82;

/// A name that the message quotes was removed; times rarity.
pub(super) const NAME_REMOVED: f64 = 2.2;
/// A name that the message quotes is in the hunk; times rarity.
pub(super) const NAME_PRESENT: f64 = 1.3;
/// An unquoted word of the message is on one side of the hunk only; times rarity.
pub(super) const WORD_PRESENT: f64 = 0.65;
/// The failing method is the one that a class inherits since it lost its own.
pub(super) const INHERITED: f64 = 1.6;
/// A key of the input that the error shows was taken away; times rarity.
pub(super) const INPUT_LOST: f64 = 1.5;
/// A key of the input that the error shows was brought; times rarity.
pub(super) const INPUT_NEW: f64 = 0.5;
/// A key, variable, route, table or column that the message names is in the hunk; times rarity.
pub(super) const KEY: f64 = 2.0;
/// The file that the message names was deleted or moved.
pub(super) const FILE_GONE: f64 = 2.4;
/// The hunk raises the exception, or writes the message.
pub(super) const RAISED: f64 = 2.0;
/// The hunk no longer catches the exception, and its file is on the stack.
pub(super) const UNCAUGHT: f64 = 1.6;
/// The package that owns a frame was bumped.
pub(super) const BUMP: f64 = 2.0;
/// The bump is one of the major version; times.
pub(super) const MAJOR: f64 = 1.2;
/// The package is only on the outer part of the stack, as a framework always is; times.
pub(super) const OUTER_PACKAGE: f64 = 0.3;
/// A migration touches the table or column that the message names.
pub(super) const MIGRATION: f64 = 2.5;
/// A resource failed, and the hunk changes its host, address, pool, timeout or limit.
pub(super) const RESOURCE: f64 = 2.0;

/// Another error that began with it points at the hunk; for each, and at most.
pub(super) const SIBLING: f64 = 0.5;
/// The most that such errors add.
pub(super) const SIBLINGS: f64 = 1.5;
/// An error points at a hunk by itself with this score, and this lead over the next hunk.
pub(super) const SIBLING_SCORE: f64 = 1.3;
/// The lead that pointing needs.
pub(super) const SIBLING_MARGIN: f64 = 0.5;

/// What the second best hunk of a file adds to the file's score; times.
pub(super) const SECOND_HUNK: f64 = 0.1;
/// Something outside the code failed, and the hunk does not name it.
pub(super) const OUTAGE: f64 = -9.0;
/// The rate is no higher than before the deploy.
pub(super) const RATE_FLAT: f64 = -3.0;
/// The text of the message came from another of the changed files; times.
pub(super) const MOVED_TEXT: f64 = 0.3;
/// The hunk only rewords the message; takes back what the message's text gave.
pub(super) const REWORDED: f64 = -6.0;
/// The trace shows source text that the deploy removed: old code was running.
pub(super) const OLD_CODE: f64 = -3.0;

/// The line calls what it called before, further out on the stack; times.
pub(super) const REWORDED_CALL: f64 = 0.6;
/// The hunk lies in the frame's function, but below its line; times.
pub(super) const BELOW: f64 = 0.3;
/// The test that failed is by its name the hunk's own.
pub(super) const OWN_TEST: f64 = 0.8;
/// The test that failed is by its name that of the whole package, in which the file is.
pub(super) const PACKAGE_TEST: f64 = 0.4;
/// Failing tests call a function that was changed; times how telling its name is.
pub(super) const TRIAL_CALL: f64 = 1.6;
/// The same of a function that what they call calls; times.
pub(super) const TRIAL_INNER: f64 = 0.5;
/// A name of this weight is followed into what it calls.
pub(super) const TRIAL_FOLLOWED: f64 = 0.2;
/// A called name of this weight leads.
pub(super) const TRIAL_TELLING: f64 = 0.4;
/// Things of all kinds have a function of that name; times.
pub(super) const TRIAL_COMMON: f64 = 0.5;
/// The failing tests name another class of the file that has such a member; times.
pub(super) const OTHER_OWNER: f64 = 0.15;
/// The failing tests lead to changed functions, but to none of the hunk's; times what names give it.
pub(super) const TRIAL_PASSED: f64 = 0.6;
/// A test waited for an error, and the hunk cannot keep one from being raised; times.
pub(super) const PREVENTS_NOTHING: f64 = 0.4;
/// The tests do not import the file of the function, as far as is known; times.
pub(super) const TRIAL_UNREACHED: f64 = 0.5;
/// What one piece of evidence beside names of tests must be worth: more than a word of the message.
pub(super) const FOUNDED: f64 = 0.66;
/// The same of a call that leads from the tests to the change.
pub(super) const FOUNDED_CALL: f64 = 0.35;
/// Failing tests and the hunk share names; times what they come to.
pub(super) const TRIAL_WORDS: f64 = 1.3;
/// What a call far from the line that failed counts for; times.
pub(super) const TRIAL_PREPARES: f64 = 0.6;
/// The title of the failing test names the hunk's function or file.
pub(super) const TRIAL_TITLE: f64 = 0.65;
/// How much the other tests of a file take from a name that they hold too.
pub(super) const TRIAL_ELSEWHERE: f64 = 0.5;
/// What a change of code that runs is worth in the order of suspects, before any evidence.
pub(super) const STANDING: f64 = 0.05;
/// The same, for a change of what is tested, compared, calculated or returned.
pub(super) const STANDING_DECIDES: f64 = 0.03;
/// The same, for a file in the folder of what failed.
pub(super) const STANDING_NEAR: f64 = 0.1;
/// A name that tests lead to over some calls is followed further from this weight on.
pub(super) const TRIAL_LEAST: f64 = 0.04;
/// A word in which expected and actual value differ is in the hunk; times rarity.
pub(super) const TRIAL_VALUE: f64 = 1.6;
/// A pattern that the hunk replaces matches something else of what the tests feed in.
pub(super) const TRIAL_PATTERN: f64 = 1.5;
/// The failing tests speak of the hunk's file; times how near to the failing line.
pub(super) const TRIAL_FILE: f64 = 0.8;
/// What a word far from the failing line is worth; times.
pub(super) const TRIAL_FAR: f64 = 0.5;
/// The failure lies below the tests, where the stack knows better; times.
pub(super) const TRIAL_BESIDE: f64 = 0.4;
/// The place of a name is not where the error happened, and nothing there leads to it; times.
pub(super) const ELSEWHERE: f64 = 0.45;

/// So many different words of a hunk are few: about what two changed lines hold.
const FEW_WORDS: f64 = 16.0;
/// Lines between a hunk and a frame that still are near.
pub(super) const NEAR_LINES: u32 = 5;
/// Lines between a line and one that gives or tests what it uses, beyond which there is too much between.
pub(super) const GOVERNED_LINES: u32 = 40;
/// Lines between a line and one that gives what its values are made of, beyond which much else has made them.
pub(super) const FEEDING_LINES: u32 = 12;
/// The same where the change gives that name its value, so that nothing else in between has.
pub(super) const GIVEN_LINES: u32 = 60;
/// A piece of evidence that carries anything is worth this: a changed callee one step from the innermost frame is.
pub(super) const WEIGHTY: f64 = 0.9;
/// High confidence needs this score, this lead over the next file, and deciding evidence.
pub(super) const HIGH_SCORE: f64 = 2.6;
/// The lead that high confidence needs.
pub(super) const HIGH_MARGIN: f64 = 0.6;
/// Medium confidence needs this score, and deciding or independent evidence.
pub(super) const MEDIUM_SCORE: f64 = 1.3;
/// Where the evidence decides but does not prove, medium confidence needs this lead over the next file.
pub(super) const MEDIUM_MARGIN: f64 = 0.3;

/// The error was seen before, and has become this many times as frequent; `None` for a veto.
///
/// The version before had it too, so that the deploy at most feeds it, unless next to nothing was seen.
pub(super) fn seen_before(ratio: f64) -> Option<f64> {
    match ratio {
        HARDLY_SEEN.. => Some(-0.7),
        8.0.. => Some(-2.0),
        _ => None,
    }
}

/// An error that has become this many times as frequent was as good as not seen before.
pub(super) const HARDLY_SEEN: f64 = 20.0;

/// Evidence that only leads needs this score and this lead over the next file for medium confidence.
pub(super) const CLEAR_SCORE: f64 = 1.2;
/// The lead that a clear case has.
pub(super) const CLEAR_MARGIN: f64 = 1.0;

/// Evidence that only suggests needs this score and this lead over the next file for medium confidence.
pub(super) const ALONE_SCORE: f64 = 1.55;
/// The lead of what stands alone.
pub(super) const ALONE_MARGIN: f64 = 1.3;

/// How telling a name is that occurs in this many hunks of the deploy: 1 for one, less for more.
pub(super) fn rarity(n_hunks: usize) -> f64 {
    1.0 / (1.0 + (n_hunks.max(1) as f64).ln())
}

/// How telling a name is that so many of the changed files hold: 1 for one of them, next to nothing for all.
pub(super) fn idf(n_holding: usize, n_files: usize) -> f64 {
    if n_files < 2 || n_holding < 2 {
        return 1.0;
    }
    1.0 - 0.85 * ((n_holding as f64).ln() / (n_files as f64).ln()).min(1.0)
}

/// How telling a name is in a hunk of this many lines: much text holds any name.
pub(super) fn density(n_lines: usize) -> f64 {
    1.0 / (1.0 + (n_lines as f64 / 60.0).max(1.0).ln())
}

/// How telling a word of a value is that a hunk of this many different words holds: in a long table stands any word.
pub(super) fn dilution(n_words: usize) -> f64 {
    1.0 / (1.0 + (n_words as f64 / FEW_WORDS).max(1.0).ln())
}
