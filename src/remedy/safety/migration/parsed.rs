//! Reads SQL statements through a parser, in the dialects of the usual databases.
//!
//! Input: a [`Statement`]. Output: what it does, or `None` where no dialect fits, or where what fits is
//! something that is not known here; then the words decide.

use sqlparser::ast::{
    self, AlterColumnOperation, AlterTableOperation, AlterTypeOperation, AssignmentTarget, ColumnDef, ColumnOption,
    ConditionalStatements, Expr, GeneratedAs, Ident, ObjectName, ObjectType, OnConflictAction, OnInsert,
    Statement as Parsed, TableConstraint, TableFactor, Value,
};
use sqlparser::dialect::{Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use super::Operation;
use super::lexer::{Kind, Statement, Token};
use super::statement::{Cursor, excerpt, split, unclear};
use crate::remedy::safety::rules::{self, Rule};

/// Most tokens of a statement that is parsed: what it is built of nests no deeper, and is taken down again
/// by as many calls within each other.
const MOST_TOKENS: usize = 1_500;

/// How deep a statement may nest.
const DEEPEST: usize = 24;

/// Functions that change nothing that stays.
const HARMLESS: [&str; 30] = [
    "setval",
    "nextval",
    "set_config",
    "current_setting",
    "now",
    "count",
    "max",
    "min",
    "sum",
    "coalesce",
    "exists",
    "greatest",
    "least",
    "lower",
    "upper",
    "length",
    "concat",
    "if",
    "ifnull",
    "isnull",
    "cast",
    "values",
    "in",
    "pg_advisory_lock",
    "pg_advisory_xact_lock",
    "pg_sleep",
    "pg_get_serial_sequence",
    "database",
    "version",
    "getdate",
];

/// Returns what a statement does, where a parser understands it.
pub(super) fn read(statement: &Statement<'_>) -> Option<Vec<Operation>> {
    if statement.tokens.len() > MOST_TOKENS {
        return None;
    }
    let text = statement.plain();
    let dialects: [&dyn Dialect; 5] =
        [&PostgreSqlDialect {}, &MySqlDialect {}, &SQLiteDialect {}, &MsSqlDialect {}, &GenericDialect {}];
    let place = Place { tokens: &statement.tokens, line: statement.line() };
    dialects.iter().find_map(|dialect| {
        let parser = Parser::new(*dialect).with_recursion_limit(DEEPEST).try_with_sql(&text);
        let parsed = parser.and_then(|mut parser| parser.parse_statements()).ok()?;
        let all = parsed.iter().map(|one| place.statement(one, parsed.len() == 1)).collect::<Option<Vec<_>>>()?;
        (!parsed.is_empty()).then(|| all.concat())
    })
}

/// What calls of functions do: nothing, or nobody knows.
pub(super) fn calls(tokens: &[Token<'_>]) -> Vec<Operation> {
    let called = tokens.windows(2).filter_map(|pair| match pair {
        [name, open] if open.is("(") && matches!(name.kind, Kind::Word | Kind::Quoted) => Some(name),
        _ => None,
    });
    let is_known =
        |name: &&Token<'_>| HARMLESS.iter().any(|known| name.text.eq_ignore_ascii_case(known)) || is_keyword(name);
    let unknown: Vec<Token<'_>> = called.filter(|name| !is_known(name)).copied().collect();
    let Some(first) = unknown.first() else { return Vec::new() };
    vec![Operation {
        rule: unclear(&unknown),
        name: excerpt(tokens),
        line: first.line,
        table: None,
        columns: Vec::new(),
    }]
}

fn is_keyword(token: &Token<'_>) -> bool {
    let words = [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "AS", "ON", "JOIN", "UNION", "ALL", "ANY", "PERFORM", "CASE",
        "WHEN",
    ];
    words.iter().any(|word| token.is(word))
}

/// Where a statement stands.
struct Place<'a> {
    tokens: &'a [Token<'a>],
    line: u32,
}

