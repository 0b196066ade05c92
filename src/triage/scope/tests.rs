use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(path: &str, text: &str, expected: &[(&str, u32, u32)]) {
    let scopes = Scopes::of(&Source::read(path, text));
    let found: Vec<(&str, u32, u32)> =
        scopes.all.iter().map(|scope| (scope.name.as_str(), scope.first, scope.last)).collect();
    assert_eq!(found, expected, "{path}");
}

#[test]
fn python_by_indentation() {
    let text = "import a\n\n@cached\ndef f(\n    x,\n):\n    y = 1\n\n    return y\n\n\nclass C:\n    async def g(self):\n        pass\n\nz = 1\n";
    check("a.py", text, &[("f", 3, 9), ("C", 12, 14), ("g", 13, 14)]);
}

#[test]
fn braces_of_many_languages() {
    check(
        "a.go",
        "package a\n\nfunc (s *Store) Get(id int) (string, error) {\n\tif id > 0 {\n\t\treturn f(func() {\n\t\t})\n\t}\n}\n\ntype Row struct {\n\tid int\n}\n",
        &[("Get", 3, 8), ("Row", 10, 12)],
    );
    check(
        "a.ts",
        "export class Cart {\n  private total(a: number): number {\n    if (a) { return 1; }\n    return 2;\n  }\n}\nexport const f = async (x) => {\n  g(() => {\n  });\n};\nexport default function h() {\n}\n",
        &[("Cart", 1, 6), ("total", 2, 5), ("f", 7, 10), ("h", 11, 12)],
    );
    check(
        "A.java",
        "class A {\n    @Get(\"/x\")\n    public int place(Order order) throws IOException {\n        try { x(); } catch (E e) { }\n        return 1;\n    }\n}\n",
        &[("A", 1, 7), ("place", 2, 6)],
    );
    check(
        "a.rs",
        "impl<T> Show for Store<T> {\n    pub fn get<'a>(&'a self) -> Option<&'a str> {\n        match self { _ => None }\n    }\n}\n",
        &[("Store", 1, 5), ("get", 2, 4)],
    );
    check(
        "a.cs",
        "public class A\n{\n    public async Task<int> Total(Invoice x)\n    {\n        return 1;\n    }\n}\n",
        &[("A", 1, 7), ("Total", 3, 6)],
    );
    check("a.c", "static int push(struct ring *r, int v)\n{\n    for (;;) { }\n    return 0;\n}\n", &[("push", 1, 5)]);
    check(
        "a.php",
        "<?php\nclass A {\n    public function sum(array $x): int {\n        return 1;\n    }\n}\n",
        &[("A", 2, 6), ("sum", 3, 5)],
    );
    check("a.sh", "#!/bin/sh\nset -u\nattempt() {\n    echo 1\n}\nattempt\n", &[("attempt", 3, 5)]);
    check("a.kt", "fun total(x: Int): Int {\n    return x\n}\n", &[("total", 1, 3)]);
}

#[test]
fn ruby_and_elixir_by_end() {
    check(
        "a.rb",
        "module A\n  class B::C\n    def self.f(x)\n      if x\n        1\n      end\n    end\n\n    def g = 1\n\n    def h\n      2\n    end\n  end\nend\n",
        &[("A", 1, 15), ("C", 2, 14), ("f", 3, 7), ("g", 9, 9), ("h", 11, 13)],
    );
    check(
        "a.ex",
        "defmodule My.Orders do\n  def total(x) do\n    x\n  end\nend\n",
        &[("Orders", 1, 5), ("total", 2, 4)],
    );
}

#[test]
fn deep_nesting_takes_no_quadratic_time() {
    let hostile = "class a {\n".repeat(40_000);
    let scopes = Scopes::of(&Source::read("a.java", &hostile));
    assert_eq!(scopes.all.len(), DEPTH);
}

