//! How each language writes comments, strings and blocks.

/// What an apostrophe starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apostrophe {
    /// A string.
    Text,
    /// A single character; in Rust perhaps a lifetime.
    Character,
    /// Nothing.
    Nothing,
}

/// What a backtick starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backtick {
    /// A string without escapes.
    Raw,
    /// A string in which `${...}` is code.
    Template,
    /// Nothing.
    Nothing,
}

/// How blocks are delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// By indentation, which therefore matters.
    Indented,
    /// By braces.
    Braces,
    /// By `end`.
    Ends,
    /// Not at all, or in a way that does not matter here.
    Flat,
}

/// How a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// What starts a comment up to the end of the line.
    pub line_comments: &'static [&'static str],
    /// What starts and ends a comment.
    pub block_comments: &'static [(&'static str, &'static str)],
    /// Whether block comments nest.
    pub nested_comments: bool,
    /// Whether a comment starts only at the start of a word, as in shells.
    pub spaced_comments: bool,
    /// What an apostrophe starts.
    pub apostrophe: Apostrophe,
    /// What a backtick starts.
    pub backtick: Backtick,
    /// Whether three quotes start a string of many lines.
    pub triple_quotes: bool,
    /// Whether a plain string may span lines.
    pub long_strings: bool,
    /// Whether a slash may start a regular expression.
    pub slash_regexes: bool,
    /// Whether `<<WORD` starts a here-document.
    pub heredocs: bool,
    /// Whether `@"` starts a string of many lines in which only quotes are escaped, by doubling.
    pub verbatim: bool,
    /// Whether `%w[` and its kin start a literal, and `#{...}` within a string is code.
    pub percent_literals: bool,
    /// How blocks are delimited.
    pub shape: Shape,
}

const PLAIN: Syntax = Syntax {
    line_comments: &[],
    block_comments: &[],
    nested_comments: false,
    spaced_comments: false,
    apostrophe: Apostrophe::Nothing,
    backtick: Backtick::Nothing,
    triple_quotes: false,
    long_strings: false,
    slash_regexes: false,
    heredocs: false,
    verbatim: false,
    percent_literals: false,
    shape: Shape::Flat,
};
const C: Syntax = Syntax {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    apostrophe: Apostrophe::Character,
    shape: Shape::Braces,
    ..PLAIN
};
const RUST: Syntax = Syntax { nested_comments: true, long_strings: true, ..C };
const GO: Syntax = Syntax { backtick: Backtick::Raw, ..C };
const JVM: Syntax = Syntax { triple_quotes: true, ..C };
const CSHARP: Syntax = Syntax { verbatim: true, ..JVM };
const KOTLIN: Syntax = Syntax { nested_comments: true, ..JVM };
const SCRIPT: Syntax = Syntax { apostrophe: Apostrophe::Text, backtick: Backtick::Template, slash_regexes: true, ..C };
const PHP: Syntax =
    Syntax { line_comments: &["//", "#"], apostrophe: Apostrophe::Text, long_strings: true, heredocs: true, ..C };
const HASH: Syntax = Syntax { line_comments: &["#"], apostrophe: Apostrophe::Text, ..PLAIN };
const PYTHON: Syntax = Syntax { triple_quotes: true, shape: Shape::Indented, ..HASH };
const RUBY: Syntax = Syntax {
    block_comments: &[("=begin", "=end")],
    long_strings: true,
    slash_regexes: true,
    heredocs: true,
    percent_literals: true,
    shape: Shape::Ends,
    ..HASH
};
const ELIXIR: Syntax = Syntax { triple_quotes: true, shape: Shape::Ends, ..HASH };
const SHELL: Syntax =
    Syntax { spaced_comments: true, long_strings: true, heredocs: true, shape: Shape::Braces, ..HASH };
