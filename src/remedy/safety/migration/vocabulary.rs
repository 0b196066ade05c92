//! The calls that migration tools know, in one vocabulary.

mod names;

use crate::remedy::safety::rules::{self, Rule};
use names::{ALTER, CREATE, KEYWORDS, NAMES, holds};

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing that stays.
    Nothing,
    /// This.
    Does(&'static Rule),
    /// What the SQL in its arguments does.
    Sql,
    /// Nobody knows.
    Unknown,
}

/// A call and its surroundings.
pub(super) struct Call<'a> {
    /// Its name, in normal form.
    pub(super) name: &'a str,
    /// What it is called on.
    pub(super) receiver: &'a str,
    /// From its name to the end of its arguments.
    pub(super) arguments: &'a str,
    /// From its name to the end of the statement.
    pub(super) rest: &'a str,
    /// The last call before it that makes or alters a table, in normal form.
    pub(super) wrapper: &'a str,
    /// Of the file.
    pub(super) extension: &'a str,
}

/// The normal form of a name: without case, underscores and marks.
pub(super) fn normal(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a word is of the language, or the name of the part that a deploy runs.
pub(super) fn is_keyword(name: &str) -> bool {
    holds(KEYWORDS, name)
}

/// Whether a call makes a table, named by its first argument.
pub(super) fn makes_table(name: &str) -> bool {
    matches!(name, "createtable" | "createtableifnotexists" | "createjointable" | "createmodel" | "create")
}

/// Whether the calls that follow are about a table that this one makes or alters.
pub(super) fn is_wrapper(name: &str) -> bool {
    holds(CREATE, name) || holds(ALTER, name)
}

/// Returns what a call does.
pub(super) fn meaning(call: &Call<'_>) -> Meaning {
    let arguments = squeezed(call.arguments);
    let name = call.name;
    // Types and expressions, not actions.
    if matches!(
        call.receiver,
        "models"
            | "sa"
            | "postgresql"
            | "mysql"
            | "sqlite"
            | "types"
            | "Sequelize"
            | "DataTypes"
            | "fields"
            | "django"
            | "settings"
            | "func"
            | "Type"
            | "constraints"
            | "op_types"
    ) || call.arguments.starts_with(|first: char| first.is_uppercase()) && is_type_name(call)
    {
        return Meaning::Nothing;
    }
    if is_column_builder(call) {
        return column(call);
    }
    if name == "drop" || name == "dropifexists" {
        let is_table =
            !(arguments.contains("dropindex") || arguments.contains("(index(") || arguments.contains("constraint("));
        return Meaning::Does(if is_table && !arguments.starts_with("dropif_existsindex") {
            &rules::DROP_TABLE
        } else {
            &rules::LOOSEN
        });
    }
    if let Some(special) = special(call, &arguments) {
        return special;
    }
    NAMES
        .iter()
        .find(|(names, _)| holds(names, name))
        .map_or(Meaning::Unknown, |(_, meaning)| refine(*meaning, call, &arguments))
}

/// Names of classes that only describe: columns, indexes, expressions.
fn is_type_name(call: &Call<'_>) -> bool {
    call.receiver.is_empty()
        && matches!(
            call.name,
            "table"
                | "tablecolumn"
                | "tableindex"
                | "tableforeignkey"
                | "migration"
                | "q"
                | "date"
                | "column"
                | "uniqueconstraint"
                | "foreignkeyconstraint"
                | "primarykeyconstraint"
                | "checkconstraint"
                | "integer"
                | "string"
                | "boolean"
                | "datetime"
                | "text"
                | "enum"
                | "numeric"
                | "json"
                | "uuid"
        )
        && !call.extension.starts_with("php")
}

fn special(call: &Call<'_>, arguments: &str) -> Option<Meaning> {
    let does = |rule| Some(Meaning::Does(rule));
    match call.name {
        "altercolumn" => does(alter_column(call, arguments)),
        "changecolumnnull" | "changenull" => {
            does(if arguments.contains(",true") { &rules::LOOSEN } else { &rules::SET_NOT_NULL })
        }
        "changecolumndefault" if takes_default_away(arguments) => does(&rules::DROP_DEFAULT),
        "addindex" | "createindex" | "addindexes" | "createindices" => {
            let unique = ["unique:true", "unique=true", "unique=>true", "isunique:true"]
                .iter()
                .any(|word| arguments.contains(word));
            does(if unique { &rules::ADD_CONSTRAINT } else { &rules::CREATE })
        }
        "create" | "createifnotexists"
            if arguments.contains("unique_index")
                || arguments.contains("uniqueindex")
                || arguments.contains("constraint(") =>
        {
            does(&rules::ADD_CONSTRAINT)
        }
        "runpython"
            if arguments.contains("runpython(migrations.runpython.noop") || arguments.contains("runpython(noop") =>
        {
            Some(Meaning::Nothing)
        }
        // Chained to a column, which was judged with all that is chained to it.
        "unique" | "foreign" | "primary" if holds(CREATE, call.wrapper) => Some(Meaning::Nothing),
        "unique" | "foreign" | "primary" | "constrained" => does(&rules::ADD_CONSTRAINT),
        "nullable" | "notnullable" | "default" | "defaultto" | "unsigned" | "after" | "comment" | "usecurrent"
        | "ondelete" | "onupdate" | "cascadeondelete" | "nullondelete" | "restrictondelete" | "charset"
        | "collation" | "collate" | "intable" | "withkeyname" | "usecurrentonupdate" | "autoincrement" => {
            Some(Meaning::Nothing)
        }
        "noop" => Some(Meaning::Nothing),
        "findeach" | "all" | "where" | "each" | "filter" | "objects" | "getmodel" | "map" | "select"
        | "findinbatches" | "inbatches" | "exists" | "first" | "count" => Some(Meaning::Nothing),
        _ => None,
    }
}

/// Whether what is given says that a column has no default from now on: `change_column_default :t, :c, nil`.
fn takes_default_away(arguments: &str) -> bool {
    ["to:nil", "to:null", ",nil", "to=>nil"].iter().any(|word| arguments.contains(word))
}

/// Alembic, EF Core and Sequelize change everything about a column with one call.
fn alter_column(call: &Call<'_>, arguments: &str) -> &'static Rule {
    if call.extension != "py" {
        return &rules::CHANGE_TYPE;
    }
    if arguments.contains("new_column_name=") {
        &rules::RENAME
    } else if arguments.contains(",type_=") {
        &rules::CHANGE_TYPE
    } else if arguments.contains("nullable=false") && !arguments.contains("existing_nullable=false") {
        &rules::SET_NOT_NULL
    } else if arguments.contains("server_default=none") && !arguments.contains("existing_server_default=none") {
        &rules::DROP_DEFAULT
    } else {
        &rules::LOOSEN
    }
}

/// Whether a call adds or changes a column on the table of the block around it.
fn is_column_builder(call: &Call<'_>) -> bool {
    let on_table = matches!(call.receiver, "t" | "table" | "$table" | "tbl" | "$t");
    on_table && !NAMES.iter().any(|(names, _)| holds(names, call.name)) && special(call, "").is_none()
        || on_table && matches!(call.name, "index" | "references" | "text" | "f")
}

fn column(call: &Call<'_>) -> Meaning {
    let creates = holds(CREATE, call.wrapper);
    let rest = squeezed(call.rest);
    match call.name {
        _ if creates => Meaning::Nothing,
        "change" => Meaning::Does(&rules::CHANGE_TYPE),
        "index" => Meaning::Does(&rules::CREATE),
        "unique" | "foreign" | "primary" | "checkconstraint" => Meaning::Does(&rules::ADD_CONSTRAINT),
        _ if rest.contains(".alter(") || rest.contains("->change(") => Meaning::Does(&rules::CHANGE_TYPE),
        _ => {
            let gives = has_default(&rest);
            let required = match call.extension {
                "php" => {
                    !rest.contains("->nullable(")
                        && !rest.contains("->change(")
                        && !matches!(call.name, "timestamps" | "softdeletes" | "remembertoken")
                }
                "rb" => rest.contains("null:false"),
                _ => rest.contains(".notnullable("),
            };
            Meaning::Does(if required && !gives { &rules::ADD_REQUIRED_COLUMN } else { &rules::ADD_COLUMN })
        }
    }
}

fn refine(meaning: Meaning, call: &Call<'_>, arguments: &str) -> Meaning {
    if holds(CREATE, call.wrapper)
        && matches!(call.name, "add" | "remove" | "modify" | "references" | "index")
        && call.extension.starts_with("ex")
    {
        return Meaning::Nothing;
    }
    if meaning != Meaning::Does(&rules::ADD_COLUMN) {
        return meaning;
    }
    let said = ["null:false", "nullable:false", "nullable=false", "allownull:false", "isnullable:false", "null=>false"];
    let required = match (call.name, call.extension) {
        // Django fills the column once and takes the default away again.
        ("addfield", _) => {
            !(arguments.contains("null=true")
                || arguments.contains("db_default=")
                || arguments.contains("manytomanyfield"))
        }
        ("addtimestamps", "rb") => !arguments.contains("null:true") && !has_default(arguments),
        (_, "ts") if arguments.contains("tablecolumn(") => {
            !arguments.contains("isnullable:true") && !has_default(arguments)
        }
        _ => said.iter().any(|word| arguments.contains(word)) && !has_default(arguments),
    };
    Meaning::Does(if required { &rules::ADD_REQUIRED_COLUMN } else { &rules::ADD_COLUMN })
}

fn has_default(arguments: &str) -> bool {
    let given = [
        "default:",
        "default=",
        "server_default=",
        "defaultvalue:",
        "defaultvaluesql:",
        "defaultto(",
        "->default(",
        "->usecurrent(",
        "computedcolumnsql:",
        "isgenerated:true",
    ];
    given.iter().any(|word| arguments.contains(word))
        && !arguments.contains("default:nil")
        && !arguments.contains("default:null")
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_lowercase).collect()
}
