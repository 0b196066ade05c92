//! Tells failures of others, and of resources, from failures of the code.
//!
//! Such a failure is not held against the deploy unless the diff names what failed: its host, its
//! address, its pool, timeout or limit.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::clue::Clues;
use super::evidence::{Family, Reason};
use super::sheet::{Piece, Sheet, holds_whole};
use super::weights as w;
use crate::ingest::Language;
use crate::triage::classify::is_manifest;
use crate::triage::syntax::start_of;
use crate::triage::{Class, Symptom};

/// A kind of failure outside the code.
pub(super) struct Outage {
    /// What failed, fit to follow "a failure of ".
    pub(super) what: &'static str,
    /// Words of the settings that govern it.
    settings: &'static [&'static str],
    /// Hosts, addresses and ports that the message names.
    targets: Vec<String>,
}

struct Kind {
    what: &'static str,
    pattern: &'static str,
    settings: &'static [&'static str],
}

/// One row a kind; the first match wins.
const KINDS: &[Kind] = &[
    Kind {
        what: "name resolution",
        pattern: r"(could not|cannot|unable to|failed to) (resolve|translate) (the )?(host|name|address)|getaddrinfo|enotfound|eai_again|eai_noname|gaierror|name resolution|name or service not known|no such host|unknownhostexception|could not resolve host|nodename nor servname|dns (lookup|query|error|resolution)|socketerror: getaddrinfo|failed to lookup address|nxdomain|temporary failure in name",
        settings: &[],
    },
    Kind {
        what: "TLS",
        pattern: r"certificate signed by|\btls: |ssl_error_\w+|ssl syscall|certificate (is )?(revoked|not trusted)|certificate (has )?expired|certificate verify failed|cert_has_expired|certificate_verify_failed|x509:|ssl(handshake|certverification)|sslerror|tls handshake|unable to get local issuer|self[- ]signed certificate|pkix path|certificate is not (yet )?valid|unable to verify the first certificate|depth_zero_self_signed|err_tls_cert|invalid peer certificate|handshake_failure",
        settings: &["cert", "tls", "ssl", "verify", "ca_", "ca-", "truststore", "keystore"],
    },
    Kind {
        what: "a rate limit",
        pattern: r"rate ?limited|rate exceeded|toomanyrequests|(reduce|lower) your (request )?rate|account limit|resource ?exhausted|requests? limit (reached|exceeded)|(exceeded|exhausted) (your|the|its) (current |monthly |daily )?(quota|limit|allowance)|credits? (exhausted|used up)|try again in \d+|too many requests|rate[- ]?limit(ed|ing|s|er)?\b|rate_limit_(error|exceeded|reached)|ratelimit(error|exceeded|exception)|throttl(ed|ing)|slow ?down|quota (exceeded|exhausted)|(status|http|code|error|response|returned|got)\W{1,3}(code\W{1,3})?[45]29\b|\b429 too many|\boverloaded'|resource_exhausted|provisionedthroughputexceeded|requests per (second|minute)|overloaded_error|\boverloaded(error|exception)|\W\s?overloaded\W{0,3}$|usage limit",
        settings: &["rate", "limit", "throttl", "quota", "concurren", "retries", "batch", "burst", "interval"],
    },
    Kind {
        what: "disk space",
        pattern: r"(\[errno |\(os error |errno[ =]+)(5|28|30|116|121|122)\b|stale (nfs )?file handle|\bestale\b|unable to extend|insufficient (system |disk )?(storage|space)|\bi/o error (on|while) (device|dev|sd|nvme|disk|sector)|disk i/o error|medium error|blk_update_request|space (quota )?exceeded|volume is full|no space left on device|enospc|disk (is )?full|disk quota exceeded|edquot|read-only file ?system|erofs|not enough space|insufficient disk|input/output error|\beio\b",
        settings: &["retention", "rotate", "volume", "disk", "storage", "tmpdir", "max_size", "logfile"],
    },
    Kind {
        what: "memory",
        pattern: r"(\[errno |\(os error |errno[ =]+)12\b|could not allocate|allocation (of \d+ bytes )?failed|memory allocation|insufficient memory|oomkilled|out of memory|outofmemory|oom-?kill|\boom\b|cannot allocate memory|enomem|heap limit|heap out of memory|java heap space|gc overhead|memoryerror|memory limit exceeded|exit(ed)?( with)? (code )?137|signal: killed|failed to allocate|memory exhausted|allowed memory size",
        settings: &[
            "memory",
            "xmx",
            "xms",
            "heap",
            "max_old_space",
            "cache_size",
            "buffer",
            "workers",
            "batch",
            "mem_limit",
        ],
    },
    Kind {
        what: "open files",
        pattern: r"(\[errno |\(os error |errno[ =]+)(11|23|24)\b|too many open (files|sockets|handles)|no file descriptors|too many open files|emfile|enfile|file descriptor limit|resource temporarily unavailable|can't start new thread|unable to create (new )?native thread|cannot fork|pthread_create failed|address already in use|eaddrinuse",
        settings: &[
            "ulimit",
            "nofile",
            "max_open",
            "limitnofile",
            "thread",
            "worker",
            "port",
            "listen",
            "bind",
            "pool",
        ],
    },
    Kind {
        what: "a lock",
        pattern: r"deadlock|lock wait timeout|could not (obtain|acquire) lock|could not serialize access|serialization failure|lock timeout|database is locked|sqlite_busy|lock request time out|write conflict",
        settings: &["lock", "isolation", "transaction", "busy_timeout", "for update"],
    },
    Kind {
        what: "a connection pool",
        pattern: r"pool (is )?(exhausted|timeout|full|limit)|queuepool limit|connection pool|connectionpool|unable to acquire (a )?connection|timeout (waiting|while waiting|acquiring).{0,30}connection|too many connections|too many clients|remaining connection slots|max_client_conn|hikaripool",
        settings: &["pool", "max_conn", "maxconn", "connection", "max_overflow", "idle", "workers"],
    },
    Kind {
        what: "the database",
        pattern: r"(is )?in recovery mode|read[- ]?only (replica|standby|slave)|terminating connection|recovery (is )?in progress|no listener|not accepting (new )?connections|has no leader|leader (changed|election)|not (the )?leader|lost quorum|quorum (lost|not|unavailable)|could not connect to server|connection to server.{0,80}failed|server closed the connection|(the )?database system is (starting|shutting)|can't connect to (local )?mysql|lost connection to (mysql|server)|mysql server has gone away|connection to (database|db|redis|mongo)|mongonetworkerror|mongoserverselection|no (suitable |alive |live |healthy |reachable )?(servers?|nodes?|hosts?|backends?|replicas?|endpoints?) (were )?(found|available|alive)|no (alive|live|healthy|reachable|available) (servers?|nodes?|hosts?|brokers?|backends?|replicas?|endpoints?)|\bno(servers?|nodes?|hosts?|brokers?|endpoints?)(available|error|exception)|redis.{0,40}(loading|connection)|loading the dataset|noreplica|masterdown|clusterdown|not (the )?(master|primary|leader)|leader not available|brokers? ?(are |is )?(down|not ?available|unavailable)|no ?brokers? ?available|serverselection(timeout)?error|transport failure|psycopg2?\.operationalerror|failover",
        settings: &["database_url", "db_host", "dsn", "host", "port", "redis_url", "failover"],
    },
    Kind {
        what: "a timeout",
        pattern: r"execution expired|statuscode\.deadline_exceeded|no (response|reply|answer) (from|within|after|received)|took too long|timed out|time[- ]?out (after|of|exceeded|expired|waiting|while|error|reading|connecting)|(connect|read|request|query|statement|socket|gateway|operation|connection|write|i/o|idle|lock) ?time[- ]?out|timeouterror|timeoutexception|etimedout|esockettimedout|econnaborted|deadline exceeded|deadline_exceeded|deadline has elapsed|canceling statement due to statement|context deadline|^timeout\b",
        settings: &["timeout", "deadline", "time_out", "keepalive", "wait", "ttl", "retries"],
    },
    Kind {
        what: "the network",
        pattern: r"(\[errno |\(os error |errno[ =]+)(32|100|101|102|103|104|107|108|110|111|112|113)\b|(on|to|over|from) (a |an |the )?(closed|broken|dead|lost) (connection|socket|stream|channel)|\b(enetdown|enetreset|ehostdown|eshutdown)\b|(server|client|peer|host|broker|remote|side|other side) (unexpectedly )?(disconnected|closed|hung up|went away|has gone away|reset)|unexpectedly (closed|disconnected|dropped)|(link|communications?) (failure|failed|down)|bad connection|no connection\b|not connected|other side closed|forced connection closure|connection_forced|network[- ]related|(was|is|are) not (accessible|reachable)|(were|none) reachable|endpoints? (were|was|is) (un)?reachable|available brokers|i/o error (occurred|on|while)|broken (connection|stream)|protocol banner|connection refused|econnrefused|connection reset|econnreset|connectionreset|connectionrefused|broken pipe|epipe|brokenpipe|network (is )?unreachable|enetunreach|ehostunreach|no route to host|host (is )?unreachable|host is down|max retries exceeded|newconnectionerror|connection (was )?(closed|aborted|terminated|dropped|lost|error|broken)|defunct connection|incompleteread|socket hang up|remotedisconnected|remote end closed|unexpected (eof|end of stream)|premature end|eof occurred|proxyerror|(failed|unable|not able) to (connect|reach|contact|open tcp)|(could not|can(no|')t|cannot) (connect|reach|contact)|connect(ion)? to \S+ (failed|refused|closed)|execute http request|server[ _]?down|\w+connection(error|exception|failed|failure|bad|closed)\b|connection error|err_connection|err_network|fetch failed|transport is closing|stream (was )?(closed|reset)|upstream (connect|prematurely)|tcp connect error|network ?error|inactiverpcerror|statuscode\.unavailable|network socket|ssl connection has been closed|disconnected before|connect(ion)?error:|transport ?error|hostunreachable|nohttpresponse|goaway|protocol_error|dial tcp",
        settings: &["proxy", "endpoint", "base_url", "keepalive"],
    },
    Kind {
        what: "another service",
        pattern: r"\b(server|service|system|backend|api|host|node) (is )?(too )?busy\b|serverbusy|service not available|(server|service|system) (is )?(temporarily |currently )?(down|offline|unavailable)|no live upstreams?|is sealed|rejected execution|rejected_execution|cluster_block|statuscode\.unavailable|\bunavailable: |\b\d+ unavailable\b|outage|degraded|\b50[0234]\b.{0,40}(server error|service|bad gateway|gateway|upstream|response|status|from|unavailable|internal)|(status|status code|http|code|response|returned|responded( with)?|got|received)[ :=]*\(?50[0234]\b|service unavailable|bad gateway|gateway time-?out|temporarily unavailable|upstream (request|error|server|unavailable)|internalservererror from|serviceunavailable|code = unavailable|circuit ?breaker|maintenance mode|try again later|is overloaded|no healthy upstream|service_unavailable|shards failed|\(50[234],|nodes? (is |are )?down\b|\b(api|service|server|gateway|upstream)(status|connection|unavailable|timeout)(error|exception)|api_error|server had an error",
        settings: &["endpoint", "base_url", "retries", "upstream"],
    },
    Kind {
        what: "the machine",
        pattern: r"(locate|load|find|retriev\w+|without|no|missing|invalid|expired) (valid )?(aws |cloud |default )?credentials?|valid (credential )?providers|security token|invalid_grant|(keys?|secret|certificate|license|licence|session|grant|subscription|trial|password|account)s? .{0,30}(has |have |is |are |been )*(expired|revoked|suspended|locked|disabled)|authorization grant|(expired|revoked) (token|key|secret|credential|session|license)|instance (profile )?metadata|is scheduled for (retirement|maintenance)|being preempted|received (sigterm|signal)|sigkill|evicted|preempt|node (is )?not ready|spot (instance )?interruption|clock skew|requesttimetooskewed|expiredtoken|token (has |is )?expired|credentials? (have |has )?expired|expired credentials|license expired",
        settings: &["credential", "token", "secret", "expiry", "ttl"],
    },
];

