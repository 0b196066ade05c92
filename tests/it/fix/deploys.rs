//! Makes deploys by rule: harmless changes in many places, and a harmful one somewhere.

use std::collections::BTreeSet;

/// A small generator of numbers, the same everywhere (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % end
    }
}

const FILES: [&str; 6] = ["cart", "price", "stock", "mail", "user", "audit"];
const FUNCTIONS: usize = 5;

/// What a deploy broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A function gives a wrong number.
    Value,
    /// A function uses a variable that does not exist.
    Name,
    /// A function has another name, which its caller does not know.
    Function,
    /// Two functions in two files give a wrong number.
    Pair,
    /// A new file gets in the way.
    Added,
    /// A file that is needed is gone.
    Deleted,
}

const FAULTS: [Fault; 6] = [Fault::Value, Fault::Name, Fault::Function, Fault::Pair, Fault::Added, Fault::Deleted];

/// What a deploy is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Shell,
    Python,
}

pub struct Case {
    pub fault: Fault,
    pub base: Vec<(String, String)>,
    pub head: Vec<(String, String)>,
    /// Paths that may be taken back, each with a text that the hunk must hold.
    pub culprits: BTreeSet<(String, String)>,
    pub command: Vec<String>,
}

impl Case {
    pub fn new(language: Language, seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let fault = FAULTS[numbers.below(FAULTS.len())];
        let (file, function) = (numbers.below(FILES.len()), numbers.below(FUNCTIONS));
        let other = (file + 1 + numbers.below(FILES.len() - 1)) % FILES.len();
        let write = Writer { language, needs_helper: fault == Fault::Deleted };
        let mut case = Self {
            fault,
            base: vec![write.main()],
            head: vec![write.main()],
            culprits: BTreeSet::new(),
            command: write.command(),
        };
        for (index, name) in FILES.iter().enumerate() {
            let path = write.path(name);
            let (mut base, mut head) = (String::new(), String::new());
            for number in 0..FUNCTIONS {
                let is_here = number == function && (index == file || index == other && fault == Fault::Pair);
                let how = match (is_here, fault) {
                    (true, Fault::Value | Fault::Pair) => How::Value,
                    (true, Fault::Name) => How::Name,
                    (true, Fault::Function) => How::Function,
                    (_, _) if numbers.below(3) > 0 => How::Harmless,
                    (_, _) => How::Same,
                };
                base.push_str(&write.function(name, number, How::Same));
                head.push_str(&write.function(name, number, how));
                if let Some(mark) = how.mark() {
                    case.culprits.insert((path.clone(), mark.to_owned()));
                }
            }
            case.base.push((path.clone(), base));
            case.head.push((path, head));
        }
        let file = match fault {
            Fault::Added => write.intruder(),
            Fault::Deleted => write.helper(),
            Fault::Value | Fault::Name | Fault::Function | Fault::Pair => return case,
        };
        case.culprits.insert((file.0.clone(), String::new()));
        if fault == Fault::Added {
            case.head.push(file)
        } else {
            case.base.push(file)
        }
        case
    }
}

/// How a function changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Same,
    Harmless,
    Value,
    Name,
    Function,
}

impl How {
    /// What the changed line holds, of a harmful change.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::Same | Self::Harmless => None,
            Self::Value => Some("step = 3"),
            Self::Name => Some("increment"),
            Self::Function => Some("_sum"),
        }
    }
}

struct Writer {
    language: Language,
    needs_helper: bool,
}

impl Writer {
    fn path(&self, name: &str) -> String {
        match self.language {
            Language::Shell => format!("lib/{name}.sh"),
            Language::Python => format!("lib/{name}.py"),
        }
    }

    fn command(&self) -> Vec<String> {
        let words = match self.language {
            Language::Shell => ["sh", "main.sh"],
            Language::Python => ["python3", "main.py"],
        };
        words.map(str::to_owned).to_vec()
    }

    fn function(&self, file: &str, number: usize, how: How) -> String {
        let name = if how == How::Function { format!("{file}_{number}_sum") } else { format!("{file}_{number}") };
        let spare = if how == How::Harmless { 2 } else { 1 };
        let step = if how == How::Value { 3 } else { 1 };
        let variable = if how == How::Name { "increment" } else { "step" };
        match self.language {
            Language::Shell => format!(
                "{name}() {{\n    amount=$1\n    limit=100\n    : spare = {spare}\n    floor=0\n    : step = {step}; \
                 step={step}\n    top=9\n    result=$((amount + ${variable}))\n    last=$result\n}}\n\n"
            ),
            Language::Python => format!(
                "def {name}(amount):\n    limit = 100\n    spare = {spare}\n    floor = 0\n    step = {step}\n    \
                 top = 9\n    result = amount + {variable}\n    return min(max(result, floor), limit)\n\n\n"
            ),
        }
    }

    /// The program that calls everything, and fails where something is wrong.
    fn main(&self) -> (String, String) {
        match self.language {
            Language::Shell => ("main.sh".to_owned(), self.main_in_shell()),
            Language::Python => ("main.py".to_owned(), self.main_in_python()),
        }
    }

    fn main_in_shell(&self) -> String {
        let mut text = "set -eu\nlimit=100\n".to_owned();
        if self.needs_helper {
            text.push_str(". ./lib/helper.sh\n");
        }
        for name in FILES {
            text.push_str(&format!(". ./lib/{name}.sh\n"));
        }
        text.push_str("for plugin in plugins/*.sh; do test ! -e \"$plugin\" || . \"./$plugin\"; done\n");
        for name in FILES {
            for number in 0..FUNCTIONS {
                let call = format!("{name}_{number}");
                text.push_str(&format!(
                    "{call} 1\ntest $result = 2 || {{ echo \"{call}: $result, not 2\" >&2; exit 1; }}\n"
                ));
            }
        }
        text.push_str("test $limit = 100 || { echo \"the limit is $limit\" >&2; exit 1; }\n");
        text
    }

    fn main_in_python(&self) -> String {
        let mut text = "import json\n".to_owned();
        if self.needs_helper {
            text.push_str("import lib.helper\n");
        }
        for name in FILES {
            text.push_str(&format!("from lib import {name}\n"));
        }
        text.push_str("\nprint(json.dumps({'start': 1}))\n");
        for name in FILES {
            for number in 0..FUNCTIONS {
                let call = format!("{name}.{name}_{number}(1)");
                text.push_str(&format!("assert {call} == 2, '{name}_{number} is wrong'\n"));
            }
        }
        text
    }

    /// A new file that breaks what is there.
    fn intruder(&self) -> (String, String) {
        let (path, text) = match self.language {
            Language::Shell => {
                ("plugins/limits.sh", "limit=7\ncart_0() { limit=7; result=2; }\naudit_4() { limit=7; result=2; }\n")
            }
            Language::Python => ("json.py", "def load(text):\n    return text\n"),
        };
        (path.to_owned(), text.to_owned())
    }

    fn helper(&self) -> (String, String) {
        (self.path("helper"), "needed = 1\n".replace(" = ", if self.language == Language::Shell { "=" } else { " = " }))
    }
}
