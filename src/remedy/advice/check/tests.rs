//! What each check finds and what it lets through.

use super::*;

/// The names of the checks that a changed file fails; `base` is as `head`.
fn failed(path: &str, head: &str, new: &str) -> Vec<&'static str> {
    let (head, new) = (Some(head), Some(new));
    let touched = Touched { path, class: classify(path, new), base: head, head, new };
    all(&[touched], &[], &Known::default()).into_iter().filter(|check| !check.passed).map(|check| check.name).collect()
}

#[track_caller]
fn check_all(path: &str, head: &str, new: &str, expected: &[&str]) {
    assert_eq!(failed(path, head, new), expected, "{path}: {new}");
}

#[test]
fn an_honest_fix_passes() {
    check_all(
        "a.py",
        "def f(x):\n    return 1 / x\n",
        "def f(x):\n    if not x:\n        return 0\n    return 1 / x\n",
        &[],
    );
    check_all(
        "a.js",
        "f(a.b);\n",
        "import { g } from './g';\nconst found = /x(y)/.exec(a?.b ?? '');\nf(found);\n",
        &[],
    );
    check_all("a.py", "x = 1\n", "import math\nfrom decimal import Decimal\nx = math.floor(Decimal(1))\n", &[]);
    check_all(
        "a.go",
        "package a\n",
        "package a\n\nimport (\n\t\"errors\"\n\t\"strings\"\n)\n\nvar x = strings.ToLower(\"A\")\nvar e = errors.New(\"x\")\n",
        &[],
    );
    check_all("a.rs", "fn f() {}\n", "use std::fmt;\nuse crate::b::C;\nfn f() { let _ = '\"'; }\n", &[]);
    check_all("app.rb", "def f\n  1\nend\n", "def f\n  [1, 2].sum { |n| n }\nend\n", &[]);
    check_all("run.sh", "make all\n", "if test -n \"$x\"; then\n  make all 2>&1\nfi\n", &[]);
}

#[test]
fn texts_that_no_longer_parse_are_found() {
    let parses = ["parses"];
    check_all("a.py", "def f():\n    return 1\n", "def f():\n    return (1\n", &parses);
    check_all("a.py", "def f():\n    return 1\n", "def f():\nreturn 1\n", &parses);
    check_all("a.py", "def f():\n    return 1\n", "def f():\n    x = 1\n      return x\n", &parses);
    check_all(
        "a.py",
        "def f():\n    if x:\n        y\n    return 1\n",
        "def f():\n    if x:\n        y\n   return 1\n",
        &parses,
    );
    check_all("a.py", "x = 1\n", "if x:\n", &parses);
    check_all("a.js", "f();\n", "if (x) { f();\n", &parses);
    check_all("a.js", "f();\n", "f());\n", &parses);
    check_all("a.json", "{}", "{\"a\":}", &parses);
    check_all("a.toml", "a = 1\n", "a = \n", &parses);
    check_all("a.yaml", "a: 1\n", "a:\n\tb: 1\n", &parses);
    check_all("a.c", "int a;\n", "<<<<<<< HEAD\nint a;\n", &parses);
    // What brackets and strings do not tell, the grammar does.
    check_all("a.py", "x = 1\n", "x = 1 +\n", &parses);
    check_all("a.ts", "const x: number = 1;\n", "const x: = 1;\n", &parses);
    check_all("a.tsx", "const f = () => <p>a</p>;\n", "const f = () => <p>a;\n", &parses);
    check_all("a.tsx", "const f = () => <p>a</p>;\n", "const f = () => <p>don't (</p>;\n", &[]);
    // What was broken as deployed is not held against the draft.
    check_all("a.js", "f((;\n", "g((;\n", &[]);
    check_all("a.py", "x = {\n    'a': [1,\n  2],\n}\n", "x = {\n    'a': [1,\n 2, 3],\n}\ny = (1 +\n2)\n", &[]);
}

