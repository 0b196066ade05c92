use super::*;

#[test]
fn a_source_is_a_file_of_that_name_or_what_lies_in_a_folder_of_it() {
    let is = |path: &str, name: &str| is_of_source(Path::new(path), name);
    assert!(is("/var/log/nginx/access.log", "access.log"));
    assert!(is("/var/log/nginx/access.log", "nginx/access.log"));
    assert!(is("/var/log/nginx/access.log", "/var/log/nginx/access.log"));
    assert!(is("/var/log/nginx/access.log", "nginx"));
    assert!(is("/var/log/nginx/pods/one/0.log", "nginx/pods"));
    assert!(is("access.log", "access.log"));
}

#[test]
fn a_part_of_a_name_names_no_source() {
    let is = |path: &str, name: &str| is_of_source(Path::new(path), name);
    assert!(!is("/var/log/nginx/no-access.log", "access.log"));
    assert!(!is("/var/log/nginx/access.log.1", "access.log"));
    assert!(!is("/var/log/nginx/access.log", "log/access.log"));
    assert!(!is("/var/log/nginx-old/access.log", "nginx"));
    assert!(!is("/var/log/nginx/access.log", "Access.log"));
}
