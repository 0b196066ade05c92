//! What the README says is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aftercare::app::keymap;
use aftercare::shell::cli::Cli;
use clap::CommandFactory;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every long flag of every command.
fn flags(command: &clap::Command, found: &mut BTreeSet<String>) {
    found.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned));
    command.get_subcommands().for_each(|command| flags(command, found));
}

#[test]
fn its_key_table_is_that_of_the_program() {
    let text = readme();
    let (_, rest) = text.split_once("<!-- keys: ").unwrap();
    let (_, rest) = rest.split_once("-->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /keys -->").unwrap();
    assert_eq!(table.trim(), keymap::markdown().trim(), "put the output of `aftercare keys` there");
}

#[test]
fn every_flag_that_it_names_exists() {
    // Flags of cargo, Helm and Argo CD among them.
    let others = ["help", "version", "release", "path", "set", "revision"];
    let mut known = BTreeSet::from(others.map(str::to_owned));
    flags(&Cli::command(), &mut known);
    let text = readme();
    let named = text.match_indices("--").filter(|(at, _)| !text[..*at].ends_with(['-', '!', '<']));
    let names = named.map(|(at, _)| {
        let rest = &text[at + 2..];
        rest.chars().take_while(|char| char.is_ascii_lowercase() || *char == '-').collect::<String>()
    });
    for name in names.filter(|name| name.starts_with(char::is_alphabetic)) {
        assert!(known.contains(&name), "the README names --{name}, which does not exist");
    }
}

#[test]
fn every_command_that_it_names_exists() {
    let command = Cli::command();
    let known: BTreeSet<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let text = readme();
    for (at, name) in text.match_indices("aftercare ") {
        let rest = &text[at + name.len()..];
        let word: String = rest.chars().take_while(|char| char.is_ascii_lowercase()).collect();
        let is_code = text[..at].ends_with(['`', ' '])
            && text[..at]
                .lines()
                .last()
                .is_some_and(|line| line.starts_with("    ") || line.matches('`').count() % 2 == 1);
        if is_code && !word.is_empty() {
            assert!(known.contains(word.as_str()), "the README names the command {word:?}, which does not exist");
        }
    }
}

#[test]
fn its_pictures_exist() {
    let text = readme();
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].split(')').next().unwrap();
        assert!(target.starts_with("http") || root().join(target).is_file(), "{target} is not there");
    }
}