const YAML: Syntax = Syntax { spaced_comments: true, shape: Shape::Indented, ..HASH };
const PERL: Syntax = Syntax { long_strings: true, heredocs: true, shape: Shape::Braces, ..HASH };
const HCL: Syntax = Syntax { line_comments: &["#", "//"], block_comments: &[("/*", "*/")], ..HASH };
const SQL: Syntax = Syntax {
    line_comments: &["--"],
    block_comments: &[("/*", "*/")],
    apostrophe: Apostrophe::Text,
    long_strings: true,
    ..PLAIN
};
const LUA: Syntax = Syntax {
    line_comments: &["--"],
    block_comments: &[("--[[", "]]")],
    apostrophe: Apostrophe::Text,
    shape: Shape::Ends,
    ..PLAIN
};
const HASKELL: Syntax = Syntax {
    line_comments: &["--"],
    block_comments: &[("{-", "-}")],
    nested_comments: true,
    shape: Shape::Indented,
    ..PLAIN
};
const INI: Syntax = Syntax { line_comments: &["#", ";"], spaced_comments: true, ..PLAIN };
const MARKUP: Syntax = Syntax { block_comments: &[("<!--", "-->")], ..PLAIN };
const LISP: Syntax = Syntax { line_comments: &[";"], ..PLAIN };
const ERLANG: Syntax = Syntax { line_comments: &["%"], ..PLAIN };
const JSON: Syntax = Syntax { line_comments: &["//"], block_comments: &[("/*", "*/")], spaced_comments: true, ..PLAIN };
const STYLE: Syntax = Syntax { block_comments: &[("/*", "*/")], apostrophe: Apostrophe::Text, ..PLAIN };
const MAKE: Syntax = Syntax { line_comments: &["#"], shape: Shape::Indented, ..PLAIN };

impl Syntax {
    /// How the language of a file is written, by its name or, for a script without extension, its first line.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "py" | "pyi" | "pyx" | "pyw" | "bzl" | "star" | "gd" => PYTHON,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" | "astro" => SCRIPT,
            "go" => GO,
            "java" | "groovy" | "gradle" | "swift" | "dart" => JVM,
            "cs" | "fs" => CSHARP,
            "kt" | "kts" | "scala" | "sc" | "sbt" => KOTLIN,
            "rs" => RUST,
            "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "m" | "mm" | "proto" | "thrift" | "zig" | "v"
            | "sol" | "d" | "cu" | "avdl" => C,
            "php" | "phtml" | "inc" => PHP,
            "rb" | "rake" | "gemspec" | "ru" | "builder" | "cr" | "jl" => RUBY,
            "ex" | "exs" => ELIXIR,
            "sh" | "bash" | "zsh" | "ksh" | "fish" | "ps1" | "bats" => SHELL,
            "pl" | "pm" | "t" | "r" | "tcl" => PERL,
            "yaml" | "yml" => YAML,
            "toml" | "graphql" | "graphqls" | "gql" | "nix" | "conf" | "dockerfile" => HASH,
            "tf" | "tfvars" | "hcl" | "jsonnet" => HCL,
            "ini" | "cfg" | "properties" | "env" | "service" | "cnf" | "editorconfig" => INI,
            "sql" | "psql" | "ddl" => SQL,
            "lua" => LUA,
            "hs" | "elm" | "purs" => HASKELL,
            "html" | "htm" | "xml" | "xhtml" | "svg" | "csproj" | "xsd" | "wsdl" | "plist" | "resx" => MARKUP,
            "clj" | "cljs" | "edn" | "lisp" | "el" | "scm" => LISP,
            "erl" | "hrl" => ERLANG,
            "json" | "json5" | "jsonc" | "avsc" => JSON,
            "css" | "scss" | "less" => STYLE,
            "mk" => MAKE,
            _ => Self::of_name(&name, text),
        }
    }

    fn of_name(name: &str, text: &str) -> Self {
        match name {
            "makefile" | "gnumakefile" => return MAKE,
            "gemfile" | "rakefile" | "podfile" | "vagrantfile" | "capfile" | "guardfile" => return RUBY,
            "jenkinsfile" => return JVM,
            "go.mod" | "go.sum" => return C,
            _ => {}
        }
        if name.starts_with("dockerfile")
            || name.starts_with(".env")
            || name.starts_with("requirements")
            || name == "procfile"
        {
            return Self { spaced_comments: true, apostrophe: Apostrophe::Nothing, ..HASH };
        }
        let first = text.lines().next().unwrap_or_default();
        match first.strip_prefix("#!") {
            Some(program) if program.contains("python") => PYTHON,
            Some(program) if program.contains("node") || program.contains("deno") || program.contains("bun") => SCRIPT,
            Some(program) if program.contains("ruby") => RUBY,
            Some(program) if program.contains("perl") => PERL,
            Some(program) if program.contains("php") => PHP,
            Some(_) => SHELL,
            None => PLAIN,
        }
    }
}
