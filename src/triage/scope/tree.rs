//! Finds functions and classes in the tree of a grammar.

use tree_sitter::Node;

use super::{Scope, by_layout};
use crate::triage::syntax::Source;
use crate::triage::syntax::grammar::{Grammar, Parsed, Role, lines};

/// How many brackets and claims about types are looked through for a function.
const WRAPPED: usize = 8;
/// So many levels below the outermost node of one line, nothing is defined: `export const f = () => 1;` is 3 deep.
const LEVELS_IN_LINE: usize = 4;
/// Nothing shorter holds a definition that has a name, in bytes: `f=x=>1`.
const SHORTEST: usize = 6;
/// Longer names are none, in bytes.
const NAME_BYTES: usize = 200;

/// The functions and classes of a text. Where the grammar cannot tell, in what it did not understand and in what
/// is left to macros, the layout does.
pub(super) fn scopes(source: &Source<'_>, parsed: &Parsed) -> Vec<Scope> {
    let reader = Reader { text: source.text, grammar: parsed.grammar() };
    let mut scopes = Vec::new();
    let mut untold: Vec<(u32, u32)> = parsed.errors().to_vec();
    let mut cursor = parsed.cursor();
    // Of each level, the line of the first decorator that waits for its definition.
    let mut decorated: Vec<Option<u32>> = vec![None];
    // The level of the outermost node of one line, within it.
    let mut in_line: Option<usize> = None;
    loop {
        let node = cursor.node();
        let role = reader.grammar.role(&node);
        let (first, last) = lines(&node);
        let level = decorated.len();
        in_line = in_line.filter(|outer| *outer < level).or_else(|| (first == last).then_some(level));
        let is_deep = in_line.is_some_and(|outer| level - outer >= LEVELS_IN_LINE);
        let is_leaf = is_deep
            || node.end_byte() - node.start_byte() < SHORTEST
            || match role {
                Role::Comment | Role::Text | Role::Markup => true,
                Role::Opaque => {
                    if last > first + 1 {
                        untold.push((first, last));
                    }
                    true
                }
                Role::Decorator => {
                    if let Some(waiting) = decorated.last_mut() {
                        waiting.get_or_insert(first);
                    }
                    false
                }
                _ => {
                    let above = if node.is_named() { decorated.last_mut().and_then(Option::take) } else { None };
                    if let Some((name, is_function)) = reader.named(&node, role) {
                        scopes.push(Scope { name, is_function, first: above.unwrap_or(first), last });
                    }
                    false
                }
            };
        if !is_leaf && cursor.goto_first_child() {
            decorated.push(None);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                fill(source, &untold, &mut scopes);
                return scopes;
            }
            decorated.pop();
        }
    }
}

/// Adds what the layout tells within some lines.
fn fill(source: &Source<'_>, untold: &[(u32, u32)], scopes: &mut Vec<Scope>) {
    if untold.is_empty() {
        return;
    }
    let is_untold = |scope: &Scope| untold.iter().any(|(first, last)| *first <= scope.first && scope.last <= *last);
    let added: Vec<Scope> = by_layout(source)
        .into_iter()
        .filter(|scope| {
            is_untold(scope) && !scopes.iter().any(|known| known.name == scope.name && known.first == scope.first)
        })
        .collect();
    scopes.extend(added);
}

struct Reader<'text> {
    text: &'text str,
    grammar: Grammar,
}

impl<'text> Reader<'text> {
    fn of(&self, node: &Node<'_>) -> &'text str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The name of what a node defines, and whether it can be called.
    fn named(&self, node: &Node<'_>, role: Role) -> Option<(String, bool)> {
        match role {
            Role::Function => Some((self.name(node, "name")?, true)),
            Role::Method => {
                node.child_by_field_name("body")?;
                Some((self.name(node, "name")?, true))
            }
            Role::Class => Some((self.name(node, "name")?, false)),
            Role::Module => {
                node.child_by_field_name("body")?;
                Some((self.name(node, "name")?, false))
            }
            Role::Alias => {
                let value = node.child_by_field_name("type").or_else(|| node.child_by_field_name("value"))?;
                let is_structure = self.grammar.role(&value) == Role::Structure;
                if is_structure { Some((self.name(node, "name")?, false)) } else { None }
            }
            Role::Implementation => {
                let named = self.of(&node.child_by_field_name("type")?).split('<').next()?;
                Some((own_name(named)?, false))
            }
            Role::Binding(name, value) => {
                let value = if value.is_empty() {
                    node.named_child(node.named_child_count().checked_sub(1)?.try_into().ok()?)?
                } else {
                    node.child_by_field_name(value)?
                };
                let is_function = self.is_function(value)?;
                Some((self.name(node, name)?, is_function))
            }
            _ => None,
        }
    }

    /// Whether a value can be called; `None` where it has a name of its own or is neither function nor class.
    fn is_function(&self, value: Node<'_>) -> Option<bool> {
        let mut value = value;
        for _ in 0..WRAPPED {
            match self.grammar.role(&value) {
                Role::Closure => return Some(true),
                Role::Function if value.child_by_field_name("name").is_none() => return Some(true),
                Role::Class if value.child_by_field_name("name").is_none() => return Some(false),
                Role::Wrapper => value = value.named_child(0)?,
                Role::Call => return self.wraps_function(&value).then_some(true),
                _ => return None,
            }
        }
        None
    }

    /// `useCallback(() => { ... })`: what comes back stands for the function that was given, other than of
    /// `rows.map(() => { ... })`.
    fn wraps_function(&self, call: &Node<'_>) -> bool {
        let is_plain = call.child_by_field_name("function").is_some_and(|callee| callee.kind() == "identifier");
        let arguments = call.child_by_field_name("arguments");
        is_plain
            && arguments.is_some_and(|arguments| {
                let is_function =
                    |argument: Node<'_>| matches!(self.grammar.role(&argument), Role::Closure | Role::Function);
                (0..arguments.named_child_count().min(4))
                    .filter_map(|index| arguments.named_child(index.try_into().ok()?))
                    .any(is_function)
            })
    }

    fn name(&self, node: &Node<'_>, field: &str) -> Option<String> {
        let name = node.child_by_field_name(field)?;
        let written = self.of(&name);
        // `"a-b": () => { ... }` has no name that anything else could say.
        let is_quoted = written.starts_with(['"', '\'', '`']);
        let is_telling = !is_quoted || written.trim_matches(['"', '\'', '`']).chars().all(is_part);
        if is_telling { own_name(written) } else { None }
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The last part of a name: `f` of `a.b.f`, `A::f`, `f?`.
fn own_name(written: &str) -> Option<String> {
    if written.len() > NAME_BYTES {
        return None;
    }
    let name = written.split(|c| !is_part(c)).rfind(|part| !part.is_empty())?;
    name.starts_with(|c: char| c.is_alphabetic() || c == '_').then(|| name.to_owned())
}