impl Place<'_> {
    fn does(&self, rule: &'static Rule, name: String) -> Operation {
        Operation { rule, name, line: self.line, table: None, columns: Vec::new() }
    }

    fn one(&self, rule: &'static Rule) -> Option<Vec<Operation>> {
        Some(vec![self.does(rule, excerpt(self.tokens))])
    }

    /// What one statement does; `alone` says whether all tokens are its own.
    fn statement(&self, parsed: &Parsed, alone: bool) -> Option<Vec<Operation>> {
        match parsed {
            Parsed::AlterTable(alter) => self.alter_table(alter, alone),
            Parsed::CreateTable(_) | Parsed::CreateIndex(_) | Parsed::CreateView(_) | Parsed::CreateFunction(_) => {
                self.create(parsed)
            }
            Parsed::Drop { .. } => self.drop(parsed),
            Parsed::Update(update) => Some(vec![self.update(update)]),
            Parsed::Delete(delete) => {
                self.one(if delete.selection.is_none() { &rules::TRUNCATE } else { &rules::OVERWRITE })
            }
            Parsed::Insert(insert) => self.insert(insert),
            Parsed::Query(_) => Some(self.query()),
            Parsed::Truncate(_) => self.one(&rules::TRUNCATE),
            Parsed::Merge(_) => self.one(&rules::OVERWRITE),
            Parsed::Copy { to, .. } => {
                if *to {
                    Some(Vec::new())
                } else {
                    self.one(&rules::BACKFILL)
                }
            }
            Parsed::LoadData { .. } => self.one(&rules::BACKFILL),
            Parsed::RenameTable(renamed) => {
                Some(renamed.iter().map(|one| self.does(&rules::RENAME, last(&one.old_name))).collect())
            }
            Parsed::Explain { analyze: true, statement, .. } => self.statement(statement, alone),
            Parsed::If(choice) => {
                let blocks = std::iter::once(&choice.if_block).chain(&choice.elseif_blocks).chain(&choice.else_block);
                let each = blocks.map(|block| self.within(&block.conditional_statements));
                Some(each.collect::<Option<Vec<_>>>()?.concat())
            }
            Parsed::StartTransaction { statements, exception: None, .. } => self.all(statements),
            Parsed::AlterType(alter) => self.one(match alter.operation {
                AlterTypeOperation::AddValue(_) => &rules::ADD_ENUM_VALUE,
                AlterTypeOperation::Rename(_) | AlterTypeOperation::RenameValue(_) => &rules::RENAME,
            }),
            _ => self.plain(parsed),
        }
    }

    /// Statements whose kind alone tells.
    fn plain(&self, parsed: &Parsed) -> Option<Vec<Operation>> {
        match parsed {
            Parsed::CreateSchema { .. }
            | Parsed::CreateDatabase { .. }
            | Parsed::CreateSequence { .. }
            | Parsed::CreateExtension(_)
            | Parsed::CreateRole(_)
            | Parsed::CreateType { .. }
            | Parsed::CreateDomain(_)
            | Parsed::CreateCollation(_)
            | Parsed::CreateVirtualTable { .. }
            | Parsed::Grant(_) => self.one(&rules::CREATE),
            Parsed::CreatePolicy(_) | Parsed::CreateRule(_) | Parsed::CreateTrigger(_) => self.one(&rules::ADD_TRIGGER),
            Parsed::AlterIndex { .. } => self.one(&rules::LOOSEN),
            Parsed::AlterView(_) => self.one(&rules::REPLACE),
            Parsed::Revoke(_) => self.one(&rules::REVOKE),
            Parsed::Commit { .. }
            | Parsed::Rollback { .. }
            | Parsed::Savepoint { .. }
            | Parsed::ReleaseSavepoint { .. }
            | Parsed::Analyze(_)
            | Parsed::Vacuum(_)
            | Parsed::Explain { analyze: false, .. }
            | Parsed::Use(_)
            | Parsed::Comment { .. }
            | Parsed::Pragma { .. }
            | Parsed::Lock(_)
            | Parsed::LockTables { .. }
            | Parsed::UnlockTables
            | Parsed::Print(_)
            | Parsed::RefreshMaterializedView(_)
            | Parsed::LISTEN { .. }
            | Parsed::UNLISTEN { .. }
            | Parsed::NOTIFY { .. }
            | Parsed::Reset(_)
            | Parsed::Set(_)
            | Parsed::Declare { .. }
            | Parsed::Discard { .. } => Some(Vec::new()),
            _ => None,
        }
    }

    fn all(&self, statements: &[Parsed]) -> Option<Vec<Operation>> {
        let each = statements.iter().map(|one| self.statement(one, false));
        Some(each.collect::<Option<Vec<_>>>()?.concat())
    }

    fn within(&self, statements: &ConditionalStatements) -> Option<Vec<Operation>> {
        match statements {
            ConditionalStatements::Sequence { statements } => self.all(statements),
            ConditionalStatements::BeginEnd(block) => self.all(&block.statements),
        }
    }

    fn create(&self, parsed: &Parsed) -> Option<Vec<Operation>> {
        match parsed {
            Parsed::CreateTable(table) if table.temporary || is_temporary(&table.name) => Some(Vec::new()),
            Parsed::CreateTable(table) if table.or_replace => {
                Some(vec![self.does(&rules::DROP_TABLE, last(&table.name))])
            }
            Parsed::CreateTable(table) => {
                let name = last(&table.name);
                let made = self.does(&rules::CREATE, format!("table {name}"));
                Some(vec![Operation { table: Some(name), ..made }])
            }
            Parsed::CreateIndex(index) if index.unique => {
                let made = self.does(&rules::ADD_CONSTRAINT, excerpt(self.tokens));
                Some(vec![Operation { table: Some(last(&index.table_name)), ..made }])
            }
            Parsed::CreateView(view) if view.temporary => Some(Vec::new()),
            Parsed::CreateView(view) if view.or_replace || view.or_alter => self.one(&rules::REPLACE),
            Parsed::CreateFunction(function) if function.or_replace || function.or_alter => self.one(&rules::REPLACE),
            _ => self.one(&rules::CREATE),
        }
    }

    fn drop(&self, parsed: &Parsed) -> Option<Vec<Operation>> {
        let Parsed::Drop { object_type, names, temporary, .. } = parsed else { return None };
        if *temporary {
            return Some(Vec::new());
        }
        let of = |rule: &'static Rule, kind: &str| {
            let permanent = names.iter().filter(|name| !is_temporary(name));
            Some(permanent.map(|name| self.does(rule, format!("{kind}{}", last(name)))).collect())
        };
        match object_type {
            ObjectType::Table | ObjectType::ForeignTable => of(&rules::DROP_TABLE, ""),
            ObjectType::Index => of(&rules::LOOSEN, "index "),
            _ => self.one(&rules::DROP_OBJECT),
        }
    }

    fn update(&self, update: &ast::Update) -> Operation {
        let table = match &update.table.relation {
            TableFactor::Table { name, .. } => Some(last(name)),
            _ => None,
        };
        let columns = update.assignments.iter().flat_map(|one| match &one.target {
            AssignmentTarget::ColumnName(name) => vec![last(name)],
            AssignmentTarget::Tuple(names) => names.iter().map(last).collect(),
        });
        let columns: Vec<String> = columns.collect();
        let more = if columns.len() > 1 { ", …" } else { "" };
        let first = columns.first().map(String::as_str).unwrap_or_default();
        let name = format!("UPDATE {} SET {first} = …{more}", table.as_deref().unwrap_or_default());
        Operation { table, columns, ..self.does(&rules::OVERWRITE, name) }
    }

    fn insert(&self, insert: &ast::Insert) -> Option<Vec<Operation>> {
        let updates = match &insert.on {
            Some(OnInsert::DuplicateKeyUpdate(_)) => true,
            Some(OnInsert::OnConflict(conflict)) => matches!(conflict.action, OnConflictAction::DoUpdate(_)),
            Some(_) | None => false,
        };
        let replaces = insert.replace_into
            || insert.overwrite
            || insert.or.is_some_and(|or| matches!(or, ast::SqliteOnConflict::Replace));
        let mut operations = self.changes_within();
        operations.extend(self.one(if updates || replaces { &rules::OVERWRITE } else { &rules::BACKFILL })?);
        Some(operations)
    }

    /// A query changes something by what it calls, by `INTO`, or by a part that is no query.
    fn query(&self) -> Vec<Operation> {
        let mut operations = self.changes_within();
        if operations.is_empty() && self.tokens.iter().any(|token| token.is("INTO")) {
            operations.push(self.does(&rules::CREATE, excerpt(self.tokens)));
        }
        operations.extend(calls(self.tokens));
        operations
    }

    /// What the parts of `WITH` change.
    fn changes_within(&self) -> Vec<Operation> {
        if !self.tokens.iter().any(|token| token.is("WITH")) {
            return Vec::new();
        }
        let begins = self.tokens.windows(2).filter(|pair| pair.first().is_some_and(|open| open.is("(")));
        let rule = |token: &Token<'_>| match token.text.to_ascii_uppercase().as_str() {
            "DELETE" | "UPDATE" | "MERGE" => Some(&rules::OVERWRITE),
            "INSERT" => Some(&rules::BACKFILL),
            _ => None,
        };
        let found = begins.filter_map(|pair| pair.get(1)).filter_map(|token| Some((rule(token)?, token.line)));
        found.map(|(rule, line)| Operation { line, ..self.does(rule, excerpt(self.tokens)) }).collect()
    }

    fn alter_table(&self, alter: &ast::AlterTable, alone: bool) -> Option<Vec<Operation>> {
        let table = last(&alter.name);
        let lines = if alone { self.lines_of_actions() } else { Vec::new() };
        let mut operations = Vec::new();
        for (index, action) in alter.operations.iter().enumerate() {
            let line = lines.get(index).filter(|_| lines.len() == alter.operations.len()).copied().unwrap_or(self.line);
            for (rule, name) in action_of(action, &table)? {
                operations.push(Operation { rule, name, line, table: Some(table.clone()), columns: Vec::new() });
            }
        }
        Some(operations)
    }

    fn lines_of_actions(&self) -> Vec<u32> {
        let mut cursor = Cursor { tokens: self.tokens.get(2..).unwrap_or_default() };
        cursor.name();
        split(cursor.tokens).iter().filter_map(|action| action.first().map(|token| token.line)).collect()
    }
}

