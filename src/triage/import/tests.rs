use super::*;

#[track_caller]
fn check(path: &str, text: &str, all: &[&str], expected: &[&str]) {
    let all: Vec<String> = all.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(imported(path, text, &all), expected, "{path}: {text}");
}

#[test]
fn a_path_that_starts_with_a_dot_means_exactly_one_file() {
    let all = ["lib/cart.js", "old/cart.js", "index.js", "lib/tax/index.ts", ".npmrc"];
    check("test/cart.test.js", "const { sum } = require(\"../lib/cart\");\n", &all, &["lib/cart.js"]);
    check("test/all.test.js", "const web = require(\"..\");\n", &all, &["index.js"]);
    check(
        "lib/sum.ts",
        "import { tax } from './tax'\nimport {\n  sum,\n} from './cart.js'\n",
        &all,
        &["lib/cart.js", "lib/tax/index.ts"],
    );
}

#[test]
fn modules_packages_and_classes() {
    check("tests/test_a.py", "from shop.cart import total\n", &["shop/cart.py", "shop/tax.py"], &["shop/cart.py"]);
    check("a/cart_test.go", "package a\n", &["a/cart.go", "b/cart.go"], &["a/cart.go"]);
    check("src/B.java", "class B { Cart cart; }\n", &["src/Cart.java", "src/Tax.java"], &["src/Cart.java"]);
    check("test/a_test.rb", "OrderLine.new\n", &["lib/order_line.rb", "lib/order.rb"], &["lib/order_line.rb"]);
}

#[test]
fn tests_beside_a_crate_import_its_lib_and_those_of_another_do_not() {
    check("tests/all.rs", "fn main() {}\n", &["src/lib.rs", "src/parse.rs"], &["src/lib.rs"]);
    check("a/tests/all.rs", "fn main() {}\n", &["a/src/lib.rs", "b/src/lib.rs"], &["a/src/lib.rs"]);
    check("c/tests/all.rs", "use order_book::Book;\n", &["order-book/src/lib.rs"], &["order-book/src/lib.rs"]);
}
