use rusqlite::Connection;

use super::*;

const FIRST: &str = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);";
const SECOND: &str = "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;";
const BROKEN: &str = "UPDATE a SET x = 99; CREATE TABLE a (again INTEGER);";

fn version(connection: &Connection) -> i64 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn row(connection: &Connection) -> (i64, i64) {
    connection.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[test]
fn a_file_of_the_first_schema_keeps_its_rows_through_the_later_steps() {
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, &[FIRST]).unwrap();
    connection.execute("UPDATE a SET x = 5", []).unwrap();
    apply(&mut connection, &[FIRST, SECOND]).unwrap();
    assert_eq!((version(&connection), row(&connection)), (2, (5, 7)));
}

#[test]
fn applying_again_changes_nothing() {
    let mut connection = Connection::open_in_memory().unwrap();
    for _ in 0..3 {
        apply(&mut connection, &[FIRST, SECOND]).unwrap();
    }
    assert_eq!((version(&connection), row(&connection)), (2, (1, 7)));
}

#[test]
fn a_step_that_fails_leaves_the_file_as_the_step_before_made_it() {
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, &[FIRST, SECOND, BROKEN]).unwrap_err();
    assert_eq!((version(&connection), row(&connection)), (2, (1, 7)));
}

#[test]
fn a_newer_schema_is_refused() {
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, &[FIRST, SECOND]).unwrap();
    let error = refuse(&connection, Path::new("x.db"), 1).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
    refuse(&connection, Path::new("x.db"), 2).unwrap();
}
