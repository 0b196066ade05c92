//! The commands that follow a rollback.

use super::{Parts, PlanError, PullRequest, Push, Scope, Step, short};

/// The program of a command that aftercare runs itself.
pub const OWN_PROGRAM: &str = "aftercare";

/// What stands in a command for the id of the commit that will be made.
pub const REVISION: &str = "{revision}";

/// Returns an approved argument list with the id of the new commit filled in.
///
/// Each argument stays one argument. Nothing else is replaced: the other placeholders were filled in
/// before the plan was shown, and no value that holds a brace was let in.
#[must_use]
pub fn with_revision(argv: &[String], revision: &str) -> Vec<String> {
    argv.iter().map(|argument| argument.replace(REVISION, revision)).collect()
}

/// An argument list as one line, with quotes where an argument would not be read as one.
#[must_use]
pub fn shown_argv(argv: &[String]) -> String {
    let plain = |argument: &str| {
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@{}+,%".contains(char);
        !argument.is_empty() && argument.chars().all(is_plain)
    };
    let quoted = |argument: &String| {
        if plain(argument) { argument.clone() } else { format!("'{}'", argument.replace('\'', r"'\''")) }
    };
    argv.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

pub(super) fn steps(parts: &Parts<'_>, branch: &str) -> Result<Vec<Step>, PlanError> {
    let mut steps = Vec::new();
    // Whoever deploys from the remote needs the branch there first; a pull request can wait.
    if let Some(push) = parts.push {
        steps.push(pushed(push, branch));
    }
    if let Some(template) = parts.deploy_command {
        steps.push(deploy(parts, branch, template)?);
    }
    if let Some(request) = parts.push.and_then(|push| push.pull_request.as_ref()) {
        steps.push(pull_request(request, branch));
    }
    if let Some(remote) = parts.remote.filter(|_| parts.push.is_none()) {
        let does =
            format!("Publishes the branch on {remote}; nothing changes for users until it is merged or deployed");
        steps.push(by_hand(&["git", "push", remote, branch], does));
    }
    if let Some(target) = parts.target_branch.filter(|target| !target.starts_with('-')) {
        steps.push(by_hand(&["git", "switch", target], format!("Goes to {target}")));
        let what = match parts.scope {
            Scope::Range => format!("everything from {} back to {}", short(parts.head), short(parts.base)),
            Scope::Hunks(_) | Scope::Files(_) => "the chosen hunks".to_owned(),
        };
        let does = format!("Takes {what} on {target}; refuses when {target} moved on");
        steps.push(by_hand(&["git", "merge", "--ff-only", branch], does));
    }
    steps.push(by_hand(
        &["git", "branch", "-D", branch],
        "Undoes the plan: removes the branch, as long as it is neither merged nor pushed".to_owned(),
    ));
    Ok(steps)
}

/// The branch under its own name, and nothing else; never by force.
fn pushed(push: &Push, branch: &str) -> Step {
    let refs = format!("refs/heads/{branch}:refs/heads/{branch}");
    let argv = ["git", "push", "--porcelain", &push.remote, &refs].map(str::to_owned).to_vec();
    let does =
        format!("Pushes the branch to {}; nothing changes for users until it is merged or deployed", push.remote);
    Step { argv, does, runs: true }
}

fn pull_request(request: &PullRequest, branch: &str) -> Step {
    let PullRequest { forge, api, project, target } = request;
    let argv = [
        OWN_PROGRAM,
        "pull-request",
        "--forge",
        forge,
        "--api",
        api,
        "--project",
        project,
        "--source",
        branch,
        "--target",
        target,
    ];
    let does = format!(
        "Opens a pull request of the branch into {target} of {project}, with the message of its commit, unless one is open"
    );
    Step { argv: argv.map(str::to_owned).to_vec(), does, runs: true }
}

fn by_hand(argv: &[&str], does: String) -> Step {
    Step { argv: argv.iter().map(|&argument| argument.to_owned()).collect(), does, runs: false }
}

fn deploy(parts: &Parts<'_>, branch: &str, template: &[String]) -> Result<Step, PlanError> {
    if template.first().is_none_or(|program| program.is_empty()) {
        return Err(PlanError::NoProgram);
    }
    let values = [("branch", branch), ("service", parts.service), ("base", parts.base)];
    let argv = template.iter().map(|argument| fill(argument, &values)).collect::<Result<Vec<_>, _>>()?;
    let revision = if argv.iter().any(|argument| argument.contains(REVISION)) {
        "; {revision} becomes the id of the new commit"
    } else {
        ""
    };
    Ok(Step { argv, does: format!("Runs your deploy command in a checkout of the new commit{revision}"), runs: true })
}

/// Fills in one argument; the result is one argument, whatever the values hold.
fn fill(argument: &str, values: &[(&'static str, &str)]) -> Result<String, PlanError> {
    let mut filled = String::with_capacity(argument.len());
    let mut rest = argument;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            filled.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            filled.push('}');
            rest = after;
        } else if let Some(inside) = from.strip_prefix('{') {
            let (name, after) = inside.split_once('}').ok_or_else(|| PlanError::OpenBrace(argument.to_owned()))?;
            filled.push_str(value_of(name, values)?);
            rest = after;
        } else {
            filled.push('}');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value_of<'a>(name: &str, values: &[(&'static str, &'a str)]) -> Result<&'a str, PlanError> {
    if name == "revision" {
        return Ok(REVISION);
    }
    let (name, value) = values
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| PlanError::UnknownPlaceholder(name.to_owned()))?;
    if value.contains(['{', '}']) || value.chars().any(char::is_control) {
        return Err(PlanError::UnfitValue { name, value: (*value).to_owned() });
    }
    Ok(value)
}