type Meanings = Vec<(&'static Rule, String)>;

/// What one action of `ALTER TABLE` does; `None` where it is not known.
fn action_of(action: &AlterTableOperation, table: &str) -> Option<Meanings> {
    use AlterTableOperation as Action;
    let on = |name: &Ident| format!("{table}.{}", name.value);
    let one = |rule: &'static Rule, name: String| Some(vec![(rule, name)]);
    match action {
        Action::AddConstraint { constraint, .. } => match constraint {
            TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {
                one(&rules::CREATE, shown(action, table))
            }
            _ => one(&rules::ADD_CONSTRAINT, shown(action, table)),
        },
        Action::AddColumn { column_def, .. } => one(added_column(column_def), on(&column_def.name)),
        Action::DropColumn { column_names, .. } => {
            Some(column_names.iter().map(|name| (&rules::DROP_COLUMN, on(name))).collect())
        }
        Action::DropPartitions { .. } | Action::DetachPartition { .. } | Action::DetachPartitionOf { .. } => {
            one(&rules::TRUNCATE, shown(action, table))
        }
        Action::RenameColumn { old_column_name, .. } => one(&rules::RENAME, on(old_column_name)),
        Action::RenameTable { .. } | Action::SwapWith { .. } => one(&rules::RENAME, table.to_owned()),
        Action::ChangeColumn { old_name, new_name, .. } if old_name.value != new_name.value => {
            one(&rules::RENAME, on(old_name))
        }
        Action::ChangeColumn { old_name: name, .. } | Action::ModifyColumn { col_name: name, .. } => {
            one(&rules::CHANGE_TYPE, on(name))
        }
        // How it is done, not what.
        Action::Algorithm { .. } | Action::Lock { .. } => Some(Vec::new()),
        Action::AlterColumn { column_name, op } => one(altered_column(op), on(column_name)),
        Action::EnableAlwaysRule { .. }
        | Action::EnableAlwaysTrigger { .. }
        | Action::EnableReplicaRule { .. }
        | Action::EnableReplicaTrigger { .. }
        | Action::EnableRowLevelSecurity
        | Action::ForceRowLevelSecurity
        | Action::EnableRule { .. }
        | Action::EnableTrigger { .. } => one(&rules::ADD_TRIGGER, shown(action, table)),
        _ => loosens(action).then(|| vec![(&rules::LOOSEN, shown(action, table))]),
    }
}

/// Whether an action takes a restriction away, or only concerns how the table is kept.
fn loosens(action: &AlterTableOperation) -> bool {
    use AlterTableOperation as Action;
    matches!(
        action,
        Action::DropConstraint { .. }
            | Action::DropPrimaryKey { .. }
            | Action::DropForeignKey { .. }
            | Action::DropIndex { .. }
            | Action::RenameConstraint { .. }
            | Action::DisableRowLevelSecurity
            | Action::NoForceRowLevelSecurity
            | Action::DisableRule { .. }
            | Action::DisableTrigger { .. }
            | Action::AttachPartition { .. }
            | Action::AttachPartitionOf { .. }
            | Action::AddPartitions { .. }
            | Action::ReplicaIdentity { .. }
            | Action::OwnerTo { .. }
            | Action::SetOptionsParens { .. }
            | Action::ResetOptions { .. }
            | Action::SetTblProperties { .. }
            | Action::SetLogged
            | Action::SetUnlogged
            | Action::AutoIncrement { .. }
            | Action::ValidateConstraint { .. }
            | Action::Inherit { .. }
    )
}

fn added_column(column: &ColumnDef) -> &'static Rule {
    let has = |matches: &dyn Fn(&ColumnOption) -> bool| column.options.iter().any(|option| matches(&option.option));
    let is_null = |value: &Expr| matches!(value, Expr::Value(value) if matches!(value.value, Value::Null));
    let is_default = |option: &ColumnOption| matches!(option, ColumnOption::Default(value) if !is_null(value));
    let counts_up = |option: &ColumnOption| match option {
        ColumnOption::Generated { .. } | ColumnOption::Identity(_) | ColumnOption::Materialized(_) => true,
        ColumnOption::DialectSpecific(tokens) => {
            tokens.iter().any(|token| token.to_string().to_ascii_uppercase().starts_with("AUTO"))
        }
        _ => false,
    };
    let is_serial = column.data_type.to_string().to_ascii_lowercase().contains("serial");
    let gives = has(&is_default) || has(&counts_up) || is_serial;
    let forbids_null = |option: &ColumnOption| match option {
        ColumnOption::NotNull | ColumnOption::PrimaryKey(_) => true,
        ColumnOption::Check(check) => check.expr.to_string().to_ascii_uppercase().contains("IS NOT NULL"),
        _ => false,
    };
    if has(&forbids_null) && !gives {
        return &rules::ADD_REQUIRED_COLUMN;
    }
    if has(&|option| matches!(option, ColumnOption::Unique(_))) && has(&is_default) {
        return &rules::ADD_CONSTRAINT;
    }
    &rules::ADD_COLUMN
}

