//! Reads Liquibase changelogs: XML, YAML and JSON.
//!
//! Changelogs grow at their end, so only what the deploy added is read. Elements have the names of
//! calls, and mean the same.

use super::hidden::speaks_of_loss;
use super::vocabulary::{self, Call, Meaning};
use super::{Operation, statement};
use crate::remedy::safety::rules;
use crate::remedy::safety::source;
use crate::triage::FileChange;

/// Elements that hold or describe a change.
const FRAME: &[&str] = &[
    "xml",
    "databasechangelog",
    "changeset",
    "column",
    "columns",
    "constraints",
    "comment",
    "precond",
    "preconditions",
    "property",
    "tableexists",
    "columnexists",
    "indexexists",
    "not",
    "and",
    "or",
    "sqlcheck",
    "rollback",
    "include",
    "includeall",
    "changes",
    "author",
    "id",
    "tablename",
    "name",
    "type",
    "nullable",
    "primarykey",
    "unique",
    "defaultvalue",
    "defaultvaluenumeric",
    "defaultvalueboolean",
    "defaultvaluedate",
    "defaultvaluecomputed",
    "remarks",
    "autoincrement",
    "onfail",
    "onerror",
    "file",
    "schemaname",
    "indexname",
    "dbms",
    "context",
    "labels",
    "value",
    "tag",
    "where",
    "columnname",
    "columndatatype",
    "constraintname",
    "basetablename",
    "basecolumnnames",
    "referencedtablename",
    "referencedcolumnnames",
    "foreignkeyname",
    "oldcolumnname",
    "newcolumnname",
    "oldtablename",
    "newtablename",
    "newdatatype",
    "primarykeyname",
    "foreignkeyconstraintname",
    "columnnames",
    "sequencename",
    "viewname",
    "splitstatements",
    "stripcomments",
    "enddelimiter",
    "logicalfilepath",
    "objectquotingstrategy",
    "relativetochangelogfile",
    "uniqueconstraintname",
    "deferrable",
    "tablespace",
    "failonerror",
    "runonchange",
    "runalways",
];

/// What the added lines of a changelog do.
pub(super) fn operations(file: &FileChange) -> Vec<Operation> {
    let added: Vec<(u32, &str)> = source::added(file).collect();
    let mut operations = Vec::new();
    let mut rollback = 0_i32;
    let mut below: Option<usize> = None;
    let mut in_comment = false;
    for (index, (line, text)) in added.iter().enumerate() {
        let commented = in_comment || text.trim_start().starts_with("<!--") || text.trim_start().starts_with('#');
        in_comment = (in_comment || text.contains("<!--")) && !text.contains("-->");
        let indent = text.len() - text.trim_start().len();
        // The way back in YAML and JSON is what stands further in.
        if below.is_some_and(|outer| indent <= outer && !text.trim().is_empty()) {
            below = None;
        }
        let key = text.trim_start().trim_start_matches("- ").trim_start_matches('"');
        if below.is_none() && (key.starts_with("rollback:") || key.starts_with("rollback\"")) {
            below = Some(indent);
        }
        if commented || below.is_some() {
            continue;
        }
        let opens = text.contains("<rollback") && !text.contains("/>");
        rollback += i32::from(opens);
        if rollback > 0 {
            rollback -= i32::from(text.contains("</rollback>"));
            continue;
        }
        let following: String = added.iter().skip(index).take(12).flat_map(|(_, text)| [*text, "\n"]).collect();
        for name in names(text) {
            operations.extend(operation(name, *line, &following));
        }
    }
    operations
}

/// The element or key names of a line.
fn names(text: &str) -> Vec<&str> {
    let trimmed = text.trim_start().trim_start_matches("- ");
    if trimmed.contains('<') {
        let parts = trimmed.split('<').skip(1).filter(|part| !part.starts_with(['/', '!', '?']));
        return parts
            .map(|part| part.split(|c: char| !(c.is_alphanumeric() || c == ':')).next().unwrap_or(part))
            .collect();
    }
    let key = trimmed.trim_start_matches(['"', '{', '[', ' ']);
    let Some((key, _)) = key.split_once(':') else { return Vec::new() };
    let key = key.trim_end_matches('"').trim();
    if key.chars().all(|character| character.is_ascii_alphanumeric()) && !key.is_empty() {
        vec![key]
    } else {
        Vec::new()
    }
}