#[test]
fn tests_that_ask_for_less_are_found() {
    let weaker = ["no test weakened"];
    let head = "def test_a():\n    assert f(1) == 2\n\ndef test_b():\n    assert f(2) == 3\n";
    check_all("tests/test_a.py", head, &head.replace("== 2", ">= 2"), &weaker);
    check_all("tests/test_a.py", head, &head.replace("assert f(2) == 3", "pass"), &weaker);
    check_all("tests/test_a.py", head, &head.replace("def test_b", "@pytest.mark.skip\ndef test_b"), &weaker);
    check_all("tests/test_a.py", head, &head.replace("def test_b", "def helper_b"), &weaker);
    check_all("tests/test_a.py", head, &format!("{head}    assert f(3) == 4\n"), &[]);
    let head = "it('adds', () => {\n  expect(f(1)).toBe(2);\n});\n";
    check_all("src/a.test.js", head, &head.replace("it(", "it.skip("), &weaker);
    check_all("src/a.test.js", head, &head.replace("toBe(2)", "toBeTruthy()"), &weaker);
    let head =
        "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {\n        assert_eq!(f(), ());\n    }\n}\n";
    check_all("src/a.rs", head, &head.replace("    #[test]\n", "    #[test]\n    #[ignore]\n"), &weaker);
    check_all("src/a.rs", head, &head.replace("fn f() {}", "fn f() { assert!(true) }"), &[]);
    let head = "func TestA(t *testing.T) {\n\tif f() != 1 {\n\t\tt.Fatal(\"no\")\n\t}\n}\n";
    check_all("a_test.go", head, &head.replace("t.Fatal", "t.Log"), &weaker);
}

#[test]
fn new_packages_are_found() {
    let new = ["no new dependency"];
    check_all("a.py", "x = 1\n", "import leftpad\nx = 1\n", &new);
    check_all("a.py", "x = 1\n", "from evil.sub import y\nx = 1\n", &new);
    check_all("a.js", "f();\n", "const x = require('left-pad');\nf();\n", &new);
    check_all("a.ts", "f();\n", "import x from '@evil/pad/deep';\nf();\n", &new);
    check_all(
        "a.go",
        "package a\n\nimport \"fmt\"\n",
        "package a\n\nimport (\n\t\"fmt\"\n\t\"github.com/evil/pad\"\n)\n",
        &new,
    );
    check_all("a.rs", "fn f() {}\n", "use evil::pad;\nfn f() {}\n", &new);
    check_all("package.json", "{\"a\":1}", "{\"a\":2}", &new);
    check_all("a.py", "import leftpad\n", "import leftpad.more\n", &[]);
}

#[test]
fn calls_that_reach_out_are_found() {
    let calls = "no new network or shell call";
    let cases = [
        ("a.py", "os.system('x')"),
        ("a.py", "eval(x)"),
        ("a.py", "urllib.request.urlopen(x)"),
        ("a.py", "requests.get(x)"),
        ("a.py", "x = os.environ['TOKEN_OF_US']"),
        ("a.js", "require('child_process').exec(x)"),
        ("a.js", "fetch(x)"),
        ("a.js", "new Function(x)()"),
        ("a.js", "f('https://evil.example/x')"),
        ("a.go", "exec.Command(x)"),
        ("a.rs", "fn f() { std::process::exit(Command::new(x)) }"),
        ("A.java", "Runtime.getRuntime().exec(x);"),
        ("a.php", "shell_exec($x);"),
        ("a.rb", "Kernel.system(x)"),
        ("a.rb", "eval(x)"),
        ("a.rb", "x = `id`"),
        ("a.sh", "curl -s x"),
        ("a.sh", "x=$(whoami)"),
        ("a.sh", "true && rm -rf x"),
        ("a.sh", "eval \"$x\""),
    ];
    for (path, line) in cases {
        let failed = failed(path, "", &format!("{line}\n"));
        assert!(failed.contains(&calls), "{path}: {line} passes");
    }
    check_all("a.py", "requests.get(a)\n", "requests.get(b)\n", &[]);
    check_all("a.py", "requests.get(a)\n", "requests.get(b)\nrequests.get(c)\n", &[calls]);
    check_all("a.py", "x = 1\n", "# never eval(x) or os.system\nx = 2\n", &[]);
    check_all("a.sh", "curl a\n", "curl a\necho b\n", &[]);
    check_all("a.sh", "x=$6\n", "x=${6-}\ny=${x%%,*}\n", &[]);
    check_all("a.sh", "x=$6\n", "x=${6-$(curl b)}\n", &[calls]);
    // Another address is another call.
    check_all("a.sh", "curl a\n", "curl b\n", &[calls]);
}

