//! Finds public routes that the deploy added in code.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::source::{self, Syntax, basename, extension, mask};
use super::{Findings, rules};
use crate::triage::FileChange;

/// Ways to declare a route; each names its path, and where it can its method.
static ROUTES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Flask, FastAPI, Sanic, aiohttp.
        r#"^\s*@\w+(?:\.\w+)*\.(?<method>route|get|post|put|patch|delete|head|options|websocket|api_route)\(\s*[rf]?["'](?<path>[^"']*)["']"#,
        // Express, Koa, Fastify, gin, echo, chi, fiber, Laravel, ASP.NET minimal, Sinatra-like.
        r#"\b(?:app|router|routes?|server|fastify|api|r|e|g|mux|group|engine|Route|endpoints|http|srv|v\d)(?:\.|::|->)(?<method>(?i:get|post|put|patch|delete|del|head|options|all|any|handle|handlefunc|route|mapget|mappost|mapput|mapdelete|mappatch|match))\(\s*["'`](?<path>(?:[A-Z]+ )?/?[^"'`]*)["'`]"#,
        // Django.
        r#"^\s*(?:\w+\s*\+?=\s*\[?\s*)?(?<method>path|re_path|url)\(\s*r?["'](?<path>[^"']*)["']\s*,"#,
        // Spring, JAX-RS, NestJS, Micronaut.
        r#"^\s*@(?<method>GetMapping|PostMapping|PutMapping|DeleteMapping|PatchMapping|RequestMapping|Path|Get|Post|Put|Patch|Delete|Controller)\(\s*(?:value\s*=\s*|path\s*=\s*)?\{?\s*["'](?<path>[^"']*)["']"#,
        // ASP.NET attributes.
        r#"^\s*\[(?<method>HttpGet|HttpPost|HttpPut|HttpDelete|HttpPatch|Route)\(\s*"(?<path>[^"]*)""#,
        // axum, warp-like builders, actix and rocket attributes.
        r#"(?:^|\s)\.(?<method>route|nest|at)\(\s*"(?<path>/[^"]*)""#,
        r#"^\s*#\[(?<method>get|post|put|patch|delete|head|route)\(\s*"(?<path>[^"]*)""#,
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Rails and Phoenix declare routes without parentheses, in files of their own.
static IN_ROUTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?<method>get|post|put|patch|delete|match|resources?|live|root|mount|forward)\s*\(?\s*(?::(?<symbol>\w+)|["'](?<path>[^"']*)["'])"#).ok()
});

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let head = routes(file, file.head_text.as_deref());
    if head.is_empty() {
        return;
    }
    let base: BTreeSet<String> = routes(file, file.base_text.as_deref()).into_iter().map(|(_, route)| route).collect();
    for (line, route) in head {
        if !base.contains(&route) {
            findings.add(&rules::ROUTE_ADDED, line, &route);
        }
    }
}

/// What a file whose place is its route serves: Next.js, SvelteKit, Nuxt.
fn by_place(path: &str, text: &str) -> Vec<(u32, String)> {
    static EXPORTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^\s*export\s+(?:async\s+)?(?:function|const)\s+(?<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b",
        )
        .ok()
    });
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = name.split('.').next().unwrap_or_default();
    if name == "route" && source::in_folder(path, &["app"]) || name == "+server" {
        let exported = |line: &str| Some(EXPORTED.as_ref()?.captures(line)?["method"].to_owned());
        let lines = (1_u32..).zip(text.lines());
        return lines.filter_map(|(at, line)| Some((at, format!("{} {folder}", exported(line)?)))).collect();
    }
    let is_served = path.contains("pages/api/") || path.contains("server/api/") || path.contains("server/routes/");
    if is_served && text.contains("export default") { vec![(1, path.to_owned())] } else { Vec::new() }
}

fn routes(file: &FileChange, text: Option<&str>) -> Vec<(u32, String)> {
    let Some(text) = text else { return Vec::new() };
    let placed = by_place(&file.path, text);
    if !placed.is_empty() {
        return placed;
    }
    let extension = extension(&file.path);
    if !matches!(
        extension.as_str(),
        "py" | "js"
            | "ts"
            | "mjs"
            | "cjs"
            | "tsx"
            | "go"
            | "rb"
            | "rs"
            | "java"
            | "kt"
            | "cs"
            | "php"
            | "ex"
            | "exs"
            | "scala"
    ) {
        return Vec::new();
    }
    let name = basename(&file.path);
    let is_router =
        (name.ends_with("routes.rb") || file.path.contains("config/routes/") || name.ends_with("router.ex"))
            || (extension == "rb" && text.contains("Sinatra"));
    let syntax = Syntax::of(if extension == "rs" { "go" } else { &extension });
    let masked = mask(text, syntax);
    (1_u32..)
        .zip(masked.text.lines())
        .filter(|(_, line)| line.len() < 2_000)
        .filter_map(|(number, line)| route(line, is_router).map(|route| (number, route)))
        .collect()
}

fn route(line: &str, is_router: bool) -> Option<String> {
    let in_router = IN_ROUTER.as_ref().filter(|_| is_router).and_then(|pattern| pattern.captures(line));
    let found = in_router.or_else(|| ROUTES.iter().find_map(|pattern| pattern.captures(line)))?;
    let path = found.name("path").or_else(|| found.name("symbol"))?.as_str();
    let method = found.name("method")?.as_str().to_ascii_uppercase();
    let method = ["MAPPING", "HTTP", "MAP"].iter().fold(method, |method, part| method.replace(part, ""));
    let verb =
        matches!(method.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "WEBSOCKET");
    // A map, a cache and a client also have `get`; a route of such a form begins with a slash.
    let is_client = line.contains("await ") || line.contains("http.get") || line.contains("http.Get");
    (!is_client && !path.contains("://")).then(|| if verb { format!("{method} {path}") } else { path.to_owned() })
}

/// Lines that the deploy added, for the rules that look at them one by one.
pub(super) fn added_lines(file: &FileChange) -> impl Iterator<Item = (u32, &str)> {
    source::added(file).filter(|(_, line)| line.len() < 2_000)
}
