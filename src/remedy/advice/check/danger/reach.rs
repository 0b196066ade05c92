//! Calls that reach around what a plain search for names finds: names that are put together, code of text, files of
//! secrets, processes and connections of less usual kinds.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// In any language; what is here is rare in a fix.
const ANY: &str = r#"(?x)
    # Names and code that are put together.
    \bgetattr\s*\(\s*\w+\s*,\s*[^"'\s)]|\bgetattr\s*\([^)]*["']\s*\+|__builtins__|__globals__|__subclasses__|__dict__|\bvars\s*\(|\battrgetter\b|\beval\b|\bfrom\s+os\s+import\s+[^\n]*\b(?:system|popen|exec\w*|spawn\w*|fork|kill|remove|unlink|environ|getenv)\b|\bglobals\s*\(\s*\)|(?:^|[^.\w]|\bbuiltins\.)compile\s*\(|\bbuiltins\s*\.|\bimport\s+builtins\b|\bcode\.interact\b|\bsys\.modules\s*(?:\[|\.get\s*\()\s*["'][^_]|\bsys\.modules\s*(?:\[|\.get\s*\()[^\])]*\+
    |\brequire\s*\(\s*[^"'\s)]|\brequire\s*\([^)]*\+|\bprocess\.(?:binding|dlopen|mainModule)\b|\bvm\.run\w*|\.constructor\s*\(\s*["'`]
    |\bFunction\s*\(\s*["'`]|\bset(?:Timeout|Interval)\s*\(\s*["'`]|\bReflect\.(?:apply|construct)\b|\["\w+"\s*\+
    |\bClass\.forName\b|\bMethod\s*\.\s*invoke\b|\.getDeclaredMethod\b|\bScriptEngine\w*|\bMethodHandles\b|\bURLClassLoader\b
    |\b(?:public_)?send\s*\(|\bconst_get\b|\bdefine_method\b|\bmodule_eval\b|\bAssembly\.Load\w*|\bActivator\.CreateInstance\b
    |\bcreate_function\b|\b(?:include|require)(?:_once)?\s*\(?\s*\$|\bassert\s*\(\s*\$|\bcall_user_func\w*|\bplugin\.Open\b
    # Processes.
    |\bcreate_subprocess_\w+|\bposix_spawnp?\b|\bmultiprocessing\b|\bStartProcess\b|\bexec(?:v|ve|vp|l|le|lp|vpe)\s*\(|\bfork\s*\(|\bworker_threads\b|\bcluster\.fork\b
    |\blibc::|\btokio::process\b|\b(?:CreateProcess|ShellExecute)\w*|\bFROM\s+PROGRAM\b|\bTO\s+PROGRAM\b|\bxp_cmdshell\b|\bLOAD_FILE\b|\bINTO\s+OUTFILE\b
    # Connections.
    |\bopen_connection\b|\bnet\.(?:Lookup|Resolve|Interface)\w*|\bcreate_connection\b|\btelnetlib\b|\bxmlrpc\b|\bhttp\.server\b|\bimaplib\b|\bpoplib\b|\bnew\s+(?:Server|Datagram)?Socket\s*\(|\bInetAddress\b|\bSocketChannel\b
    |\bTCPSocket\b|\bUDPSocket\b|\bSocket\.\w+\(|\bTcpClient\b|\bUdpClient\b|\bstd::net\b|\btokio::net\b|\bstream_socket_client\b|\bmail\s*\(|\b(?:client|Client|DefaultClient)\.(?:Do|Get|Post)\s*\(
    |\bnew\s+(?:Image|EventSource|RTCPeerConnection)\s*\(|\bimportScripts\b|\b(?:window\.|document\.)?location(?:\.href)?\s*=|\b(?:ftp|ws|wss|gopher|ldap|smb|ssh|git)://[\w.-]+|["'(]//[\w-]+\.[\w.-]+
    |\b169\.254\.169\.254\b|\bmetadata\.google\b|\bdblink\w*\s*\(
    # The environment, and files of secrets or of the machine.
    |\bgetenv\s*\(|\bputenv\s*\(|\bDeno\.env\b|\bBun\.env\b|\bimport\.meta\.env\b|\$_(?:ENV|SERVER)\b|\bENV\.(?:fetch|to_h)\b|\bEnvironment\.GetEnvironmentVariable\w*
    |/etc/(?:passwd|shadow|sudoers|cron)|[/~.]ssh/|\bid_(?:rsa|ed25519|ecdsa)\b|\.aws/|\.kube/|\.netrc\b|\.npmrc\b|\.pypirc\b|/proc/(?:self|\d)|docker\.sock|\.git-credentials\b|\bkeychain\b
    # Files that go.
    |\brmtree\b|\bos\.(?:remove|unlink|rmdir|removedirs|chmod|chown|kill)\b|\bfs\.(?:rm|rmdir|unlink|chmod)\w*|\bos\.RemoveAll\b|\bremove_dir_all\b|\bFileUtils\.\w+|\bFiles\.delete\w*|\bDirectory\.Delete\b
"#;

/// Modules that come with a language and can reach out, start programs or make code; files too, where a language has a
/// module for them alone. Each by how it is brought in.
const MODULES: &str = r#"(?mx)
    ^\s*(?:from|import)\s+(?:webbrowser|runpy|pty|socketserver|nntplib|wsgiref|imp|zipimport|shelve|ensurepip|code|codeop
        |ssl|http\.(?:client|server)|http\s+import\s+.*\b(?:client|server)|signal|winreg|msilib|venv|pip|mmap|fcntl|distutils|idlelib|pdb|bdb|site)\b
    |(?:\brequire\s*\(?\s*|\bfrom\s+|\bimport\x20*\(?\x20*)["'`](?:node:)?(?:child_process|cluster|dgram|dns|fs|http2?|https|inspector|module|net|repl|sea
        |sqlite|tls|v8|vm|wasi|worker_threads|process)(?:/\w+)?["'`]
    |^\s*(?:import\s+)?(?:[\w.]+\s+)?["`](?:net|net/http/\w+|net/rpc(?:/\w+)*|net/smtp|os/exec|os/signal|plugin|unsafe|syscall|debug/\w+|crypto/tls
        |runtime/(?:cgo|debug)|go/build|log/syslog|database/sql|testing)["`]\s*$
    |^\s*(?:import\s+)?[\w.]+\s+["`]net/http["`]\s*$
    |\brequire\s*\(?\s*["'](?:net/\w+|open-uri|open3|socket|pty|fiddle|drb|openssl|resolv|fileutils|tmpdir|bundler|mkmf|un|rinda|win32ole|irb|pstore|etc|io/\w+)
"#;

/// Names of modules that are put together as they are brought in.
const DYNAMIC: &str = r#"\bimport\s*\(\s*[^"'\s)]"#;

/// Words that start a program in Ruby and Perl without brackets.
const BARE: &str = r#"(?m)(?:^|[;=({|]|\b(?:then|do|and|or|return|if|unless))\s*(?:system|exec|spawn|syscall)\s+["'`$@:(\w]|\bopen\s*\(?\s*["']\|"#;

static PATTERNS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
    let [any, bare, modules, dynamic] = [ANY, BARE, MODULES, DYNAMIC].map(|pattern| Regex::new(pattern).ok());
    Some([any?, bare?, modules?, dynamic?])
});

/// What a code calls; what cannot be looked for counts as found.
pub(super) fn calls(path: &str, code: &str) -> Vec<String> {
    let Some([any, bare, modules, dynamic]) = PATTERNS.as_ref() else { return vec![super::UNKNOWN.to_owned()] };
    let found = |pattern: &Regex| pattern.find_iter(code).map(|found| found.as_str().trim().to_owned()).collect();
    let mut called: Vec<String> = found(any);
    // There, it is a word of a text; such a language makes no code of texts.
    if [".go", ".rs", ".java", ".kt", ".cs", ".c", ".h", ".cpp", ".swift"].iter().any(|end| path.ends_with(end)) {
        called.retain(|call| call != "eval");
    }
    // Two lines that bring the same in are one reach.
    called.extend(found(modules).into_iter().collect::<BTreeSet<_>>());
    if super::shell::runs_backticks(path) {
        called.extend(found(bare));
    }
    // In Python and Go, what stands in brackets behind this word is a list of names; others have no such call.
    if ![".py", ".pyi", ".go", ".rb", ".rake", ".rs", ".java", ".kt", ".cs", ".php"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        called.extend(found(dynamic));
    }
    called
}
