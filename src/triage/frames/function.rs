//! Cleans the names that runtimes give to functions.

/// The own name of a function, without module, class, arguments and what compilers add.
///
/// `None` for what has no name in the source: closures, module bodies, generated methods.
#[must_use]
pub fn simple_name(function: &str, module: Option<&str>) -> Option<String> {
    let mut name = function.trim();
    // Ruby: `block (2 levels) in Order#total`.
    if let Some((_, inner)) = name.rsplit_once(" in ") {
        name = inner;
    }
    for start in ["async ", "new ", "static ", "get ", "set "] {
        name = name.strip_prefix(start).unwrap_or(name);
    }
    // JavaScript: `Layer.handle [as handle_request]`.
    name = name.split(" [as ").next().unwrap_or(name);
    if let Some(inner) = dotnet(name) {
        return plain(inner);
    }
    // Java: `lambda$place$0`.
    if let Some(inner) = name.strip_prefix("lambda$") {
        return plain(inner.split('$').next().unwrap_or(inner));
    }
    if matches!(name, "<init>" | "<clinit>") {
        let class = module.unwrap_or_default().rsplit(['.', '/', '$']).next().unwrap_or_default();
        return plain(class);
    }
    let parts = name.split([':', '.', '#', '/', '\\', '(', ')', '*', '>', '-']);
    let is_named = |part: &&str| !part.is_empty() && !is_generated(part);
    parts.filter(is_named).last().and_then(plain)
}

/// .NET: `<PlaceAsync>d__5.MoveNext`, `<Place>b__0`.
fn dotnet(name: &str) -> Option<&str> {
    let start = name.find('<')?;
    let rest = name.get(start + 1..)?;
    let (inner, after) = rest.split_once('>')?;
    let is_generated = after.starts_with(|c: char| matches!(c, 'b' | 'd' | 'g' | 'c')) && after.contains("__");
    is_generated.then_some(inner)
}

fn is_generated(part: &str) -> bool {
    let is_hash =
        part.len() == 17 && part.starts_with('h') && part.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit());
    let is_closure = part.starts_with("func") && part.bytes().skip(4).all(|byte| byte.is_ascii_digit());
    is_hash || is_closure || part.starts_with(['<', '{']) || part.bytes().all(|byte| byte.is_ascii_digit())
}

fn plain(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches(['?', '!', '=']);
    let name = name.split(['[', '<', '(', '`', ' ', '$']).next().unwrap_or(name);
    let is_name = name.len() > 1
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !matches!(name, "MoveNext" | "closure" | "anonymous" | "main" | "locals");
    is_name.then(|| name.to_owned())
}
