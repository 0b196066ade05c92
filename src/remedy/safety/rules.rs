//! The rules: what each finding means for going back.

use super::Hazard::{self, Amber, Green, Red};

/// One thing that can be found, why it matters, and what would make it safe.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) level: Hazard,
    pub(super) why: &'static str,
    pub(super) safer: &'static str,
}

macro_rules! rules {
    ($($name:ident $level:ident $id:literal $why:literal $safer:literal;)*) => {
        $(pub(super) static $name: Rule = Rule { id: $id, level: $level, why: $why, safer: $safer };)*
        /// Every rule there is.
        #[cfg(test)]
        pub(super) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    DROP_TABLE Red "migration.drop-table" "The deploy dropped table {}; the old code still reads or writes it, and its data is gone." "Restore the table and its data from a backup first, or fix forward.";
    DROP_COLUMN Red "migration.drop-column" "The deploy dropped column {}; the old code still uses it, and its data is gone." "Add the column back and fill it from a backup before going back, or fix forward.";
    DROP_OBJECT Red "migration.drop-object" "The deploy dropped {}; the old code may still use it." "Create it again before going back, or fix forward.";
    TRUNCATE Red "migration.data-loss" "The deploy removed data: {}; no rollback of code brings it back." "Restore the data from a backup, or fix forward.";
    OVERWRITE Red "migration.data-overwrite" "The deploy overwrote data in place: {}; the old code meets values it does not expect." "Check what the old code does with the new values, or fix forward.";
    BACKFILL Amber "migration.backfill" "The deploy filled in data: {}; the old code meets rows of the new shape." "Leave the data in place, and check that the old code can read it.";
    DATA_CODE Red "migration.data-code" "The migration runs code on the data: {}; what it changed stays when the code goes back." "Read that code: only when it adds without changing is going back safe.";
    RENAME Red "migration.rename" "The deploy renamed {}; the old code uses the old name." "Provide the old name (a view, a synonym, a copied column) before going back, or fix forward.";
    RENAME_WITH_VIEW Amber "migration.rename-with-view" "The deploy renamed {} and left a view under the old name." "Check that the old code only does through the view what the view allows.";
    CHANGE_TYPE Red "migration.change-type" "The deploy changed the type of {}; the old code may fail on, or cut, the values that are there now." "Check that every value there now fits the old type, or fix forward.";
    ADD_ENUM_VALUE Amber "migration.add-enum-value" "The deploy added a value to {}; the old code fails on rows that hold it." "Check that no row holds the new value, or that the old code passes over it.";
    ADD_REQUIRED_COLUMN Red "migration.add-required-column" "The deploy added column {}, which must have a value; the old code's inserts do not give it one." "Give the column a default in the database, or make it nullable, before going back.";
    SET_NOT_NULL Red "migration.set-not-null" "The deploy forbids empty values in {}; the old code may still write them." "Allow empty values again before going back.";
    DROP_DEFAULT Red "migration.drop-default" "The deploy took the default of {} away; the old code's inserts may not give it a value." "Set the default again before going back.";
    ADD_CONSTRAINT Red "migration.add-constraint" "The deploy added a constraint: {}; the old code may write what it forbids." "Drop the constraint before going back.";
    ADD_TRIGGER Red "migration.add-trigger" "The deploy added or changed what the database does by itself: {}; it acts on the old code's writes as well." "Drop or restore it before going back.";
    REPLACE Red "migration.replace" "The deploy replaced {}; the old code meets the new definition." "Restore the old definition before going back.";
    REVOKE Red "migration.revoke" "The deploy took rights away: {}; the old code may need them." "Grant them again before going back.";
    LOOSEN Amber "migration.loosen" "The deploy loosened {}; the old code may meet values it did not expect, or be slower." "Leave the migration applied, and watch the old code.";
    ADD_COLUMN Green "migration.add-column" "The deploy added column {}, which old code need not fill in." "Leave the migration applied; do not run its down part.";
    CREATE Green "migration.create" "The deploy created {}, which old code does not use." "Leave the migration applied; do not run its down part.";
    HARMLESS Green "migration.harmless" "The deploy changed {} in a way that old code does not meet: a comment, an option of the program, or a check of what was forbidden before." "Leave the migration applied; do not run its down part.";
    NEW_TABLE Green "migration.new-table" "The deploy changed {} of a table that it also created, which old code does not use." "Leave the migration applied; do not run its down part.";
    EDITED Red "migration.edited" "The migration {} existed before and was changed; databases that applied it before differ from its text, and tools refuse it." "Compare the database with the old file before going back.";
    DELETED Red "migration.deleted" "The migration {} was deleted; going back brings it back, and tools may apply it again or refuse." "Compare the applied migrations with the old files before going back.";
    REWORDED Green "migration.reworded" "Only comments or white space of the migration {} changed." "Nothing to do.";
    DOWN_ONLY Green "migration.down" "{} is a way back for the database, which the deploy did not run." "Do not run it: roll back code, not schema.";
    SNAPSHOT_FOLLOWS Green "migration.snapshot" "{} is a copy of the schema; it follows the migrations of this range." "See the migrations.";
    SNAPSHOT_GREW Amber "migration.snapshot-grew" "The schema in {} grew, without a migration in this range." "Find out what changed the database, and leave it in place.";
    SNAPSHOT_CHANGED Red "migration.snapshot-changed" "The schema in {} changed, without a migration in this range." "Find out what changed the database before going back.";
    NOT_UNDERSTOOD Red "migration.not-understood" "The migration does something that is not understood and speaks of taking something away: {}." "Read it: can the old code run on a database that it was applied to?";
    UNCLEAR Amber "migration.not-understood" "The migration does something that is not understood: {}." "Read it: can the old code run on a database that it was applied to?";
    CONTRACT_ADDED Red "contract.added" "The deploy added {} to an interface; going back takes it away from clients that use it already." "Check that no client uses it, or keep serving it.";
    CONTRACT_REMOVED Red "contract.removed" "The deploy removed {} from an interface; going back restores it, which clients that adapted may not satisfy." "Check that clients still send and accept it.";
    CONTRACT_CHANGED Red "contract.changed" "The deploy changed {} of an interface; clients that adapted meet the old form." "Check that clients understand both forms.";
    CONTRACT_REQUIRED Red "contract.required-again" "The deploy made {} optional; going back requires it again from clients that leave it out." "Check that every client still sends it.";
    CONTRACT_OPAQUE Red "contract.changed" "An interface changed in a way that is not understood: {}." "Compare both versions: what do clients rely on that the old one does not give?";
    CONTRACT_FIELD Amber "contract.field-added" "The deploy added {}, which readers that do not know it pass over; going back drops it from what is sent." "Check that no client relies on it yet.";
    CONTRACT_WORDING Green "contract.wording" "Only descriptions, comments or white space of {} changed." "Nothing to do.";
    ROUTE_ADDED Red "route.added" "The deploy added the route {}; after going back, clients that call it get an error." "Check that no client calls it, or keep serving it.";
    JOB_ADDED Red "queue.job-added" "The deploy added the job or message handler {}; after going back, what is queued for it cannot be processed." "Drain the queue first, or keep a worker of the new version running.";
    JOB_CHANGED Red "queue.job-changed" "The deploy changed what the job {} is given; after going back, what is queued in the new form cannot be processed." "Drain the queue first, or keep a worker of the new version running.";
    TOPIC_ADDED Amber "queue.topic-added" "The deploy began to use the topic or queue {}; after going back, nobody serves it." "Drain it first.";
    FORMAT_VERSION Red "format.version" "The deploy changed the version of a stored format, {}; the old code cannot read what was written since." "Check that the old code reads the new version, or convert what was written.";
    CACHE_VERSION Amber "format.cache-version" "The deploy changed the version of cached data, {}; after going back the cache is cold or holds older entries." "Expect load on what is behind the cache, or clear it.";
    FORMAT_FIELD Amber "format.serialized-type" "The deploy changed {}, whose values are stored or sent; the old code meets values in the new form." "Check that the old code reads values that were written since.";
    FORMAT_OPAQUE Amber "format.opaque" "The deploy changed code that stores objects as they are ({}); old classes may not fit them." "Check that the old code reads what was written since.";
    TERRAFORM_STATEFUL Red "infra.stateful-resource" "The deploy changed {}, which holds state; going back may destroy or replace it." "Read the plan of the way back before applying it; nothing may be destroyed.";
    TERRAFORM_RESOURCE Amber "infra.resource" "The deploy changed the infrastructure {}; code that goes back does not take it along." "Read the plan of the way back before applying it.";
    TERRAFORM_STATE Red "infra.state" "The deploy changed what the infrastructure tool remembers or protects ({}); going back does not undo that." "Move the state by hand, and read the plan before applying it.";
    TERRAFORM_PROVIDER Red "infra.provider" "The deploy changed a provider or tool version ({}); older ones cannot read the newer state." "Keep the newer version when going back.";
    KUBERNETES_CRD Red "infra.crd" "The deploy changed the custom resource definition {}; stored objects may have the new form." "Leave the definition in place, and check that the old controller accepts it.";
    KUBERNETES_STORAGE Red "infra.storage" "The deploy changed the storage of {}; that cannot be changed back in place." "Leave the storage in place.";
    KUBERNETES_SELECTOR Red "infra.selector" "The deploy changed the selector of {}; it is immutable or decides who gets traffic." "Check that selector and labels agree after going back.";
    KUBERNETES_OBJECT Amber "infra.object" "The deploy added or removed the cluster object {}; going back code does not take it along." "Apply or delete it by hand where the old code needs that.";
    HELM_HOOK Amber "infra.helm-hook" "The deploy changed the Helm hook {}; a rollback of the release does not undo what it did." "Check what the hook did, and undo it by hand where needed.";
    HOOK_DESTROYS Red "infra.helm-hook" "The deploy ran the hook {}, which speaks of taking something away or changing it; a rollback of the release does not undo that." "Read what the hook did: can the old code run after it?";
    INDEX_CHANGED Red "infra.index" "The deploy changed the mapping of a search index ({}); the index was built anew, and the old code meets the new form." "Keep the old index and its alias, or fix forward.";
    INDEX_GREW Amber "infra.index" "The deploy added to the mapping of a search index, {}; old code does not fill it in." "Leave the index as it is.";
    FLAG_REMOVED Amber "flag.removed" "The deploy removed the feature flag {}; the old code asks for it again and may get its default." "Set the flag to the value that was in use before going back.";
    FLAG_DEFAULT Amber "flag.default" "The deploy changed the feature flag {}." "Prefer to set the flag back, without taking code back.";
    SECURITY_FIX Red "security.fix" "A commit of the range fixes security: {}; going back opens the hole again." "Fix forward, or take back everything but this commit.";
    SECURITY_CHECK Red "security.check-added" "The deploy added a security check ({}); going back takes it away." "Fix forward, or keep the check.";
    UNSAFE_REMOVED Red "security.unsafe-removed" "The deploy took {} away, which is open to attacks; going back brings it back." "Fix forward, or keep that part of the new version.";
    SECURITY_CODE Amber "security.code" "The deploy changed code that guards access ({}); going back may open what it closed." "Read the patch of this file: does it take a check away?";
    SECRET_ROTATED Red "security.secret-rotated" "The deploy changed the secret or key {}; the old one may be revoked or known to others." "Keep the new value when going back.";
    DEPENDENCY_STORED Red "dependency.stored-format" "The deploy moved {}; going back is a major downgrade of something that keeps data, which the old version may not read." "Check that the old version reads the new data, or keep the new version.";
    DEPENDENCY_MAJOR Amber "dependency.major" "The deploy moved {}; going back is a major downgrade." "Check that nothing was stored or sent in a form that only the new version knows.";
    OPAQUE Amber "change.opaque" "{} is binary, a submodule or too large, so what going back does to it cannot be reviewed." "Look at it by hand.";
}
