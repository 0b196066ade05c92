//! The table of paths, in order of precedence, and the few looks into the text.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::Class;
use crate::triage::syntax::start_of;

/// One row a rule: a class and the lower-case paths that have it. The first match wins.
///
/// `^` is the root of the repository, `(^|/)` any folder.
const PATHS: &[(Class, &str)] = &[
    (
        Class::Vendored,
        r"(^|/)(vendor|vendored|third[_-]?party|3rdparty|node_modules|bower_components|pods|carthage|site-packages|godeps|\.yarn/(releases|plugins|cache))/",
    ),
    (Class::Test, r"(^|/)(testdata|test[_-]?data|fixtures|__fixtures__|__tests__|__mocks__|__snapshots__)/"),
    (Class::Generated, r"(^|/)migrations/.*\.designer\.cs$|snapshot\.cs$"),
    // Migrations, by framework: Rails, Django, Alembic, Flyway, Liquibase, Prisma, goose and kin, Ecto, Laravel.
    (
        Class::Migration,
        r"(^|/)db/(migrate|post_migrate)/|(^|/)db/(schema\.rb|structure\.sql)$|(^|/)db/[^/]*migrate/\d+_",
    ),
    (Class::Migration, r"(^|/)migrations/\d{4}_[^/]*\.py$|(^|/)alembic/versions/|(^|/)migrations/versions/[^/]*\.py$"),
    (Class::Migration, r"(^|/)[vur]\d[\d._]*__[^/]*\.(sql|java|kt|py)$|(^|/)r__[^/]*\.sql$|(^|/)db/migration/"),
    (Class::Migration, r"(^|/)(db\.|db-)?changelog[^/]*\.(xml|ya?ml|json|sql)$|(^|/)liquibase/|(^|/)db/changelog/"),
    (Class::Migration, r"(^|/)prisma/(migrations/|schema\.prisma$)|\.(up|down)\.sql$|(^|/)drizzle/[^/]*\.sql$"),
    (
        Class::Migration,
        r"(^|/)(migrations?|migrate)/([^/]+/)*[^/]*\.sql$|(^|/)(migrations?|migrate)/([^/]+/)?[vm]?\d{3,}[^/]*\.(m?[jt]s|cjs|cs|exs|php|py|rb|go|rs|kt|java|sh)$",
    ),
    (Class::Migration, r"(^|/)priv/([^/]+/)?repo/migrations/|(^|/)database/migrations/"),
    // Contracts.
    (
        Class::ApiContract,
        r"\.(proto|avsc|avdl|avpr|thrift|wsdl|raml|smithy|fbs|capnp|graphqls)$|\.schema\.json$|(^|/)schema\.(graphql|gql)$",
    ),
    (
        Class::ApiContract,
        r"(^|/)[^/]*(openapi|swagger|asyncapi)[^/]*\.(ya?ml|json)$|(^|/)(openapi|swagger)/.*\.(ya?ml|json)$",
    ),
    // Dependency manifests and locks, before `docs` takes requirements.txt and `generated` takes the locks.
    (Class::Build, MANIFEST),
    // Prompts of agents are settings, though they look like documentation.
    (Class::Config, r"(^|/)prompts?/.*\.(md|txt|ya?ml|json|j2|jinja2?|tmpl|hbs)$|\.prompt(\.(md|txt|ya?ml))?$"),
    (
        Class::Generated,
        r"\.(pb|pb\.gw|pb\.validate|gen|generated|freezed|g)\.(go|cc|h|ts|js|dart|cs|rb|py|rs|swift|java|kt)$|_(pb2|pb2_grpc)\.pyi?$|_pb\.(js|ts|rb|d\.ts)$",
    ),
    (
        Class::Generated,
        r"\.min\.(js|css|mjs)$|\.(js|css)\.map$|(^|/)(__generated__|generated)/|(^|/)zz_generated|_generated\.(go|rs|py|ts)$|(^|/)bindata\.go$|^dist/|(^|/)[^/]+\.designer\.cs$",
    ),
    // Tests of all languages.
    (
        Class::Test,
        r"(^|/)(tests?|specs?|e2e|cypress|playwright|testing|integration[_-]tests?|unit[_-]tests?|test[_-]?utils?|test[_-]?helpers?|test[_-]?support|androidtest|test-?suites?|benches|benchmarks?)/",
    ),
    (
        Class::Test,
        r"(^|/)test[-_]?(utils?|helpers?|support)\.\w+$|(^|/)(test_[^/]*|conftest|tests?)\.(py|rs|jl|lua|rb|js|ts|exs|sh|bats)$|_(test|tests|spec|unittest)\.(py|go|rs|rb|js|ts|exs?|c|cc|cpp|dart|lua|php|sh|erl|clj|jl)$|_suite\.erl$",
    ),
    (
        Class::Test,
        r"[.-](test|spec|e2e|cy)\.(m?[jt]sx?|c[jt]s|sh|lua|coffee|vue|bats)$|\.(feature|snap|bats|t)$|(^|/)((jest|vitest|karma|playwright|cypress)\.config\.\w+|pytest\.ini|\.coveragerc|\.rspec|phpunit\.xml(\.dist)?|\.nycrc(\.json)?)$",
    ),
    (Class::Test, r"\.(stories|story)\.(m?[jt]sx?|vue|mdx)$"),
    // Documentation; robots.txt and the like are served.
    (Class::Runtime, r"(^|/)(public|static|www|templates?|views|mailers?|emails?)/.*\.(txt|md|adoc|html?)$"),
    (Class::Config, r"(^|/)(resources|config|conf|etc|locales?|i18n|data)/.*\.txt$"),
    (Class::Build, r"(^|/)cmakelists\.txt$|\.cmake$"),
    (
        Class::Docs,
        r"\.(md|mdx|markdown|rst|txt|adoc|asciidoc|textile|org|pod|tex|man|[1-8]\.scd)$|(^|/)(readme|changelog|changes|history|news|licen[sc]e|copying|notice|authors|contributors|contributing|maintainers|security|code_of_conduct)([.-][^/]*)?$",
    ),
    (
        Class::Docs,
        r"^(([^/]+/){0,2})(docs?|documentation|wiki|man)/|^examples?/|(^|/)(mkdocs\.ya?ml|\.readthedocs\.ya?ml|docusaurus\.config\.\w+|book\.toml|citation\.cff)$",
    ),
    // Build and CI.
    (
        Class::Build,
        r"(^|/)\.(github|circleci|buildkite|gitlab|azure-pipelines|teamcity|husky|devcontainer|vscode|idea|cargo|mvn|ci)/|^ci/|(^|/)(\.gitlab-ci|\.travis|\.drone|\.cirrus|azure-pipelines|appveyor|\.appveyor|bitbucket-pipelines|codecov|\.codecov|cloudbuild|buildspec|\.woodpecker|wercker)[^/]*\.ya?ml$|(^|/)jenkinsfile[^/]*$",
    ),
    (
        Class::Build,
        r"(^|/)(gnu)?makefile[^/]*$|\.(mk|bzl|bazel|gradle|gradle\.kts|sbt|cabal|nix|ninja)$|(^|/)(build|workspace|justfile|taskfile\.ya?ml|rakefile|gradlew(\.bat)?|mvnw(\.cmd)?|meson\.build|sconstruct|configure\.ac|configure\.in|dangerfile|fastfile)$",
    ),
    (Class::Build, ARTIFACT),
    (
        Class::Build,
        r"(^|/)(tox\.ini|setup\.cfg|mypy\.ini|noxfile\.py|\.flake8|\.pylintrc|\.?ruff\.toml|\.pre-commit-config\.ya?ml|\.rubocop[^/]*\.ya?ml|\.golangci\.ya?ml|\.clippy\.toml|clippy\.toml|\.?rustfmt\.toml|deny\.toml|\.clang-format|\.clang-tidy|phpstan\.neon[^/]*|checkstyle\.xml|sonar-project\.properties|renovate\.json5?|lerna\.json|nx\.json|turbo\.json)$",
    ),
    (
        Class::Build,
        r"(^|/)(\.eslint[^/]*|eslint\.config\.\w+|\.prettier[^/]*|prettier\.config\.\w+|\.stylelint[^/]*|\.editorconfig|\.gitignore|\.gitattributes|\.gitmodules|\.git-blame-ignore-revs|\.mailmap|\.npmignore|\.dockerignore|\.helmignore|\.gcloudignore|codeowners|\.browserslistrc|\.hadolint\.ya?ml|\.markdownlint[^/]*|\.yamllint[^/]*|\.licenserc[^/]*)$",
    ),
    // Settings.
    (
        Class::Config,
        r"\.(ya?ml|toml|ini|cfg|conf|config|properties|json|json5|jsonc|hcl|tf|tfvars|tfstate|xml|plist|env|envrc|cnf|neon|dhall|jsonnet|libsonnet|cue|service|timer|socket|pp|settings|resx|strings|po|ftl|rules|desktop)$",
    ),
    (
        Class::Config,
        r"(^|/)\.env[^/]*$|(^|/)(procfile|caddyfile|nginx[^/]*|haproxy[^/]*|crontab|supervisord[^/]*|\.htaccess|hosts|vagrantfile)$|\.env\.[^/]+$|(^|/)(helm|charts?|k8s|kubernetes|manifests|kustomize|terraform|ansible)/.*\.(tpl|j2|ya?ml|json)$",
    ),
];

