//! One log after another under the same name: renamed, copied, truncated, deleted, linked.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use aftercare::engine::SourceState;
use aftercare::shell::source::{Feed, Step};

use super::{GRACE, World, append, gzip};

#[test]
fn what_is_there_and_what_is_appended_is_read_once() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\ntwo\nthr"));
    world.expect(&["one", "two"]);
    assert_eq!((world.reader.caught_up, world.state()), (1, SourceState::Following));
    world.append("api.log", "ee\n");
    world.expect(&["one", "two", "three"]);
    world.expect(&["one", "two", "three"]);
    assert_eq!(world.reader.caught_up, 1);
}

#[test]
fn a_file_that_does_not_exist_is_waited_for() {
    let mut world = World::new(&["later/api.log"], |_| ());
    world.expect(&[]);
    assert_eq!((world.reader.caught_up, world.state()), (1, SourceState::Waiting));
    fs::create_dir(world.path("later")).unwrap();
    world.append("later/api.log", "one\n");
    world.expect(&["one"]);
    assert_eq!(world.state(), SourceState::Following);
}

#[test]
fn a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_start() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    world.expect(&["one"]);
    world.append("api.log", "two\n");
    world.rename("api.log", "api.log.1");
    world.append("api.log.1", "three, late\n");
    world.append("api.log", "four\n");
    world.expect(&["one", "two", "three, late", "four"]);
    world.append("api.log.1", "five, later\n");
    world.expect(&["one", "two", "three, late", "four", "five, later"]);
    world.now = world.now.after(GRACE);
    world.poll();
    let ended: Vec<_> = world.reader.cursors.values().map(|cursor| (cursor.path.clone(), cursor.ended)).collect();
    assert_eq!(ended, [(world.path("api.log.1"), true), (world.path("api.log"), false)]);
}

#[test]
fn several_rotations_between_two_looks_lose_nothing_and_take_up_nothing_older() {
    let mut world = World::new(&["api.log"], |at| {
        append(&at.join("api.log.1"), "ancient, never asked for\n");
        append(&at.join("api.log"), "one\n");
    });
    world.expect(&["one"]);
    world.append("api.log", "two\n");
    for (n, line) in [(1, "three\n"), (2, "four\n"), (3, "five\n")] {
        for older in (1..=n).rev() {
            world.rename(&format!("api.log.{older}"), &format!("api.log.{}", older + 1));
        }
        world.rename("api.log", "api.log.1");
        world.append("api.log", line);
    }
    world.expect(&["one", "two", "three", "four", "five"]);
    assert_eq!(world.reader.lost, 0);
}

#[test]
fn what_was_copied_and_truncated_away_before_it_was_read_is_read_from_the_copy() {
    let mut world = World::new(&["api.log*"], |at| append(&at.join("api.log"), "the first line of the log, one\n"));
    world.poll();
    world.append("api.log", "two\n");
    fs::copy(world.path("api.log"), world.path("api.log.1")).unwrap();
    fs::write(world.path("api.log"), "").unwrap();
    world.append("api.log", "three\n");
    world.expect(&["the first line of the log, one", "two", "three"]);
    assert_eq!(world.reader.lost, 0);
}

#[test]
fn a_truncated_file_that_grew_beyond_its_old_length_between_two_looks_is_noticed() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    world.expect(&["one"]);
    fs::write(world.path("api.log"), "something else, and longer\n").unwrap();
    world.expect(&["one", "something else, and longer"]);
    fs::write(world.path("api.log"), "something elf, and longer.\n").unwrap();
    world.expect(&["one", "something else, and longer", "something elf, and longer."]);
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_its_successor_from_its_start() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    world.expect(&["one"]);
    world.append("api.log", "two\n");
    fs::remove_file(world.path("api.log")).unwrap();
    world.expect(&["one", "two"]);
    assert_eq!(world.state(), SourceState::Waiting);
    world.append("api.log", "one\n");
    world.expect(&["one", "two", "one"]);
}

#[test]
fn a_pattern_that_matches_rotated_files_reads_each_line_once() {
    let mut world = World::new(&["api.log*"], |at| {
        append(&at.join("api.log.2"), "one\n");
        append(&at.join("api.log.1"), "two\n");
        append(&at.join("api.log"), "three\n");
    });
    world.expect_all(&["one", "two", "three"]);
    world.append("api.log", "four\n");
    world.rename("api.log.2", "api.log.3");
    world.rename("api.log.1", "api.log.2");
    world.rename("api.log", "api.log.1");
    world.append("api.log", "five\n");
    world.expect_all(&["one", "two", "three", "four", "five"]);
    world.restart();
    world.expect_all(&["one", "two", "three", "four", "five"]);
}

