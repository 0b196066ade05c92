//! Modules that come with a language, by their roots; what some of them can do is looked for where it is called.

/// What kind of statements a file brings modules in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Script,
    Go,
    Rust,
    Jvm,
    Sharp,
    Php,
    Ruby,
    /// Data and prose bring in nothing.
    Data,
    /// Any of them.
    Other,
}

impl Language {
    pub(super) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map_or("", |(_, end)| end) {
            "py" | "pyi" | "pyx" => Self::Python,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => Self::Script,
            "go" => Self::Go,
            "rs" => Self::Rust,
            "java" | "kt" | "kts" | "scala" | "groovy" => Self::Jvm,
            "cs" => Self::Sharp,
            "php" => Self::Php,
            "rb" | "rake" => Self::Ruby,
            "json" | "yaml" | "yml" | "toml" | "lock" | "xml" | "csproj" | "props" | "targets" | "md" | "rst"
            | "txt" | "csv" | "ini" | "cfg" | "properties" | "css" | "scss" | "svg" | "po" => Self::Data,
            _ => Self::Other,
        }
    }

    /// Whether a module of this root comes with the language.
    pub(super) fn has(self, root: &str) -> bool {
        let lists: &[&str] = match self {
            Self::Python => &[PYTHON],
            Self::Script => &[SCRIPT],
            Self::Ruby => &[RUBY],
            Self::Rust => &["std core alloc crate self super proc_macro test"],
            Self::Jvm => &["java javax jdk kotlin scala groovy"],
            Self::Sharp => &["System"],
            // The first part of a package from elsewhere has a dot, and every other comes with the language.
            Self::Go => return !root.contains('.'),
            // Without a namespace, it is a class of the language.
            Self::Php => &["function const"],
            Self::Data => return true,
            Self::Other => &[PYTHON, SCRIPT, RUBY, "std core alloc crate self super java javax kotlin scala System"],
        };
        lists.iter().any(|list| list.split_ascii_whitespace().any(|name| name == root))
    }
}

/// Source: the index of modules in the documentation of Python 3.13, with those removed since 2.7.
const PYTHON: &str = "__future__ _thread abc aifc argparse array ast asyncio atexit audioop base64 bdb binascii bisect \
    builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent \
    configparser contextlib contextvars copy copyreg cProfile crypt csv ctypes curses dataclasses datetime dbm decimal \
    difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch \
    fractions ftplib functools gc getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib \
    imaplib imghdr imp importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox \
    mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib ntpath numbers \
    operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix \
    posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib resource \
    rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib sndhdr socket socketserver \
    spwd sqlite3 ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny \
    tarfile telnetlib tempfile termios test textwrap threading time timeit tkinter token tokenize tomllib trace \
    traceback tracemalloc tty turtle types typing unicodedata unittest urllib uu uuid venv warnings wave weakref \
    webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo \
    ConfigParser Cookie HTMLParser Queue SocketServer StringIO __builtin__ anydbm cPickle cStringIO commands cookielib \
    dumbdbm gdbm htmlentitydefs httplib thread urllib2 urlparse";

/// Source: the documentation of Node.js 24; each may be called with `node:` before it.
const SCRIPT: &str = "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel \
    dns domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline \
    repl sea sqlite stream string_decoder sys test timers tls trace_events tty url util v8 vm wasi worker_threads zlib";

/// Source: the documentation of Ruby 3.4, standard library and default and bundled gems.
const RUBY: &str = "English abbrev base64 benchmark bigdecimal bundler cgi coverage csv date delegate did_you_mean digest \
    drb erb etc expect fcntl fiddle fileutils find forwardable getoptlong io ipaddr irb json logger matrix mkmf monitor \
    mutex_m net nkf objspace observer open-uri open3 openssl optparse ostruct pathname pp prettyprint prime pstore psych \
    pty racc rbconfig rdoc readline reline resolv rinda ripper securerandom set shellwords singleton socket stringio \
    strscan syslog tempfile thread time timeout tmpdir tsort un unicode_normalize uri weakref win32ole yaml zlib";