/// Dependency manifests and their locks.
const MANIFEST: &str = r"(^|/)((package|package-lock|npm-shrinkwrap|bower|composer|vcpkg|deno)\.json|(yarn|poetry|uv|pdm|cargo|composer|mix|pubspec|gemfile|pipfile|podfile|flake|bun|deno|rebar|conan|packages|gradle|stack\.yaml|chart|requirements)\.lock|bun\.lockb|pnpm-lock\.yaml|pnpm-workspace\.yaml|pipfile|pyproject\.toml|setup\.py|environment\.ya?ml|(requirements|constraints)[^/]*\.(txt|in)|requirements/[^/]*\.(txt|in)|[^/]*requirements\.txt|gemfile|[^/]*\.gemspec|gems\.rb|cargo\.toml|go\.(mod|sum|work|work\.sum)|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|build\.sbt|[^/]*\.(csproj|fsproj|vbproj)|packages\.config|directory\.packages\.props|packages\.lock\.json|paket\.(dependencies|lock)|mix\.exs|rebar\.config|pubspec\.yaml|package\.(swift|resolved)|podfile|cartfile(\.resolved)?|conanfile\.(txt|py)|stack\.yaml|cpanfile|deps\.edn|project\.clj|shard\.(yml|lock)|chart\.yaml)$";