#[test]
fn a_compressed_copy_of_what_was_read_is_not_read_again() {
    let text = "2024-11-24T10:00:00Z the first line, long enough\n".to_owned();
    let mut world = World::new(&["api.log*"], |at| append(&at.join("api.log"), &text));
    world.expect(&[text.trim_end()]);
    world.rename("api.log", "api.log.1");
    world.append("api.log", "next\n");
    world.expect(&[text.trim_end(), "next"]);
    fs::write(world.path("api.log.1.gz"), gzip(&text)).unwrap();
    world.expect(&[text.trim_end(), "next"]);
    fs::remove_file(world.path("api.log.1")).unwrap();
    world.expect(&[text.trim_end(), "next"]);
    world.restart();
    world.expect(&[text.trim_end(), "next"]);
}

#[test]
fn files_rotated_several_times_while_nobody_watched_are_read_in_order() {
    let first = "2024-11-24T10:00:00Z the first line, long enough";
    let mut world = World::new(&["api.log"], |at| {
        append(&at.join("api.log.1"), "ancient, never asked for\n");
        append(&at.join("api.log"), &format!("{first}\n"));
    });
    world.expect(&[first]);
    world.append("api.log", "two\n");
    let rest = fs::read_to_string(world.path("api.log")).unwrap();
    world.rename("api.log.1", "api.log.4");
    fs::remove_file(world.path("api.log")).unwrap();
    fs::write(world.path("api.log.3.gz"), gzip(&rest)).unwrap();
    fs::write(world.path("api.log.2.gz"), gzip("three\n")).unwrap();
    world.append("api.log.1", "four\n");
    world.append("api.log", "five\n");
    world.restart();
    world.expect(&[first, "two", "three", "four", "five"]);
    assert_eq!((world.reader.lost, world.reader.vanished.len()), (0, 0));
    world.restart();
    world.expect(&[first, "two", "three", "four", "five"]);
}

#[test]
fn a_log_that_was_deleted_while_nobody_watched_is_said_to_have_vanished_once() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    world.expect(&["one"]);
    fs::remove_file(world.path("api.log")).unwrap();
    world.append("api.log", "two\n");
    world.restart();
    world.expect(&["one", "two"]);
    assert_eq!(world.reader.vanished, [world.path("api.log")]);
    world.restart();
    world.expect(&["one", "two"]);
    assert_eq!(world.reader.vanished, [] as [PathBuf; 0]);
}

#[test]
fn a_truncated_log_without_a_copy_says_how_much_is_known_to_be_lost() {
    let mut world = World::new(&["api.log"], |at| append(&at.join("api.log"), "one\n"));
    world.expect(&["one"]);
    // The receiver breaks off behind the look at the file and before its bytes are read.
    world.append("api.log", "0123456789\n");
    let step = world.sources.poll_once(world.now, &mut |feed| match feed {
        Feed::Bytes(..) => panic!("read before it was told that there is more"),
        Feed::Identified(..) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(step, Step::Stopped);
    fs::write(world.path("api.log"), "new\n").unwrap();
    world.expect(&["one", "new"]);
    assert_eq!(world.reader.lost, 11);
}

#[test]
fn a_link_that_leads_to_another_file_is_followed_there_and_back() {
    use std::os::unix::fs::symlink;
    let mut world = World::new(&["current"], |at| {
        append(&at.join("a.log"), "one\n");
        symlink(at.join("a.log"), at.join("current")).unwrap();
    });
    world.expect(&["one"]);
    world.append("a.log", "two\n");
    world.append("b.log", "three\n");
    fs::remove_file(world.path("current")).unwrap();
    symlink(world.path("b.log"), world.path("current")).unwrap();
    world.expect(&["one", "two", "three"]);
    fs::remove_file(world.path("current")).unwrap();
    symlink(world.path("a.log"), world.path("current")).unwrap();
    world.append("a.log", "four\n");
    world.append("b.log", "five\n");
    world.expect_all(&["one", "two", "three", "four", "five"]);
}

#[test]
fn one_file_under_two_names_is_read_once() {
    let mut world = World::new(&["api.log", "*.log", "link.log"], |at| {
        append(&at.join("api.log"), "one\n");
        fs::hard_link(at.join("api.log"), at.join("hard.log")).unwrap();
        std::os::unix::fs::symlink(at.join("api.log"), at.join("link.log")).unwrap();
    });
    world.expect(&["one"]);
    world.append("hard.log", "two\n");
    world.expect(&["one", "two"]);
    let following = [(0, SourceState::Following), (1, SourceState::Following), (2, SourceState::Following)];
    assert_eq!(world.reader.states, BTreeMap::from(following));
}

#[test]
fn two_logs_that_begin_alike_are_both_read() {
    let banner = "Starting the server, please be patient while it loads\n";
    let mut world = World::new(&["*.log", "*/0.log"], |at| {
        for pod in ["a", "b"] {
            fs::create_dir(at.join(pod)).unwrap();
            append(&at.join(pod).join("0.log"), banner);
        }
        append(&at.join("worker-1.log"), banner);
        append(&at.join("worker-2.log"), banner);
    });
    world.expect(&[banner.trim_end(); 4]);
}
