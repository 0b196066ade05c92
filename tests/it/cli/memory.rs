//! A scan keeps within its memory, whatever it reads. Measured from outside, on the program itself.

use std::io::{BufWriter, Read as _, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

use super::Site;

/// What a scan may keep, in KiB.
const MOST: u64 = 64 * 1024;
/// What is fed at a time, in lines or blocks.
const STEPS: usize = 16;

/// Feeds a scan on two threads in steps; the most memory of its own that it had behind any of them, in KiB, and what it said.
fn scanned(mut feed: impl FnMut(usize, &mut BufWriter<&mut ChildStdin>)) -> (u64, Value) {
    let site = Site::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_aftercare"))
        .args(["scan", "-", "--threads", "2", "--json"])
        .current_dir(site.path())
        .env("HOME", site.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut most = 0;
    for step in 0..STEPS {
        let mut writer = BufWriter::with_capacity(1 << 20, &mut input);
        feed(step, &mut writer);
        writer.flush().unwrap();
        drop(writer);
        // A pipe takes no more than was read, but for what it holds itself.
        most = most.max(kept(&child));
    }
    drop(input);
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    (most, serde_json::from_str(&said).unwrap())
}

/// The memory of a process that is no part of a file, in KiB.
fn kept(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_scan_of_ever_new_forms_keeps_within_its_memory() {
    const LINES: u64 = 20_000;
    let mut seed = 7_u64;
    let mut word = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut rest = seed >> 12;
        let letters = std::iter::repeat_with(|| {
            let letter = char::from(b'a' + (rest % 26) as u8);
            rest /= 26;
            letter
        });
        letters.take(10).collect::<String>()
    };
    let (most, said) = scanned(|_, writer| {
        for _ in 0..LINES {
            writeln!(writer, "{} of orders failed in {} module", word(), word()).unwrap();
        }
    });
    assert_eq!(said["events"], LINES * STEPS as u64);
    assert!((8 * 1024..=MOST).contains(&most), "{most} KiB");
}

#[test]
fn a_scan_of_a_line_without_end_keeps_within_its_memory() {
    let block = vec![b'x'; 4 << 20];
    let (most, said) = scanned(|_, writer| writer.write_all(&block).unwrap());
    assert_eq!(said["bytes"], (STEPS * block.len()) as u64);
    assert!((1024..=MOST).contains(&most), "{most} KiB");
}
