//! Finds dependencies whose major version the deploy raised: packages, charts, and images of servers that keep data.

use std::collections::BTreeMap;

use super::Findings;
use super::rules;
use super::source::{self, basename, extension};
use crate::triage::FileChange;

/// Packages that keep data in a form of their own.
const KEEPS_DATA: &[&str] = &[
    "rocksdb",
    "sled",
    "lmdb",
    "heed",
    "sqlite",
    "rusqlite",
    "redb",
    "leveldb",
    "badger",
    "bbolt",
    "bolt",
    "pebble",
    "elasticsearch",
    "opensearch",
    "lucene",
    "tantivy",
    "whoosh",
    "bleve",
    "duckdb",
    "h2",
    "hsqldb",
    "derby",
    "realm",
    "etcd",
    "zookeeper",
    "kafka-streams",
    "mapdb",
    "xapian",
    "meilisearch",
    "faiss",
    "hnswlib",
    "chromadb",
    "berkeleydb",
    "protobuf",
    "bincode",
    "msgpack",
    "avro",
    "kryo",
    "pickle5",
    "django",
    "wagtail",
    "keycloak",
    "celery",
    "sidekiq",
];

/// Servers that keep data in a form of their own; packages of these names are only clients of them.
const SERVERS: &[&str] = &[
    "postgresql",
    "postgres",
    "timescaledb",
    "postgis",
    "mysql",
    "mariadb",
    "percona",
    "mssql",
    "mongodb",
    "mongo",
    "redis",
    "valkey",
    "cassandra",
    "scylladb",
    "cockroachdb",
    "kafka",
    "rabbitmq",
    "nats",
    "pulsar",
    "influxdb",
    "clickhouse",
    "couchdb",
    "couchbase",
    "neo4j",
    "minio",
    "vault",
    "consul",
    "solr",
    "qdrant",
    "weaviate",
    "milvus",
    "prometheus",
    "loki",
    "grafana",
];

/// Whether a name is that of something that keeps data, or has it as a part.
fn keeps_data(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| name.split(['/', '@', '-', '_', '.', ':']).any(|part| part == *known) || name == *known)
}

/// Whether a file names the charts that it is made of.
fn is_chart(name: &str) -> bool {
    matches!(name, "chart.yaml" | "chart.lock" | "requirements.yaml" | "requirements.lock")
}

/// Whether a file records exact versions of dependencies.
pub(super) fn is_lock(path: &str) -> bool {
    matches!(
        basename(path).as_str(),
        "cargo.lock"
            | "poetry.lock"
            | "uv.lock"
            | "package-lock.json"
            | "npm-shrinkwrap.json"
            | "yarn.lock"
            | "pnpm-lock.yaml"
            | "gemfile.lock"
            | "go.mod"
            | "go.sum"
            | "requirements.txt"
            | "pipfile.lock"
            | "composer.lock"
            | "mix.lock"
            | "pdm.lock"
    ) || is_chart(&basename(path))
}

/// Looks for images of servers whose major version the deploy raised.
pub(super) fn images<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let is_dockerfile = basename(&file.path).contains("dockerfile");
    if !is_dockerfile && !matches!(extension(&file.path).as_str(), "yaml" | "yml") {
        return;
    }
    let before: BTreeMap<String, String> = source::removed(file).filter_map(|(_, line)| image(line)).collect();
    for (line, (name, tag)) in source::added(file).filter_map(|(line, text)| Some((line, image(text)?))) {
        let Some(old) = before.get(&name).filter(|old| major(&tag) > major(old)) else { continue };
        if keeps_data(&name, SERVERS) || keeps_data(&name, KEEPS_DATA) {
            findings.add(&rules::DEPENDENCY_STORED, line, &format!("the image {name} from {old} to {tag}"));
        }
    }
}

/// The image that a line names, without where it comes from, and its tag.
fn image(line: &str) -> Option<(String, String)> {
    let line = line.trim().trim_start_matches("- ");
    let name = line.strip_prefix("image:").or_else(|| line.strip_prefix("FROM "))?.trim();
    let name = name.split_whitespace().next()?.trim_matches(['"', '\'']);
    let (name, tag) = name.split('@').next()?.rsplit_once(':')?;
    let name = name.rsplit('/').next().unwrap_or(name);
    Some((name.to_ascii_lowercase(), tag.to_owned()))
}

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let name = basename(&file.path);
    let read = |text: &Option<String>| text.as_deref().map(|text| versions(text, &name)).unwrap_or_default();
    let (base, head) = (read(&file.base_text), read(&file.head_text));
    for (package, (version, line)) in &head {
        let Some((old, _)) = base.get(package) else { continue };
        if major(version) <= major(old) {
            continue;
        }
        let keeps = keeps_data(package, KEEPS_DATA) || is_chart(&name) && keeps_data(package, SERVERS);
        let rule = if keeps { &rules::DEPENDENCY_STORED } else { &rules::DEPENDENCY_MAJOR };
        findings.add(rule, *line, &format!("{package} from {old} to {version}"));
    }
}