/// Files of the build that shape what is shipped: images, compilers, bundlers, tool chains.
const ARTIFACT: &str = r"(^|/)((dockerfile|containerfile)[^/]*|[^/]*\.(dockerfile|containerfile)|(docker-)?compose[^/]*\.ya?ml|docker-bake\.(hcl|json)|tsconfig[^/]*\.json|jsconfig\.json|(webpack|vite|rollup|babel|esbuild|next|nuxt|svelte|postcss|tailwind|metro|rspack|craco|tsup|swc)\.config[^/]*|\.babelrc[^/]*|\.swcrc|build\.rs|rust-toolchain(\.toml)?|\.tool-versions|\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.java-version|\.sdkmanrc|runtime\.txt|global\.json|\.npmrc|\.yarnrc(\.yml)?|nuget\.config|directory\.build\.(props|targets)|[^/]*\.(sln|targets|props)|gradle\.properties|settings\.gradle(\.kts)?|gradle-wrapper\.properties|cmakelists\.txt)$";

static SET: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new(PATHS.iter().map(|(_, path)| format!("(?s){path}"))).ok());
static MANIFESTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(MANIFEST).ok());
static DEVELOPERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"requirements[^/]*[/_.-](dev|develop|development|tests?|testing|docs?|lint|typing|mypy|style|ci|build|pre-commit)[^/]*\.(txt|in)$|(^|/)(dev|test|docs?|lint)[-_]requirements[^/]*\.(txt|in)$").ok()
});
static ARTIFACTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ARTIFACT).ok());
/// Classes of tests by the spelling of xUnit; here the case of the letters tells `FooTest` from `contest`.
static UNIT_TESTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[a-z0-9_](Tests?|TestCase|Spec|Specs|IT|ITCase|Suite)\.(java|kt|kts|scala|groovy|cs|fs|vb|php|swift|m|hs)$|(^|/)Test[A-Z]\w*\.(java|kt|php|cs)$|\.(Tests|UnitTests|IntegrationTests|Specs)/").ok()
});
static DDL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)^\s*(create|alter|drop|truncate|rename)\s+(or\s+replace\s+)?(unique\s+|temp(orary)?\s+|materialized\s+)*(table|index|view|type|schema|column|sequence|database|trigger|function|extension|policy)\b").ok()
});
static MIGRATION_CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*down_revision\b|^\s*(exports|module\.exports)\.(up|down)\b|\b(implements|extends|<|:)\s*\\?(\w+[.:\\])*(MigrationInterface|Migration)\b|^\s*(async\s+)?(up|down)\s*[:=(]|queryInterface\.|^\s*export\s+(async\s+)?(function|const)\s+(up|down)\b|goose\.AddMigration|use Ecto\.Migration|MigratorTrait|MigrationTrait").ok()
});
static LIQUIBASE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)<databaseChangeLog|^\s*"?databaseChangeLog"?\s*:|^--\s*liquibase formatted sql"#).ok()
});
static CONTRACT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^(openapi|swagger|asyncapi)\s*:|^\s{0,4}"(openapi|swagger|asyncapi)"\s*:\s*"|"\$schema"\s*:\s*"https?://json-schema\.org"#).ok()
});
static GRAPHQL_TYPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(extend\s+)?(type|schema|interface|input|enum|union|scalar|directive)\b").ok()
});
static GENERATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)code generated (by|from) .*|(^|\W)@generated\b|(this|the) (file|code|class|module) (is|was|has been) (auto(matically|-)?[ -]?)generated|auto-?generated (by|file|code|from)|<auto-generated|generated by .{0,80}do not (edit|modify)|do not edit.{0,40}generated").ok()
});