#[test]
fn secrets_masks_and_unseen_characters_are_found() {
    check_all("a.py", "x = 1\n", "x = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'\n", &["no secret"]);
    check_all("a.py", "x = 1\n", "password = \"correct-horse\"\n", &["no secret"]);
    check_all("a.py", "x = 1\n", "x = \"[redacted]\"\n", &["no secret"]);
    check_all("a.env", "X=1\n", "API_TOKEN=abc123def456\n", &["no secret"]);
    check_all("a.py", "x = 1\n", "token = next_token(line)\n", &[]);
    let hidden = ["no hidden characters"];
    for line in ["x = 2 # \u{202e}abc", "x\u{200b} = 2", "x = '\u{1b}[2J'", "\u{430}dmin = 2", "x = '\u{e0041}'"] {
        check_all("a.py", "x = 1\n", &format!("{line}\n"), &hidden);
    }
    check_all("a.py", "x = 1\n", "x = 'größe, цена, 価格 🙂'\n", &[]);
}

#[test]
fn large_drafts_and_files_outside_are_found() {
    let long: String = (0..250).map(|number| format!("x = {number}\n")).collect();
    check_all("a.py", "", &long, &["small"]);
    let checks = all(&[], &["b.py".to_owned(), "c.py".to_owned()], &Known::default());
    let scope = checks.iter().find(|check| check.name == "in scope").unwrap();
    assert!(
        !scope.passed && scope.detail.contains("\"b.py\", \"c.py\", which the deploy did not touch"),
        "{}",
        scope.detail
    );
}

#[test]
fn what_reaches_out_may_not_run() {
    let touched = |new: &'static str| Touched {
        path: "a.py",
        class: Class::Runtime,
        base: None,
        head: Some("x = 1\n"),
        new: Some(new),
    };
    assert!(may_run(&all(&[touched("x = (\n")], &["b.py".to_owned()], &Known::default())));
    for new in ["os.system('x')\n", "import evil\n", "x\u{200b} = 1\n"] {
        assert!(!may_run(&all(&[touched(new)], &[], &Known::default())), "{new}");
    }
}

/// What the repository has and declares is nothing new; what only sounds like it is.
#[test]
fn packages_that_the_repository_has_or_declares_are_not_new() {
    let text = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let manifests = [
        text(
            "package.json",
            "{\n  \"dependencies\": {\n    \"left-pad\": \"^1.0.0\",\n    \"@acme/pad\": \"~2.1\"\n  }\n}\n",
        ),
        text("go.mod", "module acme.example/shop\n\nrequire (\n\tgithub.com/acme/pad v1.2.0\n)\n"),
        text(
            "Cargo.toml",
            "[package]\nname = \"shop\"\n\n[dependencies]\nleft-pad = \"1\"\nmoney = { version = \"2\" }\n",
        ),
        text("requirements.txt", "attrs>=20\nleftpad==1.0  # for sums\n"),
    ];
    let paths = ["src/shop/__init__.py", "src/shop/pay.py", "tools/mend.py", "tools/other.py", "lib/money.rb"];
    let known = Known::of(paths, &manifests);
    let is_new = |path: &str, line: &str| {
        let touched = Touched { path, class: classify(path, None), base: Some(""), head: Some(""), new: Some(line) };
        !package::dependencies(&[touched], &known).passed
    };
    for (path, line) in [
        ("src/shop/pay.py", "import shop.money\n"),
        ("tools/mend.py", "import other\n"),
        ("src/shop/pay.py", "from attr import define\nimport leftpad\n"),
        ("src/a.ts", "import x from 'left-pad/deep';\nimport y from '@acme/pad';\n"),
        ("a.go", "import (\n\t\"acme.example/shop/money\"\n\t\"github.com/acme/pad\"\n)\n"),
        ("src/a.rs", "use left_pad::pad;\nuse money::Money;\n"),
        ("app/a.rb", "require 'money'\nrequire 'stringio'\n"),
    ] {
        assert!(!is_new(path, line), "{path}: {line}");
    }
    for (path, line) in [
        ("src/shop/pay.py", "import other\n"),
        ("src/shop/pay.py", "import shopping\n"),
        ("src/a.ts", "import x from 'left-padding';\n"),
        ("src/a.ts", "import x from '@acme/padding';\n"),
        ("a.go", "import \"github.com/acme/padding\"\n"),
        ("a.go", "import \"github.com/evil/pad\"\n"),
        ("src/a.rs", "use left_padding::pad;\n"),
        ("app/a.rb", "require 'moneys'\n"),
    ] {
        assert!(is_new(path, line), "{path}: {line}");
    }
}
