use super::*;

#[track_caller]
fn check(class: Class, paths: &[&str]) {
    for path in paths {
        assert_eq!(classify(path, None), class, "{path}");
    }
}

#[track_caller]
fn check_text(class: Class, path: &str, text: &str) {
    assert_eq!(classify(path, Some(text)), class, "{path}");
}

#[test]
fn main_sources_are_no_tests_whatever_they_are_called() {
    check(
        Class::Runtime,
        &[
            "kotlinpoet/src/main/java/com/acme/FileSpec.kt",
            "src/main/java/com/acme/LoadTest.java",
            "shared/src/commonMain/kotlin/OrderSpec.kt",
        ],
    );
    check(
        Class::Test,
        &["src/test/java/com/acme/OrderTest.java", "src/OrderSpec.kt", "shared/src/commonTest/kotlin/OrderSpec.kt"],
    );
}

#[test]
fn migrations_of_all_frameworks_are_known() {
    check(
        Class::Migration,
        &[
            "db/migrate/20240101120000_add_orders.rb",
            "db/structure.sql",
            "db/schema.rb",
            "shop/migrations/0007_order_total.py",
            "alembic/versions/3f2a_add.py",
            "src/main/resources/db/migration/V2__orders.sql",
            "R__views.sql",
            "sql/U3__undo.sql",
            "db/changelog/db.changelog-1.0.xml",
            "prisma/migrations/20240101_init/migration.sql",
            "migrations/20240101-add.js",
            "migrations/000001_init.up.sql",
            "migrations/1_init.down.sql",
            "migrations/2024-01-01-000000_orders/up.sql",
            "src/migrations/1700000000000-AddOrders.ts",
            "priv/repo/migrations/20240101_create.exs",
            "database/migrations/2024_01_01_create.php",
            "Data/Migrations/20240101_Init.cs",
        ],
    );
    check_text(Class::Migration, "sql/orders.sql", "-- orders\nALTER TABLE orders ADD COLUMN x int;\n");
    check_text(Class::Runtime, "sql/report.sql", "SELECT * FROM orders;\n");
    check_text(Class::Runtime, "src/migrations/runner.ts", "export function runAll() {}\n");
    check_text(Class::Migration, "src/migrations/add.ts", "export async function up(db) {}\n");
}

#[test]
fn contracts_are_known_by_name_or_text() {
    check(
        Class::ApiContract,
        &[
            "api/orders.proto",
            "schema.graphql",
            "app/types.graphqls",
            "events/order.avsc",
            "openapi.yaml",
            "docs/swagger.json",
            "api/order.schema.json",
            "idl/a.thrift",
        ],
    );
    check_text(Class::ApiContract, "api/v1.yaml", "openapi: 3.0.0\ninfo: {}\n");
    check_text(Class::Config, "config/v1.yaml", "port: 80\n");
    check_text(Class::Runtime, "src/query.graphql", "query Orders { orders { id } }\n");
}

#[test]
fn tests_of_all_languages_are_known() {
    check(
        Class::Test,
        &[
            "tests/test_orders.py",
            "app/orders_test.go",
            "src/cart.test.ts",
            "src/cart.spec.jsx",
            "spec/models/order_spec.rb",
            "src/test/java/com/acme/OrderServiceTest.java",
            "Acme.Tests/OrderTests.cs",
            "tests/OrderTest.php",
            "conftest.py",
            "src/lexer/tests.rs",
            "test/order_test.exs",
            "features/order.feature",
            "src/__tests__/a.js",
            "pkg/testdata/a.json",
            "jest.config.js",
            "benches/speed.rs",
            "crates/api/tests/it.rs",
            "src/OrderServiceIT.java",
        ],
    );
    check(
        Class::Runtime,
        &[
            "src/contest.java",
            "src/latest.py",
            "src/attest.go",
            "app/testimony.rb",
            "src/main/java/com/example/Fastest.java",
        ],
    );
}

#[test]
fn what_builds_is_known() {
    check(
        Class::Build,
        &[
            "Cargo.toml",
            "Cargo.lock",
            "package-lock.json",
            "go.sum",
            "requirements.txt",
            "requirements/prod.txt",
            "Gemfile.lock",
            "pom.xml",
            "Dockerfile",
            "docker/api.Dockerfile",
            "docker-compose.yml",
            ".github/workflows/ci.yml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
            "Makefile",
            "tsconfig.json",
            "webpack.config.js",
            ".eslintrc.json",
            ".gitignore",
            "CMakeLists.txt",
            "src/Api/Api.csproj",
            "build.gradle.kts",
        ],
    );
}

#[test]
fn what_others_or_programs_wrote_is_known() {
    check(
        Class::Vendored,
        &[
            "vendor/github.com/pkg/errors/errors.go",
            "third_party/zlib/inflate.c",
            "web/node_modules/a/index.js",
            "ios/Pods/A/a.m",
        ],
    );
    check(
        Class::Generated,
        &[
            "api/orders.pb.go",
            "api/orders_pb2.py",
            "static/app.min.js",
            "src/__generated__/a.ts",
            "zz_generated.deepcopy.go",
        ],
    );
    check(
        Class::Docs,
        &["README.md", "docs/guide.rst", "CHANGELOG", "LICENSE", "docs/conf.py", "CONTRIBUTING.md", "examples/run.py"],
    );
    check(
        Class::Config,
        &[
            "config/prod.yaml",
            ".env.production",
            "app.properties",
            "k8s/deploy.yaml",
            "main.tf",
            "Procfile",
            "prompts/system.md",
            "appsettings.json",
        ],
    );
    check(
        Class::Runtime,
        &[
            "src/main.rs",
            "bin/serve",
            "app/views/mail.html.erb",
            "static/robots.txt",
            "src/docs/render.py",
            "templates/welcome.txt",
            "lib/a.ex",
        ],
    );
    check_text(Class::Generated, "api/client.go", "// Code generated by oapi-codegen. DO NOT EDIT.\npackage api\n");
    check_text(Class::Runtime, "api/client.go", "package api\n\nconst note = \"code generated by hand\"\n");
    check_text(Class::Build, "Cargo.lock", "# This file is automatically @generated by Cargo.\n");
}

#[test]
fn manifests_and_images_reach_production_and_linters_do_not() {
    let reaches = |path: &str| reaches_production(path, classify(path, None));
    for path in [
        "Cargo.lock",
        "requirements.txt",
        "Dockerfile",
        "tsconfig.json",
        "src/a.py",
        "a.proto",
        "vendor/a/b.go",
        "a.yaml",
    ] {
        assert!(reaches(path), "{path}");
    }
    for path in [".eslintrc.json", ".github/workflows/ci.yml", "Makefile", "README.md", "tests/a.py", ".gitignore"] {
        assert!(!reaches(path), "{path}");
    }
}

proptest::proptest! {
    /// Any path has a class, and none makes the table fail.
    #[test]
    fn every_path_has_a_class(path in "(?s).{0,80}", text in "(?s).{0,200}") {
        let _ = classify(&path, Some(&text));
        proptest::prop_assert_eq!(classify(&path, None), classify(&path, None));
    }
}
