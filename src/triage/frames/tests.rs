use super::*;
use crate::ingest::Trace;

fn change(paths: &[&str]) -> Change {
    Change { paths: paths.iter().map(|path| (*path).to_owned()).collect(), ..Change::default() }
}

fn frame(function: &str, module: Option<&str>, file: &str, line: u32) -> Frame {
    let file = (!file.is_empty()).then(|| file.to_owned());
    Frame {
        function: function.to_owned(),
        module: module.map(str::to_owned),
        file,
        line: Some(line),
        source: None,
        in_app: true,
    }
}

fn symptom(language: Language, frames: Vec<Frame>) -> Symptom {
    let trace =
        Trace { language, exception: "E".to_owned(), message: String::new(), chain: vec!["E".to_owned()], frames };
    Symptom {
        text: String::new(),
        message: String::new(),
        template: String::new(),
        trace: Some(trace),
        component: None,
        rates: None,
        is_report: false,
    }
}

fn text(text: &str) -> Symptom {
    Symptom {
        text: text.to_owned(),
        message: text.to_owned(),
        template: text.to_owned(),
        trace: None,
        component: None,
        rates: None,
        is_report: false,
    }
}

#[track_caller]
fn check(symptom: &Symptom, paths: &[&str], expected: &[(&str, Option<u32>)]) {
    let located = locate(symptom, &change(paths));
    let found: Vec<(&str, Option<u32>)> =
        located.places.iter().map(|place| (place.path.as_str(), place.line)).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn check_file(file: &str, paths: &[&str], expected: Option<&str>) {
    let located = locate(&symptom(Language::Python, vec![frame("f", None, file, 3)]), &change(paths));
    assert_eq!(located.places.first().map(|place| place.path.as_str()), expected, "{file}");
}

#[test]
fn the_longest_common_end_of_a_path_wins() {
    check_file(
        "/srv/app/orders/models.py",
        &["orders/models.py", "users/models.py", "models.py"],
        Some("orders/models.py"),
    );
    check_file("C:\\src\\shop\\orders\\Models.cs", &["orders/Models.cs"], Some("orders/Models.cs"));
    check_file("./src/parse.rs", &["crates/api/src/parse.rs", "src/other.rs"], Some("crates/api/src/parse.rs"));
    check_file("webpack:///./src/cart.ts?a1b2", &["src/cart.ts"], Some("src/cart.ts"));
    check_file("file:///app/src/cart.mjs", &["src/cart.mjs"], Some("src/cart.mjs"));
    check_file("shop/store/items.go", &["store/items.go"], Some("store/items.go"));
}

#[test]
fn libraries_are_not_ours_unless_the_repository_holds_them() {
    check_file("/usr/lib/python3/site-packages/requests/models.py", &["requests/models.py", "models.py"], None);
    check_file("/app/node_modules/express/lib/router.js", &["lib/router.js"], None);
    check_file("/app/vendor/github.com/a/b/c.go", &["vendor/github.com/a/b/c.go"], Some("vendor/github.com/a/b/c.go"));
    check_file("node:internal/process/task_queues", &["task_queues.js"], None);
}

#[test]
fn a_file_that_only_shares_its_name_is_not_meant() {
    check_file("/opt/tool/handlers.py", &["src/api/handlers.py"], None);
}

#[test]
fn the_root_is_learned_from_other_frames() {
    let frames =
        vec![frame("f", None, "/usr/local/bin/main.py", 3), frame("g", None, "/srv/api/app/orders/rows.py", 4)];
    check(&symptom(Language::Python, frames), &["main.py", "app/orders/rows.py"], &[("app/orders/rows.py", Some(4))]);
}

#[test]
fn plain_text_names_places_in_many_ways() {
    let paths = [
        "src/a.rs",
        "src/b.ts",
        "run.sh",
        "lib/c.pl",
        "src/D.java",
        "web/e.php",
        "src/F.cs",
        "tests/test_g.py",
        "app/g.py",
    ];
    check(&text("error: x\n  --> src/a.rs:10:5"), &paths, &[("src/a.rs", Some(10))]);
    check(&text("src/b.ts(4,2): error TS1: x"), &paths, &[("src/b.ts", Some(4))]);
    check(&text("./run.sh: line 7: FOO: unbound variable"), &paths, &[("run.sh", Some(7))]);
    check(&text("died at lib/c.pl line 9."), &paths, &[("lib/c.pl", Some(9))]);
    check(&text("[ERROR] /build/src/D.java:[12,8] symbol"), &paths, &[("src/D.java", Some(12))]);
    check(&text("PHP Fatal error: x in /var/www/web/e.php on line 3"), &paths, &[("web/e.php", Some(3))]);
    check(&text("in /build/src/F.cs:line 30"), &paths, &[("src/F.cs", Some(30))]);
    check(
        &text("tests/test_g.py:5: \napp/g.py:2: KeyError"),
        &paths,
        &[("app/g.py", Some(2)), ("tests/test_g.py", Some(5))],
    );
    check(&text("GET http://10.0.0.1:8080/x at 12:30:01 took 3.5:4"), &paths, &[]);
}

#[track_caller]
fn check_name(function: &str, expected: Option<&str>) {
    assert_eq!(simple_name(function, Some("com.acme.Order")).as_deref(), expected, "{function}");
}

#[test]
fn functions_are_called_by_their_own_name() {
    check_name("store.(*Store).Get.func1", Some("Get"));
    check_name("api::orders::place::{{closure}}", Some("place"));
    check_name("api::orders::place::h0123456789abcdef", Some("place"));
    check_name("block (2 levels) in Order#total", Some("total"));
    check_name("lambda$place$0", Some("place"));
    check_name("<init>", Some("Order"));
    check_name("async Cart.load", Some("load"));
    check_name("Layer.handle [as handle_request]", Some("handle"));
    check_name("<PlaceAsync>d__5.MoveNext", Some("PlaceAsync"));
    check_name("outer.<locals>.inner", Some("inner"));
    check_name("App\\Cart->sum", Some("sum"));
    check_name("valid?", Some("valid"));
    check_name("expr/builtin.glob..func35", None);
    check_name("store.init.func2", None);
    check_name("store.init.0", None);
    check_name(".ctor", Some("Order"));
    check_name("get_Total", Some("Total"));
    check_name("get_total", Some("get_total"));
    check_name("op_Addition", None);
    check_name("Cart.get total", Some("total"));
    check_name("access$place", Some("place"));
    check_name("<module>", None);
    check_name("<anonymous>", None);
    check_name("", None);
}

#[test]
fn what_kotlin_makes_of_a_closure_is_called_by_the_function_around_it() {
    let name = |function: &str, module: &str| simple_name(function, Some(module));
    assert_eq!(name("invokeSuspend", "com.acme.Orders$place$2").as_deref(), Some("place"));
    assert_eq!(name("invoke", "com.acme.OrdersKt$main$1$2").as_deref(), None);
    assert_eq!(name("invoke", "com.acme.Handler").as_deref(), Some("invoke"));
    assert_eq!(name("place$default", "com.acme.OrdersKt").as_deref(), Some("place"));
}

#[test]
fn packages_are_told_by_path_or_module() {
    let of = |language, frame: Frame| owner(&frame, Some(language));
    assert_eq!(
        of(Language::Python, frame("f", None, "/x/site-packages/google_auth/a.py", 1)).as_deref(),
        Some("google-auth")
    );
    assert_eq!(
        of(Language::JavaScript, frame("f", None, "/x/node_modules/@scope/name/a.js", 1)).as_deref(),
        Some("@scope/name")
    );
    assert_eq!(
        of(Language::Ruby, frame("f", None, "/x/gems/active-record-7.0.1/lib/a.rb", 1)).as_deref(),
        Some("active-record")
    );
    assert_eq!(
        of(Language::Go, frame("f", None, "/root/go/pkg/mod/github.com/a/b@v1.2.3/c.go", 1)).as_deref(),
        Some("github.com/a/b")
    );
    assert_eq!(
        of(Language::Rust, frame("f", None, "/r/.cargo/registry/src/index-1/serde_json-1.0.1/src/a.rs", 1)).as_deref(),
        Some("serde_json")
    );
    assert_eq!(
        of(Language::Java, frame("f", Some("org.springframework.web.A"), "A.java", 1)).as_deref(),
        Some("org.springframework.web")
    );
    assert_eq!(of(Language::Java, frame("f", Some("java.util.ArrayList"), "ArrayList.java", 1)), None);
}
