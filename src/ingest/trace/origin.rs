//! Tells the program's own code from its libraries and its runtime.
//!
//! By where package managers put libraries, and by the names under which runtimes and widely used
//! libraries publish. What is unknown is the program's own.

/// Whether a Python file is the program's own.
pub fn is_own_python(file: &str) -> bool {
    let file = file.replace('\\', "/");
    let in_library = ["/site-packages/", "/dist-packages/", "/.venv/lib/", "/importlib/", "/asyncio/"]
        .iter()
        .any(|part| file.contains(part));
    // `/usr/lib/python3.12/json/decoder.py`, `C:/Python312/Lib/json/decoder.py`
    let in_standard =
        file.contains("/lib/python") || file.contains("/Lib/") && file.to_ascii_lowercase().contains("python");
    !in_library && !in_standard && !file.starts_with('<')
}

/// Whether a Java class is the program's own.
pub fn is_own_java(class: &str, place: &str) -> bool {
    let generated = class.contains("GeneratedMethodAccessor") || place == "<generated>" || class.contains("$Proxy");
    !generated && !JAVA_PACKAGES.iter().any(|prefix| class.starts_with(prefix))
}

const JAVA_PACKAGES: &[&str] = &[
    "akka.",
    "android.",
    "androidx.",
    "brave.",
    "ch.qos.",
    "clojure.",
    "com.amazonaws.",
    "com.android.",
    "com.datastax.",
    "com.fasterxml.",
    "com.google.common.",
    "com.google.gson.",
    "com.google.inject.",
    "com.google.protobuf.",
    "com.mongodb.",
    "com.mysql.",
    "com.netflix.",
    "com.rabbitmq.",
    "com.sun.",
    "com.typesafe.",
    "com.zaxxer.",
    "dalvik.",
    "feign.",
    "groovy.",
    "io.grpc.",
    "io.lettuce.",
    "io.micrometer.",
    "io.micronaut.",
    "io.netty.",
    "io.opentelemetry.",
    "io.quarkus.",
    "io.reactivex.",
    "io.undertow.",
    "io.vertx.",
    "jakarta.",
    "java.",
    "javassist.",
    "javax.",
    "jdk.",
    "kotlin.",
    "kotlinx.",
    "net.bytebuddy.",
    "net.sf.cglib.",
    "okhttp3.",
    "okio.",
    "oracle.",
    "org.antlr.",
    "org.apache.",
    "org.aspectj.",
    "org.codehaus.",
    "org.eclipse.",
    "org.elasticsearch.",
    "org.glassfish.",
    "org.gradle.",
    "org.h2.",
    "org.hibernate.",
    "org.jboss.",
    "org.jetbrains.",
    "org.junit.",
    "org.mariadb.",
    "org.mockito.",
    "org.postgresql.",
    "org.quartz.",
    "org.reactivestreams.",
    "org.redisson.",
    "org.slf4j.",
    "org.springframework.",
    "org.testng.",
    "org.thymeleaf.",
    "org.wildfly.",
    "org.xerial.",
    "play.",
    "reactor.",
    "redis.clients.",
    "retrofit2.",
    "rx.",
    "scala.",
    "software.amazon.",
    "sun.",
    "zio.",
    "cats.",
    "monix.",
    "$Proxy",
];

/// Whether a script is the program's own.
pub fn is_own_javascript(file: &str) -> bool {
    let file = file.replace('\\', "/");
    const FOREIGN: &[&str] = &[
        "node_modules/",
        "node:",
        "internal/",
        "<anonymous>",
        "native",
        "webpack/bootstrap",
        "webpack/runtime",
        "chrome-extension://",
        "moz-extension://",
        "[native code]",
        "deno:",
        "ext:",
        "bun:",
        "/cdn/",
        "index ",
        "eval at ",
        "vite/deps/",
    ];
    // Node's own modules have no folder: `events.js`, `net.js`.
    let bare = !file.contains('/') && !file.contains("://") && NODE_MODULES.iter().any(|name| file == *name);
    !bare
        && !FOREIGN.iter().any(|part| {
            if part.ends_with('/') && !part.starts_with("internal") || part.starts_with('/') {
                file.contains(part)
            } else {
                file.starts_with(part)
            }
        })
}

const NODE_MODULES: &[&str] = &[
    "_http_client.js",
    "_http_outgoing.js",
    "_http_server.js",
    "_stream_readable.js",
    "_stream_transform.js",
    "_stream_writable.js",
    "_tls_common.js",
    "_tls_wrap.js",
    "assert.js",
    "buffer.js",
    "child_process.js",
    "dgram.js",
    "dns.js",
    "domain.js",
    "events.js",
    "fs.js",
    "http.js",
    "https.js",
    "module.js",
    "net.js",
    "readline.js",
    "stream.js",
    "timers.js",
    "tls.js",
    "url.js",
    "util.js",
    "vm.js",
    "zlib.js",
    "bootstrap_node.js",
];