fn altered_column(operation: &AlterColumnOperation) -> &'static Rule {
    match operation {
        AlterColumnOperation::SetNotNull => &rules::SET_NOT_NULL,
        AlterColumnOperation::DropDefault => &rules::DROP_DEFAULT,
        AlterColumnOperation::SetDataType { .. } => &rules::CHANGE_TYPE,
        AlterColumnOperation::AddGenerated { generated_as: Some(GeneratedAs::Always), .. } => &rules::ADD_CONSTRAINT,
        AlterColumnOperation::AddGenerated { .. }
        | AlterColumnOperation::DropNotNull
        | AlterColumnOperation::SetDefault { .. }
        | AlterColumnOperation::GenericOptions { .. } => &rules::LOOSEN,
    }
}

/// The last part of a name, without quotes.
fn last(name: &ObjectName) -> String {
    name.0
        .last()
        .map_or_else(String::new, |part| part.as_ident().map_or_else(|| part.to_string(), |it| it.value.clone()))
}

/// Whether a table goes with the session: SQL Server's names say so.
fn is_temporary(name: &ObjectName) -> bool {
    last(name).starts_with('#')
}

/// An action as it is said in a sentence.
fn shown(action: &AlterTableOperation, table: &str) -> String {
    format!("{table}.{action}").chars().take(80).collect()
}