fn is_match(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The class by the table, corrected where the text knows better.
pub(super) fn by_path(path: &str, text: Option<&str>) -> Option<Class> {
    let lower = path.to_ascii_lowercase();
    let first = SET.as_ref().and_then(|set| set.matches(&lower).into_iter().next());
    let class = first.and_then(|row| PATHS.get(row)).map(|(class, _)| *class);
    let class = match class {
        Some(Class::Vendored | Class::Migration | Class::ApiContract | Class::Test | Class::Generated) => return class,
        // A service about documents keeps code in `src/docs`.
        Some(Class::Docs) if is_code_about_docs(&lower) => None,
        Some(Class::Docs | Class::Build) => return class,
        Some(Class::Runtime | Class::Config) | None => class,
    };
    if is_match(&UNIT_TESTS, path) && !is_in_main(path) {
        return Some(Class::Test);
    }
    text.and_then(|text| by_text(&lower, text)).or(class)
}

/// Whether a file is among the main sources of a build that keeps tests elsewhere: `src/main`, `src/jvmMain`.
fn is_in_main(path: &str) -> bool {
    let mut folders = path.split('/').skip_while(|folder| *folder != "src").skip(1);
    folders.next().is_some_and(|set| set == "main" || set.ends_with("Main"))
}

fn is_code_about_docs(path: &str) -> bool {
    let is_prose = [".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc"].iter().any(|end| path.ends_with(end));
    let folders = ["src/", "app/", "lib/", "internal/", "pkg/", "cmd/", "services/"];
    !is_prose && folders.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
}

fn by_text(path: &str, text: &str) -> Option<Class> {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let head = start_of(text, 16 * 1024);
    if ends(&[".sql"]) {
        return Some(if is_match(&DDL, head) || is_match(&LIQUIBASE, head) {
            Class::Migration
        } else {
            Class::Runtime
        });
    }
    if ends(&[".xml", ".yaml", ".yml", ".json"]) && is_match(&LIQUIBASE, head) {
        return Some(Class::Migration);
    }
    if ends(&[".yaml", ".yml", ".json"]) && is_match(&CONTRACT, head) {
        return Some(Class::ApiContract);
    }
    if ends(&[".graphql", ".gql"]) {
        return Some(if is_match(&GRAPHQL_TYPES, head) { Class::ApiContract } else { Class::Runtime });
    }
    let is_near_migrations = path.contains("migrat") || path.contains("/versions/");
    if is_near_migrations && is_match(&MIGRATION_CODE, head) {
        return Some(Class::Migration);
    }
    let lines = start_of(text, 2 * 1024).lines().take(20);
    let is_comment = |line: &&str| {
        ["//", "#", "/*", "*", "--", ";", "<!--", "\"", "'", "<", "%", "(*"]
            .iter()
            .any(|mark| line.trim_start().starts_with(mark))
    };
    lines.filter(is_comment).any(|line| is_match(&GENERATED, line)).then_some(Class::Generated)
}

/// Whether the path is that of a dependency manifest or lock file.
pub(super) fn is_manifest(path: &str) -> bool {
    is_match(&MANIFESTS, &path.to_ascii_lowercase())
}

/// Whether a manifest lists tools of the people who work on the code, such as `requirements/dev.txt`.
pub(super) fn is_for_developers(path: &str) -> bool {
    is_match(&DEVELOPERS, &path.to_ascii_lowercase())
}

/// Whether a file of the build ends up in, or decides about, what is shipped.
pub(super) fn shapes_artifact(path: &str) -> bool {
    is_match(&ARTIFACTS, &path.to_ascii_lowercase())
}
