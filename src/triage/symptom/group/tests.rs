use super::*;
use crate::triage::Symptom;

const GROUP: &str = r#"  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/serve.py", line 9, in serve
  |     await wrap(listen)
  |   File "/srv/lib/python3.12/site-packages/anyio/_backends/_asyncio.py", line 685, in __aexit__
  |     raise BaseExceptionGroup(
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/stream.py", line 4, in stream
    |     chunk = chunk.encode(charset | 1)
    | AttributeError: 'memoryview' object has no attribute 'encode'
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/other.py", line 1, in other
    |     stop()
    | RuntimeError: stopped
    +------------------------------------
"#;

#[test]
fn the_first_error_of_a_group_is_what_failed() {
    let symptom = Symptom::of_text(GROUP);
    assert_eq!(symptom.message, "'memoryview' object has no attribute 'encode'");
    let trace = symptom.trace.unwrap();
    assert_eq!(trace.exception, "AttributeError");
    assert_eq!(trace.frames.iter().find(|frame| frame.in_app).unwrap().file.as_deref(), Some("/srv/app/stream.py"));
}

#[test]
fn a_group_in_a_group_is_followed() {
    let inner: String = GROUP.lines().map(|line| format!("    {line}\n")).collect();
    let outer = "  + Exception Group Traceback (most recent call last):\n  |   File \"/srv/app/main.py\", line 2, in main\n  |     run()\n  | ExceptionGroup: all (1 sub-exception)\n  +-+---------------- 1 ----------------\n";
    let inner: String =
        inner.lines().map(|line| format!("{}{}\n", "    | ", line.trim_start_matches("      "))).collect();
    let text = format!("{outer}{inner}    +------------------------------------\n");
    assert_eq!(Symptom::of_text(&text).message, "'memoryview' object has no attribute 'encode'", "{text}");
}

#[test]
fn other_texts_are_left_as_they_are() {
    for text in [
        "",
        "Traceback (most recent call last):\n",
        "+---- 1 ----",
        "Exception Group Traceback (most recent call last):",
    ] {
        assert_eq!(ungrouped(text), None, "{text}");
    }
}