fn operation(name: &str, line: u32, following: &str) -> Vec<Operation> {
    let name = name.rsplit(':').next().unwrap_or(name);
    let normal = vocabulary::normal(name);
    if FRAME.contains(&normal.as_str()) {
        return Vec::new();
    }
    let own = following.get(..following.find(&format!("</{name}")).unwrap_or(following.len())).unwrap_or_default();
    let unclear = if speaks_of_loss(own) { &rules::NOT_UNDERSTOOD } else { &rules::UNCLEAR };
    let named = |rule| {
        vec![Operation {
            rule,
            name: subject(following).unwrap_or_else(|| name.to_owned()),
            line,
            table: None,
            columns: Vec::new(),
        }]
    };
    match normal.as_str() {
        "addnotnullconstraint" => return named(&rules::SET_NOT_NULL),
        "dropnotnullconstraint"
        | "dropforeignkeyconstraint"
        | "adddefaultvalue"
        | "dropdefaultvalue"
        | "dropallforeignkeyconstraints" => {
            return named(&rules::LOOSEN);
        }
        "modifydatatype" | "mergecolumns" => return named(&rules::CHANGE_TYPE),
        "addlookuptable" | "addforeignkeyconstraint" => return named(&rules::ADD_CONSTRAINT),
        "addautoincrement" => return named(&rules::LOOSEN),
        "loaddata" | "insert" => return named(&rules::BACKFILL),
        "loadupdatedata" => return named(&rules::OVERWRITE),
        "sql" => {
            let inside = following
                .split_once("<sql")
                .and_then(|(_, rest)| rest.split_once('>'))
                .and_then(|(_, rest)| rest.split_once("</sql>"));
            let in_yaml = || Some((yaml_text(following)?, ""));
            let Some((inside, _)) = inside.or_else(in_yaml) else { return named(unclear) };
            return statement::operations(&inside.replace("<![CDATA[", "").replace("]]>", ""), line);
        }
        _ => {}
    }
    let end = following.find(&format!("</{name}")).unwrap_or(following.len());
    let arguments = following.get(..end).unwrap_or_default().replace("=\"", ":").replace('"', "");
    let call =
        Call { name: &normal, receiver: "", arguments: &arguments, rest: &arguments, wrapper: "", extension: "xml" };
    match vocabulary::meaning(&call) {
        Meaning::Nothing => Vec::new(),
        Meaning::Does(rule) => named(rule),
        Meaning::Sql | Meaning::Unknown => named(unclear),
    }
}

/// The text behind `sql:` in YAML, on its line or in the block below it.
fn yaml_text(following: &str) -> Option<&str> {
    let mut keys = following.match_indices("sql:");
    let (at, _) = keys.next()?;
    let first = following.get(at + 4..)?;
    let rest = match first.trim_start().strip_prefix("sql:") {
        Some(_) => keys.next().and_then(|(at, _)| following.get(at + 4..))?,
        None => first,
    };
    let line = rest.lines().next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with(['|', '>']) {
        let body = rest.split_once('\n')?.1;
        let ends = body.find("\n- ").or_else(|| body.find("changeSet")).unwrap_or(body.len());
        return body.get(..ends);
    }
    Some(line.trim_matches(['"', '\'']))
}

/// What an element is about: its table and column.
fn subject(following: &str) -> Option<String> {
    let first = following.lines().take(6).collect::<Vec<_>>().join(" ");
    let value = |key: &str| {
        let (_, rest) = first.split_once(key)?;
        let rest = rest.trim_start_matches(['"', '=', ':', ' ']);
        rest.split(['"', ' ', '/', '>', ',']).next().filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let table = value("tableName").or_else(|| value("baseTableName")).or_else(|| value("oldTableName"));
    match (table, value("columnName").or_else(|| value("oldColumnName"))) {
        (Some(table), Some(column)) => Some(format!("{table}.{column}")),
        (table, column) => table.or(column),
    }
}