/// What the name of an exception alone says, whatever its message.
const BY_TYPE: Kind =
    Kind { what: "another service", pattern: "", settings: &["endpoint", "base_url", "retries", "host", "pool"] };

static TYPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(unavailable|disconnect|throttl|toomany|unreachable|broker|overload|credential|retriesperrequest|retriesexceeded|numberofretries|maxretries|exhausted|communications|transporterror|transportexception|remoteprotocol|notleader|vaultdown|shutdown|serverbusy|connection(forced|failed|lost|refused|reset|closed|bad|dropped|error|exception)|unabletosend|ratelimit|quota|gatewaytimeout|badgateway|nohost|nonode|noserver)",
    )
    .ok()
});
static PATTERNS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| KINDS.iter().map(|kind| Regex::new(&format!("(?i){}", kind.pattern)).ok()).collect());
static TARGET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:[a-zA-Z0-9](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*\b(?::\d+)?|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9a-f:]+\]:\d+|(?:host|server|to|lookup|resolve|enotfound|eai_again|for|upstream|service)[ :='\x22]+([a-zA-Z][a-zA-Z0-9]*(?:[-_][a-zA-Z0-9]+)+)(?::\d+)?").ok()
});
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(['"]: *)?('[\w-]+'|"[\w-]+"|`[\w-]+`)"#).ok());
/// What looks like a host and is none: names of exceptions and of source files.
static NO_TARGET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(error|exception|timeout|exceeded|fault)$|\.(py|js|ts|go|rb|rs|java|cs|php|sh|kt|c|cpp|ex)(:\d+)?$|^(127\.0\.0\.1|0\.0\.0\.0|localhost)$").ok()
});
/// Failures of the program's own logic, which no outage explains whatever words the message holds.
const LOGIC: &[&str] = &[
    "KeyError",
    "AttributeError",
    "NameError",
    "UnboundLocalError",
    "ImportError",
    "ModuleNotFoundError",
    "SyntaxError",
    "IndentationError",
    "IndexError",
    "TypeError",
    "ZeroDivisionError",
    "RecursionError",
    "ReferenceError",
    "RangeError",
    "NullPointerException",
    "ClassCastException",
    "ArrayIndexOutOfBoundsException",
    "IndexOutOfBoundsException",
    "NoSuchMethodError",
    "NoSuchFieldError",
    "ClassNotFoundException",
    "NoClassDefFoundError",
    "ArithmeticException",
    "NumberFormatException",
    "NoMethodError",
    "NullReferenceException",
    "InvalidCastException",
    "UnicodeDecodeError",
    "DivideByZeroException",
    "KeyNotFoundException",
    "StackOverflowError",
    "NotImplementedError",
];

