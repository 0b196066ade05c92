use super::*;

fn change(paths: &[&str]) -> Change {
    Change { paths: paths.iter().map(|path| (*path).to_owned()).collect(), ..Change::default() }
}

#[test]
fn a_class_leads_to_its_file() {
    let change = change(&["tests/Cart/TotalTest.php", "tests/Order/TotalTest.php", "src/Cart/Total.php"]);
    let found = of_class("Shop\\Tests\\Order\\TotalTest::testSum with data set #0 ('x')", &change).expect("a test");
    assert_eq!((found.paths, found.function.as_str()), (vec!["tests/Order/TotalTest.php".to_owned()], "testSum"));
    assert!(of_class("Shop\\Tests\\OtherTest::testSum", &change).is_none());
    assert!(of_class("sums up 3.5 items", &change).is_none());
}

#[test]
fn a_test_of_go_is_in_a_test_file_of_its_package() {
    let change = change(&["cart/cart.go", "cart/cart_test.go", "order/order_test.go"]);
    let found = of_package("TestSum/empty", &["example.org/shop/cart"], &change).expect("a test");
    assert_eq!((found.paths, found.function.as_str()), (vec!["cart/cart_test.go".to_owned()], "TestSum"));
    assert!(of_package("TestSum", &[], &change).is_none());
    assert!(of_package("sums up", &["example.org/shop/cart"], &change).is_none());
}

#[test]
fn the_line_of_a_definition_is_found_and_not_that_of_a_use() {
    let titled = Titled { paths: Vec::new(), function: "testSum".to_owned(), class: None, is_suite: false };
    assert!(titled.opens("    public function testSum(): void"));
    assert!(titled.opens("    public void testSum() {"));
    assert!(!titled.opens("    $this->testSum();"));
    assert!(!titled.opens("    public function testSumOfAll()"));
}
