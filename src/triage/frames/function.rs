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
    // Java: `lambda$place$0`; Kotlin: `access$place`.
    if let Some(inner) = ["lambda$", "access$"].iter().find_map(|start| name.strip_prefix(start)) {
        return plain(inner.split('$').next().unwrap_or(inner));
    }
    let class = module.unwrap_or_default();
    if matches!(name, "<init>" | "<clinit>" | ".ctor" | ".cctor") || name.ends_with("..ctor") {
        let class = class.rsplit(['.', '/', '$', '+']).next().unwrap_or_default();
        return plain(class.split(['`', '<']).next().unwrap_or_default());
    }
    // Kotlin: `Orders$place$2.invokeSuspend` is a closure within `place`.
    if matches!(name, "invoke" | "invokeSuspend")
        && let Some((_, inner)) = class.split_once('$')
    {
        return inner.split('$').find(|part| !is_generated(part)).and_then(plain);
    }
    // Go: `orders.glob..func3` and `orders.init.func2` are closures outside of functions.
    if name.contains("glob..func") || name.ends_with(".init") || name.contains(".init.") {
        return None;
    }
    let mut parts = name.split([':', '.', '#', '/', '\\', '(', ')', '*', '>', '-']);
    let is_named = |part: &&str| !part.is_empty() && !is_generated(part);
    let own = parts.rfind(is_named)?;
    // JavaScript: `Cart.get total`; .NET: `get_Total`, `op_Addition` and `add_Changed`.
    let own = ["get ", "set ", "get_", "set_", "add_", "remove_"].iter().fold(own, |own, start| {
        let is_kept =
            start.ends_with('_') && !own.get(start.len()..).unwrap_or_default().starts_with(char::is_uppercase);
        if is_kept { own } else { own.strip_prefix(start).unwrap_or(own) }
    });
    plain(own).filter(|name| !name.starts_with("op_"))
}

/// .NET: `<PlaceAsync>d__5.MoveNext`, `<Place>b__0`.
fn dotnet(name: &str) -> Option<&str> {
    let start = name.find('<')?;
    let rest = name.get(start + 1..)?;
    let (inner, after) = rest.split_once('>')?;
    let is_generated = after.starts_with(['b', 'd', 'g', 'c']) && after.contains("__");
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