impl Outage {
    /// What outside the code failed, by the error's own words; `None` for failures of the code.
    ///
    /// `is_own_type` says whether the program itself can raise an exception of this name.
    pub(super) fn of(symptom: &Symptom, clues: &Clues, is_own_type: impl Fn(&str) -> bool) -> Option<Self> {
        // Node says so of any request that does not come through.
        let is_excused =
            clues.message.starts_with("fetch failed") || clues.message.contains("could not allocate memory");
        if clues.exceptions.first().is_some_and(|root| LOGIC.contains(&root.as_str()) && !is_excused) {
            return None;
        }
        let text = format!(
            "{}: {}\n{}\n{}\n{}",
            clues.exceptions.join(": "),
            clues.message,
            first_line(&symptom.message),
            raised_last(symptom),
            // What has frames and no message of a known form says it on its first line.
            if clues.message.trim().is_empty() { first_line(&symptom.text) } else { "" }
        );
        // A quoted name, as in `unknown setting "pool_timeout"`, describes no failure; the value of a field may.
        let value = |found: &Captures<'_>| {
            found.get(1).map_or(String::new(), |_| found.get(0).map_or("", |all| all.as_str()).to_owned())
        };
        let text = NAMED.as_ref().map_or(text.clone(), |named| named.replace_all(&text, value).into_owned());
        let index = PATTERNS.iter().position(|pattern| pattern.as_ref().is_some_and(|pattern| pattern.is_match(&text)));
        let is_of_others = |name: &String| is_match(&TYPES, name) && !is_own_type(name);
        let by_type = || clues.exceptions.iter().any(is_of_others).then_some(&BY_TYPE);
        let kind = index.and_then(|index| KINDS.get(index)).or_else(by_type)?;
        let found = TARGET.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(&text));
        let targets =
            found.filter_map(|captures| captures.get(1).or(captures.get(0)).map(|target| target.as_str().to_owned()));
        let is_target =
            |target: &String| target.len() > 3 && !NO_TARGET.as_ref().is_some_and(|pattern| pattern.is_match(target));
        let targets = targets.flat_map(|target| {
            let bare = target.rsplit_once(':').map(|(host, _)| host.to_owned());
            std::iter::once(target).chain(bare)
        });
        let targets = targets.filter(is_target);
        Some(Self { what: kind.what, settings: kind.settings, targets: targets.take(32).collect() })
    }

    /// What of a hunk governs the thing that failed; `is_near` says that its file is on the stack or
    /// imported by one that is, without which the code's own settings are somebody else's.
    pub(super) fn named_by(&self, sheet: &Sheet<'_>, piece: &Piece<'_>, is_near: bool) -> Option<Reason> {
        let place = piece.place(sheet.path());
        if let Some(target) = self.targets.iter().find(|target| is_swapped(piece, target)) {
            return Some(Reason::proving(
                Family::Resource,
                w::RESOURCE,
                format!("`{target}`, which failed, is named at {place}"),
            ));
        }
        // The packages that a manifest lists are no settings.
        let is_settings = matches!(sheet.file.class, Class::Config | Class::Build) && !is_manifest(sheet.path());
        if !is_near && !is_settings {
            return None;
        }
        // A setting counts where the hunk gives it another value, or takes or brings it.
        let setting = self.settings.iter().find(|setting| {
            let of = |lines: &[String]| -> Vec<String> {
                lines
                    .iter()
                    .filter(|line| {
                        sets(line, setting) && (is_settings || is_own(setting) && gives_value(line, setting))
                    })
                    .map(|line| line.trim().to_ascii_lowercase())
                    .collect()
            };
            of(&piece.hunk.removed) != of(&piece.hunk.added)
        })?;
        let text = format!("a setting that governs {}, `{setting}`, was changed at {place}", self.what);
        Some(Reason::proving(Family::Resource, w::RESOURCE, text))
    }
}