/// What counts as major: the first number, or the second while the first is 0.
fn major(version: &str) -> (u64, u64) {
    let mut numbers =
        version.trim_start_matches(['v', '=', '^', '~']).split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
    let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if first > 0 { (first, 0) } else { (0, second) }
}

/// Packages with version and line, the highest version of each.
fn versions(text: &str, name: &str) -> BTreeMap<String, (String, u32)> {
    let mut found: BTreeMap<String, (String, u32)> = BTreeMap::new();
    let mut package = String::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let pair = match name {
            "cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" => keyed(line, &mut package),
            "package-lock.json" | "npm-shrinkwrap.json" | "pipfile.lock" | "composer.lock" => {
                in_json(line, &mut package)
            }
            "yarn.lock" => in_yarn(line, &mut package),
            "pnpm-lock.yaml" => in_pnpm(line),
            "gemfile.lock" => in_gemfile(line),
            "go.mod" => in_go(line),
            "requirements.txt" => line.split_once("==").map(|(name, version)| (name.trim(), version)).map(owned),
            "mix.lock" => in_mix(line),
            name if is_chart(name) => in_chart(line, &mut package),
            _ => None,
        };
        let Some((package, version)) = pair else { continue };
        let version = version.split([' ', ';', '"', '\'', ',']).next().unwrap_or_default().to_owned();
        if version.is_empty() {
            continue;
        }
        let higher = found.get(&package).is_none_or(|(known, _)| major(known) < major(&version));
        if higher {
            found.insert(package, (version, number));
        }
    }
    found
}

type Pair = Option<(String, String)>;

fn owned((name, version): (&str, &str)) -> (String, String) {
    (name.to_ascii_lowercase(), version.trim().to_owned())
}

fn keyed(line: &str, package: &mut String) -> Pair {
    let (key, value) = line.split_once(" = ")?;
    let value = value.trim().trim_matches('"');
    if key == "name" {
        value.clone_into(package);
    }
    (key == "version" && !package.is_empty()).then(|| owned((package, value)))
}

fn in_json(line: &str, package: &mut String) -> Pair {
    let (key, value) = line.trim().split_once(':')?;
    let (key, value) = (key.trim_matches('"'), value.trim());
    if value == "{" {
        key.rsplit("node_modules/").next().unwrap_or(key).clone_into(package);
    }
    let value = value.trim_matches([',', '"']);
    if key == "name" {
        value.clone_into(package);
    }
    (key == "version" && !package.is_empty()).then(|| owned((package, value.trim_start_matches('='))))
}

fn in_yarn(line: &str, package: &mut String) -> Pair {
    if !line.starts_with([' ', '#']) && line.ends_with(':') {
        let first = line.trim_matches(['"', ':']);
        let end = first.get(1..).and_then(|rest| rest.find('@')).map_or(first.len(), |at| at + 1);
        first.get(..end).unwrap_or(first).clone_into(package);
    }
    let version = line.trim().strip_prefix("version")?.trim_start_matches([':', ' ']).trim_matches('"');
    (!package.is_empty()).then(|| owned((package, version)))
}

fn in_pnpm(line: &str) -> Pair {
    let entry = line.strip_prefix("  ")?.trim_end().strip_suffix(':')?.trim_matches(['\'', '"', '/']);
    let (name, version) = entry.rsplit_once('@')?;
    (!entry.starts_with(' ') && !name.is_empty()).then(|| owned((name, version.split('(').next().unwrap_or(version))))
}

fn in_gemfile(line: &str) -> Pair {
    let entry = line.strip_prefix("    ").filter(|entry| !entry.starts_with(' '))?;
    let (name, version) = entry.split_once(" (")?;
    Some(owned((name, version.trim_end_matches(')'))))
}

fn in_go(line: &str) -> Pair {
    let line = line.trim().trim_start_matches("require ").trim_start();
    let (name, version) = line.split_once(" v")?;
    // The major version is part of the name; without it, the old and the new are one package.
    let name =
        name.rsplit_once("/v").filter(|(_, digits)| digits.parse::<u32>().is_ok()).map_or(name, |(name, _)| name);
    name.contains('.').then(|| owned((name, version)))
}

/// Only what it is made of: the chart's own name and version stand at the margin.
fn in_chart(line: &str, package: &mut String) -> Pair {
    let entry = line.trim_start();
    let entry = match entry.strip_prefix("- ") {
        Some(first) => {
            package.clear();
            first
        }
        None if entry.len() < line.len() => entry,
        None => return None,
    };
    let (key, value) = entry.split_once(':')?;
    let value = value.trim().trim_matches(['"', '\'']);
    if key == "name" {
        value.clone_into(package);
    }
    (key == "version" && !package.is_empty()).then(|| owned((package, value)))
}

fn in_mix(line: &str) -> Pair {
    let (name, rest) = line.trim().split_once(": {:hex, :")?;
    let version = rest.split('"').nth(1)?;
    Some(owned((name.trim_matches('"'), version)))
}
