//! The names of the vocabulary, in normal form, and what each does.

use super::Meaning::{self, Does};
use crate::remedy::safety::rules;

/// Calls that make a table, or something else that is new.
pub(super) static CREATE: &str = "createtable createtableifnotexists createjointable create createifnotexists createmodel createview \
     creatematerializedview creatematerialized createschema ensureschema createsequence createextension \
     enableextension createenum createtype createdatabase createfunction";

/// Calls that change a table.
pub(super) static ALTER: &str = "altertable table changetable alter batchaltertable";

/// Names, separated by blanks, with what they do; a name that is in none is not understood.
pub(super) static NAMES: &[(&str, Meaning)] = &[
    (
        "droptable droptableifexists dropjointable deletemodel dropschema dropdatabase dropifexists",
        Does(&rules::DROP_TABLE),
    ),
    (
        "removecolumn removecolumns removereference removebelongsto removetimestamps removefield dropcolumn \
     dropcolumns droptimestamps dropsoftdeletes dropmorphs droprememberto dropconstrainedforeignid remove \
     removereferences removeattachment",
        Does(&rules::DROP_COLUMN),
    ),
    (
        "dropview dropmaterializedview droptype dropenum dropsequence dropfunction disableextension \
     droptrigger",
        Does(&rules::DROP_OBJECT),
    ),
    (
        "renamecolumn renametable renamefield renamemodel altermodeltable rename renameenum renameenumvalue \
     renamesequence",
        Does(&rules::RENAME),
    ),
    ("changecolumn alterfield modify changefield altercolumntype changecolumntype", Does(&rules::CHANGE_TYPE)),
    ("addenumvalue", Does(&rules::ADD_ENUM_VALUE)),
    // Knex's opposite of `setNullable`.
    ("dropnullable", Does(&rules::SET_NOT_NULL)),
    (
        "altermodeloptions altermodelmanagers altermodeltablecomment changecolumncomment changetablecomment \
     setcolumnremarks settableremarks tagdatabase validateforeignkey validatecheckconstraint validateconstraint",
        Does(&rules::HARMLESS),
    ),
    (
        "addforeignkey addcheckconstraint addcheck adduniqueconstraint addexclusionconstraint addconstraint \
     createuniqueconstraint createforeignkey createcheckconstraint createprimarykey addprimarykey \
     alteruniquetogether alterindextogether createcheck createexclusionconstraint addunique constraint \
     uniqueindex createforeignkeys createuniqueconstraints createcheckconstraints",
        Does(&rules::ADD_CONSTRAINT),
    ),
    ("addindexconcurrently", Does(&rules::CREATE)),
    ("createtrigger", Does(&rules::ADD_TRIGGER)),
    (
        "removeindex removeindexconcurrently dropindex renameindex removeforeignkey removecheckconstraint removeconstraint \
     dropconstraint dropforeignkey dropforeign dropunique dropprimary dropprimarykey dropuniqueconstraint \
     dropcheckconstraint changecolumndefault removeuniqueconstraint setnullable alterconstraint",
        Does(&rules::LOOSEN),
    ),
    (
        "updateall update updatecolumns updatecolumn updateattribute updateattributes updatedata bulkupdate \
     save upsert upsertall increment decrement updateorinsert updateorcreate",
        Does(&rules::OVERWRITE),
    ),
    ("deleteall destroyall delete del destroy truncate deletedata bulkdelete removeall", Does(&rules::TRUNCATE)),
    (
        "insert insertall insertdata bulkinsert bulkcreate getorcreate firstorcreate findorcreateby \
     insertorignore",
        Does(&rules::BACKFILL),
    ),
    (CREATE, Does(&rules::CREATE)),
    ("addorderwithrespectto alterorderwithrespectto", Does(&rules::ADD_REQUIRED_COLUMN)),
    ("execute addsql runsql raw query sql statement unprepared executeupdate exec executesql sqlfile", Meaning::Sql),
    ("runpython runjs task", Does(&rules::DATA_CODE)),
    (ALTER, Meaning::Nothing),
    (
        "disableddltransaction reversible safetyassured tableexists columnexists indexexists hastable \
     hascolumn separatedatabaseandstate swappabledependency autocommitblock f \
     getbind inspect text references inversereferences on index ref flush withinconnection settransaction \
     setlocktimeout setstatementtimeout dir now fragment literalcolumn getcontext connection transaction \
     blueprint annotation stringify resolve disablestatementtimeout repo log info say saywithtime print \
     puts then connect getconnection schema abortif skipif warnif getdatabaseplatform getschema",
        Meaning::Nothing,
    ),
    (
        "addfield addcolumn addcolumns addreference addbelongsto addtimestamps add addifnotexists \
     addreferences",
        Does(&rules::ADD_COLUMN),
    ),
];

/// Words of languages, as they are written, and names of the part that a deploy runs.
pub(super) static KEYWORDS: &str = "if elsif else unless for foreach while until switch case when catch return and or not in elif with \
     async await function lambda fn class def defp defmodule module end do begin rescue ensure then use \
     using import alias require require_relative raise throw try new void public private protected \
     include extend namespace typeof super yield true false nil null self this up change upgrade Up pass \
     from const let var export exports interface constructor base";

/// Whether a list of names holds this one.
pub(super) fn holds(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}
