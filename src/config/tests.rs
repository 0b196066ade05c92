use super::*;

fn file(text: &str) -> (Source, Layer) {
    (Source::File("a.toml".to_owned()), Layer::from_toml("a.toml", text).expect("valid"))
}

#[test]
fn a_later_layer_wins_and_is_named() {
    let environment = Layer::from_environment(|name| (name == "AFTERCARE_WATCH_MINUTES").then(|| "15".to_owned()));
    let layers = vec![
        file("service = \"api\"\n[watch]\nminutes = 30\nalpha = 0.01\n"),
        (Source::Environment, environment.expect("valid")),
    ];
    let config = Config::resolve(layers).expect("valid");
    assert_eq!(config.watch_minutes, Value { value: 15, source: Source::Environment });
    assert_eq!(config.alpha, Value { value: 0.01, source: Source::File("a.toml".to_owned()) });
    assert_eq!(config.baseline_days, Value { value: 7, source: Source::Default });
}

#[test]
fn the_configuration_of_the_readme_is_one() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```toml\n").expect("there is one");
    let (text, _) = rest.split_once("```").expect("it ends");
    let config = Config::resolve(vec![file(text)]).expect("valid");
    assert_eq!(config.classes.value.len(), 1);
    assert!(config.traffic.value.is_some());
    assert!(!config.deploy_command.value.is_empty());
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = match Layer::from_toml("a.toml", text) {
        Ok(layer) => Config::resolve(vec![(Source::File("a.toml".to_owned()), layer)]).expect_err("must be refused"),
        Err(error) => error,
    };
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_name() {
    refused("colour = 1", "a.toml is not a valid configuration");
    refused("[watch]\nminutes = 0", "watch.minutes is 0, from a.toml, but must be 1 to 1440");
    refused("[watch]\nalpha = nan", "watch.alpha is NaN");
    refused("[logs]\nzone = \"Mars\"", "logs.zone is \"Mars\"");
    refused("[watch]\nbaseline_days = -1", "not a valid configuration");
    refused("[watch]\nzone = \"Mars\"", "watch.zone");
    refused("[watch]\ntraffic = \"requests\"", "not a valid configuration");
    refused("[approval]\npeople = 3", "approval.people is 3, from a.toml, but must be 1 or 2");
    refused("[push]\nremote = \"--force\"", "push.remote is --force");
    refused("[push]\npull_request = true", "push.remote is unset");
    refused("[push]\nforge = \"svn\"", "push.forge is svn");
    refused("[auto_rollback]\nenabled = true", "auto_rollback.person is unset");
    refused("[auto_rollback]\nenabled = true\nperson = \"A\"\n[approval]\npeople = 2", "approval.people is 2");
    refused("[auto_rollback]\ncountdown_seconds = 1", "auto_rollback.countdown_seconds is 1");
    refused("[[classes]]\ntext = \"lock wait\"\nclass = \"sad\"", "not a valid configuration");
}

#[test]
fn going_back_as_a_whole_may_have_a_command_of_its_own() {
    let of = |text: &str| Config::resolve(vec![file(text)]).expect("valid");
    let hunks = Scope::Hunks(Vec::new());
    assert_eq!(of("").command_for(&Scope::Range), None);
    let one = of("[deploy]\ncommand = [\"deploy\"]");
    assert_eq!(
        (one.command_for(&Scope::Range), one.command_for(&hunks)),
        (Some(&["deploy".to_owned()][..]), Some(&["deploy".to_owned()][..]))
    );
    let both = of("[deploy]\ncommand = [\"deploy\"]\nrollback_command = [\"undo\"]");
    assert_eq!(
        (both.command_for(&Scope::Range), both.command_for(&hunks)),
        (Some(&["undo".to_owned()][..]), Some(&["deploy".to_owned()][..]))
    );
}

#[test]
fn settings_of_advisors_are_checked_and_are_the_users_own() {
    refused("[advisor]\ndialect = \"telnet\"", "not a valid configuration");
    refused("[advisor]\ntokens = 999", "advisor.tokens is 999, from a.toml, but must be 1000 to 10000000");
    refused("[advisor]\nreply_tokens = 10", "advisor.reply_tokens is 10");
    refused("[advisor]\nseconds = 0", "advisor.seconds is 0");
    refused("[advisor]\nprice_in = -1.0", "advisor.price_in is -1");
    refused("[advisor]\nprice_out = nan", "advisor.price_out is NaN");
    refused("[advisor]\nmoney = 0.0", "advisor.money is 0");
    refused("[advisor]\nurl = \"ftp://x\"", "advisor.url is ftp://x");
    refused("[advisor]\napi_key = \"sk-1\"", "not a valid configuration");
    refused("[agent]\nseconds = 100000", "agent.seconds is 100000");
    refused("[fix]\ntests_seconds = 0", "fix.tests_seconds is 0");
    for (text, name) in [
        ("[advisor]\nmodel = \"m\"", "[advisor]"),
        ("[agent]\ncommand = [\"x\"]", "[agent]"),
        ("[fix]\ntests = [\"x\"]", "fix.tests"),
    ] {
        let error = Layer::from_repository("repo.toml", text).expect_err("must be refused");
        assert!(error.to_string().starts_with(&format!("repo.toml sets {name}")), "{error}");
    }
    assert!(Layer::from_repository("repo.toml", "[watch]\nminutes = 5").is_ok());
    let named = |name: &str| (name == "AFTERCARE_ADVISOR_DIALECT").then(|| "morse".to_owned());
    let error = Layer::from_environment(named).expect_err("must be refused");
    assert!(error.to_string().contains("advisor.dialect is morse, from environment"), "{error}");
}