proptest! {
    /// The innermost scope of a line holds the line, and no other scope that holds it is smaller.
    #[test]
    fn the_innermost_scope_is_the_smallest(lines in prop::collection::vec("( {0,3}(def a|class b|x = 1|end|fn c\\(\\) \\{|\\}|if x \\{))", 0..30), extension in "py|rs|rb|js") {
        let text = lines.join("\n");
        let scopes = Scopes::of(&Source::read(&format!("a.{extension}"), &text));
        for line in 1..=u32::try_from(lines.len()).unwrap_or(0) {
            let holding = scopes.all.iter().filter(|scope| scope.first <= line && line <= scope.last);
            let smallest = holding.map(|scope| scope.last - scope.first).min();
            let found = scopes.at(line).map(|scope| scope.last - scope.first);
            prop_assert!(found.is_none() == smallest.is_none());
        }
    }
}

#[test]
fn what_stands_before_a_name_does_not_hide_it() {
    check(
        "A.cs",
        "class A {\n  private static async Task<Dictionary<string, int>> Load<T>(this IDb db, string? name = null) where T : new() {\n    return x;\n  }\n}\n",
        &[("A", 1, 5), ("Load", 2, 4)],
    );
    check("a.rs", "pub(crate) struct Row<T> {\n    id: T,\n}\n", &[("Row", 1, 3)]);
    check(
        "a.rs",
        "fn f<F>(x: F)\nwhere\n    F: FnMut(u8) -> u8,\n{\n    match x {\n        None => {\n        }\n    }\n}\n",
        &[("f", 1, 9)],
    );
}

#[test]
fn an_open_bracket_in_a_pattern_hides_no_definition() {
    let text = "class A\n  P = %r{(?:\\w+}\n  def f\n    1\n  end\n\n  def g\n    2\n  end\nend\n";
    check("a.rb", text, &[("A", 1, 10), ("f", 3, 5), ("g", 7, 9)]);
}

#[test]
fn a_last_statement_of_several_lines_belongs_to_its_function() {
    let text = "def f(x):\n    return (\n        g(x)\n        or x\n    )\n\n\ndef g(x):\n    pass\n";
    check("a.py", text, &[("f", 1, 5), ("g", 8, 9)]);
}

#[test]
fn names_as_their_grammars_give_them() {
    check(
        "a.rs",
        "impl Cart {\n    pub(crate) fn new() -> Self {\n        Self {}\n    }\n}\n",
        &[("Cart", 1, 5), ("new", 2, 4)],
    );
    check("a.rs", "fn f() {\n    let Some(x) = g() else {\n        return;\n    };\n}\n", &[("f", 1, 5)]);
    check(
        "a.cs",
        "namespace Acme.Billing {\n  class Cart {\n    int Sum() => Rows.Sum();\n  }\n}\n",
        &[("Billing", 1, 5), ("Cart", 2, 4), ("Sum", 3, 3)],
    );
    check("a.js", "const sum = (a) =>\n  a.reduce(add);\nconst { b } = sum;\n", &[("sum", 1, 2)]);
    check("a.ts", "const show = ({ a }: { a: string }) => {\n  return a;\n};\n", &[("show", 1, 3)]);
    check("a.js", "app.get({ port: 1 }, err => {\n  names = rows.map(function (row) {\n  });\n});\n", &[]);
    check("a.js", "module.exports = {\n  a: 1,\n  send (row) {\n    return row;\n  },\n};\n", &[("send", 3, 5)]);
    check("a.go", "func F() {\n\tg := func(n int) *int {\n\t\treturn &n\n\t}\n}\n", &[("F", 1, 5), ("g", 2, 4)]);
    check(
        "a.rb",
        "class A\n  def f\n  end\n\n  private\n\n  def g\n  end\n  class E < B; end\nend\n",
        &[("A", 1, 10), ("f", 2, 3), ("g", 7, 8), ("E", 9, 9)],
    );
}

/// Only the grammar told modules of Rust, so that a changed test beside the code counted as code that runs.
#[test]
fn a_module_of_tests_is_told_by_layout_too() {
    let text = "fn f() {\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn g() {\n        f();\n    }\n}\n";
    let scopes = Scopes::of_passage(&Source::read("a.rs", text));
    assert!(scopes.is_in_tests(8) && !scopes.is_in_tests(2));
}
