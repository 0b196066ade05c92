use super::*;

#[track_caller]
fn check(text: &str, expected: SourceSpec) {
    assert_eq!(SourceSpec::parse(OsStr::new(text)), Ok(expected.clone()));
    assert_eq!(expected.name(), text);
}

#[test]
fn a_source_is_read_as_it_stands_on_the_command_line() {
    check("-", SourceSpec::Stdin);
    check("api.log", SourceSpec::Path(PathBuf::from("api.log")));
    check("/no/such/*.log", SourceSpec::Pattern("/no/such/*.log".to_owned()));
    check("/no/**/[ab]?.log", SourceSpec::Pattern("/no/**/[ab]?.log".to_owned()));
}

#[test]
fn what_names_no_source_is_refused_with_the_reason() {
    assert_eq!(SourceSpec::parse(OsStr::new("")), Err(SpecError::Empty));
    let error = SourceSpec::parse(OsStr::new("/no/[ab.log")).unwrap_err();
    assert!(error.to_string().starts_with("the pattern \"/no/[ab.log\" cannot be read: "), "{error}");
}

#[test]
fn an_existing_file_is_itself_even_when_its_name_looks_like_a_pattern() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("api[1].log");
    fs::write(&path, "").unwrap();
    assert_eq!(SourceSpec::parse(path.as_os_str()), Ok(SourceSpec::Path(path)));
}

#[test]
fn a_directory_that_links_to_itself_ends() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.log"), "").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(directory.path(), directory.path().join("again")).unwrap();
    let named = SourceSpec::Path(directory.path().to_owned()).find();
    assert_eq!(named.files, [directory.path().join("a.log")]);
    assert!(named.skipped.iter().all(|(_, why)| why == "it is a link to a directory"));
}

#[test]
fn directories_that_lie_too_deep_are_said_to_be_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("1/2/3/4/5/6");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("a.log"), "").unwrap();
    fs::write(deep.parent().unwrap().join("b.log"), "").unwrap();
    let named = SourceSpec::Path(directory.path().to_owned()).find();
    assert_eq!(named.files, [deep.parent().unwrap().join("b.log")]);
    assert_eq!(named.skipped, [(deep, "it lies too deep".to_owned())]);
}
