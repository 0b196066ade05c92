use std::ffi::OsStr;

use super::command::is_ours;

#[test]
fn only_what_belongs_to_aftercare_or_to_another_checkout_is_kept_from_a_command() {
    for name in ["AFTERCARE_TOKEN", "AFTERCARE_", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        assert!(is_ours(OsStr::new(name)), "{name}");
    }
    for name in ["PATH", "HOME", "KUBECONFIG", "GIT_SSH_COMMAND", "GIT_AUTHOR_NAME", "MY_AFTERCARE_", "aftercare_x"] {
        assert!(!is_ours(OsStr::new(name)), "{name}");
    }
}