fn is_match(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether the hunk brings or takes the host: one that it names before and after was not touched.
fn is_swapped(piece: &Piece<'_>, target: &str) -> bool {
    // A module that is imported by its address is no host that is called.
    let is_module = |line: &str| !line.contains("://") && line.contains(&format!("{target}/"));
    let names = |lines: &[String]| lines.iter().any(|line| holds_whole(line, target) && !is_module(line));
    names(&piece.hunk.removed) != names(&piece.hunk.added)
}

/// Whether a line gives a value to a setting whose name holds this word, or passes it by name.
fn sets(line: &str, setting: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let line = line.trim_start();
    if ["#", "//", "*", "--"].iter().any(|comment| line.starts_with(comment)) {
        return false;
    }
    line.match_indices(setting).any(|(at, _)| {
        let is_start = at == 0 || line.as_bytes().get(at - 1).is_none_or(|byte| !byte.is_ascii_lowercase());
        let rest = line.get(at + setting.len()..).unwrap_or_default();
        let rest = rest
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | ' ' | '.'));
        is_start && rest.starts_with(['=', ':', '('])
    })
}

/// Whether a word names a setting even in code, where a host or a limit may be anybody's.
fn is_own(setting: &str) -> bool {
    !["host", "port", "wait", "limit", "rate", "token", "cert", "lock", "thread", "worker", "bind", "listen", "idle"]
        .contains(&setting)
}

/// Whether a line of code gives the setting a number or a text; a name in code may mean anything.
fn gives_value(line: &str, setting: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let after = line.split_once(setting).and_then(|(_, rest)| rest.split_once(['=', ':', '(']));
    let Some((_, value)) = after else { return false };
    let value = value.trim_start_matches(['=', ' ']);
    value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\'' | '`'))
}

/// What a traceback of Python ends with: the exception that came out of it.
fn raised_last(symptom: &Symptom) -> &str {
    let is_python = symptom.trace.as_ref().is_some_and(|trace| trace.language == Language::Python);
    let is_head = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        name.len() < line.len() && name.contains('.') && !name.contains([' ', '/'])
    };
    let last = symptom.text.lines().rev().take(8).find(is_head).filter(|_| is_python);
    last.map_or("", first_line)
}

fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    start_of(line, 4_000)
}
