use super::*;

#[test]
fn to_make_or_define_a_type_is_to_raise_it() {
    assert!(raises("    raise QueueDownError", "QueueDownError"));
    assert!(raises("throw new shop.QueueDownError(\"x\")", "QueueDownError"));
    assert!(raises("class QueueDownError < StandardError", "QueueDownError"));
    assert!(raises("return errors.QueueDownError{}", "QueueDownError"));
}

#[test]
fn to_catch_or_import_a_type_is_not_to_raise_it() {
    assert!(!raises("except QueueDownError:", "QueueDownError"));
    assert!(!raises("from queues import QueueDownError\n", "QueueDownError"));
    assert!(!raises("rescue QueueDownError => e", "QueueDownError"));
    assert!(!raises("throw new MyQueueDownError()", "QueueDownError"));
}