/// Whether a Go package is the program's own.
pub fn is_own_go(package: &str, file: Option<&str>) -> bool {
    let file = file.unwrap_or("").replace('\\', "/");
    let in_library =
        ["/pkg/mod/", "/vendor/", "/usr/local/go/src/", "/usr/lib/go", "/libexec/src/", "/hostedtoolcache/go/"]
            .iter()
            .any(|part| file.contains(part))
            || file.contains("@v")
            || file.starts_with("vendor/")
            || file.starts_with('<')
            || file.starts_with("runtime/");
    let first = package.split('/').next().unwrap_or(package);
    let in_standard = GO_STANDARD.contains(&first)
        || package.starts_with("golang.org/x/")
        || package.starts_with("google.golang.org/");
    !in_library && !in_standard && !package.is_empty()
}

const GO_STANDARD: &[&str] = &[
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "weak",
];

/// Whether a Rust function is the program's own.
pub fn is_own_rust(name: &str, file: Option<&str>) -> bool {
    let file = file.unwrap_or("").replace('\\', "/");
    let in_library = [
        "/rustc/",
        ".cargo/registry/",
        ".cargo/git/",
        "/rustlib/",
        "/library/std/",
        "/library/core/",
        "cargo/registry/src",
    ]
    .iter()
    .any(|part| file.contains(part));
    // `<alloc::boxed::Box<F> as core::ops::FnOnce>::call_once` begins with the type.
    let root = name.trim_start_matches(['<', '&', '(', '*']).trim_start_matches("dyn ").trim_start_matches("mut ");
    let first = root.split("::").next().unwrap_or(root);
    let in_runtime = RUST_RUNTIME.contains(&name)
        || name.starts_with("__")
        || name.starts_with("_rust")
        || name.starts_with("rust_");
    !in_library && !in_runtime && !RUST_CRATES.contains(&first)
}

const RUST_CRATES: &[&str] = &[
    "core",
    "std",
    "alloc",
    "test",
    "proc_macro",
    "backtrace",
    "anyhow",
    "eyre",
    "color_eyre",
    "tokio",
    "futures",
    "futures_core",
    "futures_util",
    "hyper",
    "tower",
    "rayon",
    "rayon_core",
    "async_std",
    "mio",
    "axum",
    "actix_web",
    "actix_rt",
    "h2",
    "rustls",
    "serde",
    "serde_json",
    "reqwest",
    "tracing",
    "log",
    "parking_lot",
    "crossbeam",
    "tonic",
];

const RUST_RUNTIME: &[&str] = &[
    "rust_begin_unwind",
    "rust_panic",
    "_start",
    "main",
    "start_thread",
    "clone",
    "clone3",
    "<unknown>",
    "BaseThreadInitThunk",
    "RtlUserThreadStart",
    "invoke_main",
];

/// Whether a .NET class is the program's own.
pub fn is_own_dotnet(class: &str) -> bool {
    const FOREIGN: &[&str] = &[
        "System.",
        "Microsoft.",
        "Newtonsoft.",
        "Npgsql.",
        "MySql.",
        "MongoDB.",
        "StackExchange.",
        "Dapper.",
        "Serilog.",
        "NLog.",
        "Polly.",
        "MediatR.",
        "AutoMapper.",
        "Autofac.",
        "Castle.",
        "Grpc.",
        "Google.Protobuf.",
        "RabbitMQ.",
        "MassTransit.",
        "Confluent.",
        "Azure.",
        "Amazon.",
        "Quartz.",
        "Hangfire.",
        "Oracle.",
        "Xunit.",
        "NUnit.",
        "Moq.",
        "FSharp.",
        "Mono.",
        "UnityEngine.",
        "Interop.",
        "Internal.",
    ];
    !FOREIGN.iter().any(|prefix| class.starts_with(prefix)) && !matches!(class, "System" | "Interop")
}

/// Whether a Ruby file is the program's own.
pub fn is_own_ruby(file: &str) -> bool {
    const FOREIGN: &[&str] = &[
        "/gems/",
        "/lib/ruby/",
        "/rubygems/",
        "/bundle/",
        "/vendor/",
        "/.rbenv/",
        "/.rvm/",
        "<internal:",
        "<main>",
        "(eval",
        "(irb)",
        "/bin/bundle",
        "/bin/rails",
        "/bin/rake",
    ];
    let file = file.replace('\\', "/");
    let gem = file.split('/').next().is_some_and(|first| first.contains(" ("));
    !gem && !file.starts_with("vendor/") && !FOREIGN.iter().any(|part| file.contains(part))
}

/// Whether a PHP file is the program's own.
pub fn is_own_php(file: &str) -> bool {
    let file = file.replace('\\', "/");
    !file.contains("/vendor/")
        && !file.starts_with("vendor/")
        && !file.starts_with("phar://")
        && !file.contains("/usr/share/php/")
        && !file.contains("/var/cache/")
}
