//! Pushing to real repositories, and pull requests on servers as strict as the real ones.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use aftercare::config::{Config, Layer, Source};
use aftercare::remedy::plan::{PullRequest, Push};
use aftercare::remedy::{Approved, Scope};
use aftercare::shell::audit::AuditLog;
use aftercare::shell::execute::{Executor, Limits, Mode, Progress, Rule, Settings};
use aftercare::shell::forge::{self, Forge, ForgeError, Opened, Target, push_of};
use aftercare::shell::git::read;
use aftercare::shell::git::revert::{self, Request};
use git2::Repository;
use serde_json::{Value, json};

use super::revert::approved;
use super::scene::Scene;
use crate::server::{Received, Reply, Server};

const TOKEN: &str = "token-that-nobody-may-see-4711";

/// A server that checks each request as strictly as the real one, and keeps what was opened.
struct Strict {
    forge: Forge,
    /// Pull requests as source, target and state.
    opened: Vec<(String, String)>,
    /// Whether somebody else opens one between the look and the wish.
    races: bool,
}

impl Strict {
    fn start(forge: Forge, opened: &[(&str, &str)], races: bool) -> (Server, Arc<Mutex<Self>>) {
        let opened = opened.iter().map(|(source, target)| ((*source).to_owned(), (*target).to_owned())).collect();
        let state = Arc::new(Mutex::new(Self { forge, opened, races }));
        let shared = Arc::clone(&state);
        (Server::start(move |request| shared.lock().unwrap().answer(request)), state)
    }

    fn answer(&mut self, request: &Received) -> Reply {
        let authorized = match self.forge {
            Forge::GitHub => request.header("authorization") == Some(&format!("Bearer {TOKEN}")),
            Forge::GitLab => request.header("private-token") == Some(TOKEN),
            Forge::Gitea => request.header("authorization") == Some(&format!("token {TOKEN}")),
        };
        if !authorized {
            return Reply::json(401, &json!({"message": "Bad credentials"}));
        }
        if self.forge == Forge::GitHub
            && (request.header("accept") != Some("application/vnd.github+json")
                || request.header("x-github-api-version") != Some("2022-11-28"))
        {
            return Reply::json(400, &json!({"message": "Unsupported version"}));
        }
        if request.header("user-agent").is_none() {
            return Reply::json(403, &json!({"message": "Request forbidden by administrative rules"}));
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let expected = match self.forge {
            Forge::GitHub | Forge::Gitea => "/api/repos/own%20er/r/pulls",
            Forge::GitLab => "/api/projects/own%20er%2Fsub%2Fr/merge_requests",
        };
        if path != expected {
            return Reply::json(404, &json!({"message": "Not Found"}));
        }
        match request.method.as_str() {
            "GET" => self.list(query),
            "POST" => self.open(&request.json()),
            _ => Reply::json(405, &json!({})),
        }
    }

    fn list(&mut self, query: &str) -> Reply {
        let given: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let plain = |text: &str| text.replace("%2F", "/").replace("%3A", ":").replace("%20", " ");
        let wanted = match self.forge {
            Forge::GitHub => {
                assert_eq!(given["state"], "open");
                let head = plain(given["head"]);
                let (_, branch) = head.split_once(':').unwrap();
                Some((branch.to_owned(), plain(given["base"])))
            }
            Forge::GitLab => {
                assert_eq!(given["state"], "opened");
                Some((plain(given["source_branch"]), plain(given["target_branch"])))
            }
            Forge::Gitea => None,
        };
        let all: Vec<Value> = self
            .opened
            .iter()
            .enumerate()
            .filter(|(_, pull)| wanted.as_ref().is_none_or(|wanted| wanted == *pull))
            .map(|(index, (source, target))| self.shown(index, source, target))
            .collect();
        if self.forge != Forge::Gitea {
            return Reply::json(200, &json!(all));
        }
        let (page, limit) = (given["page"].parse::<usize>().unwrap(), given["limit"].parse::<usize>().unwrap());
        let page: Vec<&Value> = all.iter().skip((page - 1) * limit).take(limit).collect();
        Reply::json(200, &json!(page))
    }

    fn shown(&self, index: usize, source: &str, target: &str) -> Value {
        let url = format!("https://forge.example/{}", index + 1);
        match self.forge {
            Forge::GitLab => json!({"iid": index + 1, "web_url": url}),
            Forge::GitHub | Forge::Gitea => {
                json!({"number": index + 1, "html_url": url, "head": {"ref": source}, "base": {"ref": target}})
            }
        }
    }

    fn open(&mut self, body: &Value) -> Reply {
        let fields = body.as_object().unwrap();
        let known: &[&str] = match self.forge {
            Forge::GitHub | Forge::Gitea => &["title", "head", "base", "body"],
            Forge::GitLab => &["source_branch", "target_branch", "title", "description", "remove_source_branch"],
        };
        if let Some(unknown) = fields.keys().find(|key| !known.contains(&key.as_str())) {
            return Reply::json(400, &json!({"message": format!("{unknown} is unknown")}));
        }
        let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (source, target) = match self.forge {
            Forge::GitHub | Forge::Gitea => (text("head"), text("base")),
            Forge::GitLab => (text("source_branch"), text("target_branch")),
        };
        if text("title").is_empty() || target == "nowhere" {
            return Reply::json(422, &json!({"message": "Validation Failed"}));
        }
        let pull = (source, target);
        if self.races {
            self.opened.push(pull.clone());
        }
        if self.opened.contains(&pull) {
            let status = if self.forge == Forge::GitHub { 422 } else { 409 };
            return Reply::json(status, &json!({"message": "already exists"}));
        }
        self.opened.push(pull.clone());
        Reply::json(201, &self.shown(self.opened.len() - 1, &pull.0, &pull.1))
    }
}

fn target(forge: Forge, server: &Server, to: &str) -> Target {
    let project = if forge == Forge::GitLab { "own er/sub/r" } else { "own er/r" };
    Target {
        forge,
        api: server.url("/api"),
        project: project.to_owned(),
        source: "aftercare/rollback-1234abcd".to_owned(),
        target: to.to_owned(),
    }
}

fn ask(target: &Target) -> Result<Opened, ForgeError> {
    let variable = |name: &str| matches!(name, "GH_TOKEN" | "GITLAB_TOKEN" | "GITEA_TOKEN").then(|| TOKEN.to_owned());
    forge::open(target, "Roll back api", "Because.", variable, &AtomicBool::new(false))
}

const ALL: [Forge; 3] = [Forge::GitHub, Forge::GitLab, Forge::Gitea];

#[test]
fn a_pull_request_is_opened_once() {
    for forge in ALL {
        let (server, state) = Strict::start(forge, &[("other", "main")], false);
        let target = target(forge, &server, "main");
        let url = "https://forge.example/2".to_owned();
        assert_eq!(ask(&target).unwrap(), Opened { url: url.clone(), existed: false }, "{forge:?}");
        assert_eq!(ask(&target).unwrap(), Opened { url, existed: true }, "{forge:?}");
        assert_eq!(state.lock().unwrap().opened.len(), 2);
        let post = server.seen().into_iter().find(|request| request.method == "POST").unwrap();
        assert_eq!(post.json()["title"], "Roll back api");
    }
}

#[test]
fn one_that_somebody_opened_meanwhile_is_found() {
    for forge in ALL {
        let (server, state) = Strict::start(forge, &[], true);
        let opened = ask(&target(forge, &server, "main")).unwrap();
        assert!(opened.existed, "{forge:?}");
        assert_eq!(state.lock().unwrap().opened.len(), 1);
    }
}

#[test]
fn one_far_down_a_long_list_is_found() {
    let many: Vec<String> = (0..120).map(|index| format!("b{index}")).collect();
    let mut opened: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "main")).collect();
    opened.push(("aftercare/rollback-1234abcd", "main"));
    let (server, _) = Strict::start(Forge::Gitea, &opened, false);
    assert!(ask(&target(Forge::Gitea, &server, "main")).unwrap().existed);
}

#[test]
fn what_goes_wrong_is_told_with_what_to_do_and_without_the_token() {
    for forge in ALL {
        let (server, _) = Strict::start(forge, &[], false);
        let good = target(forge, &server, "main");
        let nobody = forge::open(&good, "t", "", |_| None, &AtomicBool::new(false)).unwrap_err();
        assert!(nobody.failure().hint.contains(forge.token_names(&good.api)[0]));
        let wrong = forge::open(&good, "t", "", |_| Some("wrong".to_owned()), &AtomicBool::new(false)).unwrap_err();
        assert!(wrong.failure().hint.contains("token"), "{:?}", wrong.failure());
        let elsewhere = ask(&Target { project: "a/b".to_owned(), ..good.clone() }).unwrap_err();
        assert!(elsewhere.failure().hint.contains("push.api"), "{:?}", elsewhere.failure());
        let nowhere = ask(&Target { target: "nowhere".to_owned(), ..good.clone() }).unwrap_err();
        assert!(nowhere.failure().hint.contains("target branch"), "{:?}", nowhere.failure());
        for failure in [nobody, wrong, elsewhere, nowhere].map(|error| error.failure()) {
            assert!(!format!("{failure:?}").contains(TOKEN));
        }
    }
}

#[test]
fn a_server_that_speaks_something_else_is_not_understood() {
    let server = Server::start(|_| Reply::of(200, "<html>sign in</html>"));
    let error = ask(&target(Forge::GitHub, &server, "main")).unwrap_err();
    assert!(matches!(error, ForgeError::NotUnderstood(_)));
    assert!(error.failure().hint.contains("push.forge"));
}

#[test]
fn a_token_goes_to_no_address_that_is_not_safe() {
    let (server, _) = Strict::start(Forge::GitHub, &[], false);
    let good = target(Forge::GitHub, &server, "main");
    for api in [
        "http://forge.example/api",
        "ftp://forge.example",
        "https://me:pw@forge.example",
        "forge.example/api",
        "https://",
        "http://localhost.evil.example/api",
        "http://127.0.0.1@evil.example",
        "https://forge.example/?x",
    ] {
        let error = ask(&Target { api: api.to_owned(), ..good.clone() }).unwrap_err();
        assert!(matches!(error, ForgeError::UnsafeAddress(_)), "{api}: {error}");
    }
}

/// A repository whose last commit is bad, with a bare repository to push to.
struct Pushing {
    scene: Scene,
    bare: Repository,
    range: String,
}

impl Pushing {
    fn new() -> Self {
        let scene = Scene::new();
        let base = scene.commit("One", &[("service.sh", b"echo old\n")]);
        let head = scene.commit("Two", &[("service.sh", b"echo new\n")]);
        let bare = Repository::init_bare(scene.beside("remote.git")).unwrap();
        scene.repo().remote("origin", scene.beside("remote.git").to_str().unwrap()).unwrap();
        Self { scene, bare, range: format!("{base}..{head}") }
    }

    fn approved(&self, push: &Push, command: &[&str]) -> Approved {
        let change = read::change(&self.scene.repo(), &self.range).unwrap();
        let command: Vec<String> = command.iter().map(|&argument| argument.to_owned()).collect();
        let deploy_command = (!command.is_empty()).then_some(command.as_slice());
        let request = Request { push: Some(push), deploy_command, ..Request::new("api", Scope::Range) };
        approved(revert::plan(&self.scene.path(), &change, &request).unwrap())
    }

    fn execute(&self, approved: &Approved) -> (bool, Vec<String>) {
        let settings = Settings {
            takes_work_tree: false,
            repo: self.scene.path(),
            target_branch: None,
            checkouts: self.scene.beside("checkouts"),
            audit: AuditLog::at(self.scene.beside("state/audit.jsonl")),
            limits: Limits::default(),
            approval: Rule::default(),
            own_program: env!("CARGO_BIN_EXE_aftercare").into(),
        };
        let mut lines = Vec::new();
        let outcome = Executor::new(Mode::Armed, settings)
            .unwrap()
            .execute(approved, &Scene::now, &AtomicBool::new(false), &mut |progress| {
                if let Progress::Line(_, line) = progress {
                    lines.push(line);
                }
            })
            .unwrap();
        (outcome.succeeded(), lines)
    }
}

#[test]
fn the_branch_arrives_before_the_deploy_command_runs_and_nothing_else_does() {
    let pushing = Pushing::new();
    let remote = pushing.scene.beside("remote.git");
    let look = ["git", "--git-dir", remote.to_str().unwrap(), "for-each-ref", "--format=%(refname)"];
    let approved = pushing.approved(&Push { remote: "origin".to_owned(), pull_request: None }, &look);
    let (succeeded, lines) = pushing.execute(&approved);
    assert!(succeeded, "{lines:?}");
    let branch = format!("refs/heads/{}", approved.plan().branch);
    assert!(lines.contains(&branch), "{lines:?}");
    let names: Vec<String> =
        pushing.bare.references().unwrap().map(|found| found.unwrap().name().unwrap().to_owned()).collect();
    assert_eq!(names, [branch.as_str()]);
    let pushed = pushing.bare.find_reference(&branch).unwrap().peel_to_commit().unwrap();
    assert_eq!(pushed.tree_id().to_string(), approved.plan().tree);
    // The same again finds everything in place.
    assert!(pushing.execute(&approved).0);
}

#[test]
fn a_refused_push_keeps_the_deploy_command_from_running() {
    let pushing = Pushing::new();
    let approved = pushing.approved(&Push { remote: "origin".to_owned(), pull_request: None }, &["echo", "deployed"]);
    fs::remove_dir_all(pushing.scene.beside("remote.git")).unwrap();
    let (succeeded, lines) = pushing.execute(&approved);
    assert!(!succeeded && !lines.contains(&"deployed".to_owned()), "{lines:?}");
    assert!(pushing.scene.repo().find_branch(&approved.plan().branch, git2::BranchType::Local).is_ok());
}

#[test]
fn the_plan_opens_the_pull_request_that_it_shows() {
    let pushing = Pushing::new();
    let (server, state) = Strict::start(Forge::GitLab, &[], false);
    let request = PullRequest {
        forge: "gitlab".to_owned(),
        api: server.url("/api"),
        project: "own er/sub/r".to_owned(),
        target: "main".to_owned(),
    };
    let push = Push { remote: "origin".to_owned(), pull_request: Some(request) };
    let approved = pushing.approved(&push, &[]);
    let step = approved.plan().steps.iter().filter(|step| step.runs).nth(1).unwrap().clone();
    let made = revert::commit(&pushing.scene.path(), &approved, None, Scene::now()).unwrap();
    // The environment of this process stays as it is, so the shown command is run as it would be.
    let output = Command::new(env!("CARGO_BIN_EXE_aftercare"))
        .args(&step.argv[1..])
        .current_dir(pushing.scene.path())
        .env("GITLAB_TOKEN", TOKEN)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "opened: https://forge.example/1");
    assert_eq!(state.lock().unwrap().opened, [(made.branch, "main".to_owned())]);
    let post = server.seen().into_iter().find(|request| request.method == "POST").unwrap();
    assert!(post.json()["title"].as_str().unwrap().starts_with("Roll back api to "));
    assert!(post.json()["description"].as_str().unwrap().contains("Takes back:"));
}

#[test]
fn the_settings_say_where_a_branch_goes() {
    let pushing = Pushing::new();
    let repo = pushing.scene.repo();
    repo.remote("hub", "git@github.com:o/r.git").unwrap();
    repo.remote("own", "https://git.example.org/g/r.git").unwrap();
    let of = |text: &str| {
        let layer = Layer::from_toml("a.toml", text).unwrap();
        let config = Config::resolve(vec![(Source::File("a.toml".to_owned()), layer)]).unwrap();
        push_of(&config.remedy, &pushing.scene.path(), Some("live"))
    };
    assert_eq!(of("").unwrap(), None);
    assert_eq!(of("[push]\nremote = \"origin\"").unwrap().unwrap().pull_request, None);
    let hub = of("[push]\nremote = \"hub\"\npull_request = true").unwrap().unwrap().pull_request.unwrap();
    assert_eq!(
        (hub.forge.as_str(), hub.api.as_str(), hub.project.as_str(), hub.target.as_str()),
        ("github", "https://api.github.com", "o/r", "live")
    );
    let own = "[push]\nremote = \"own\"\npull_request = true\n";
    assert!(of(own).unwrap_err().hint.contains("push.forge"));
    let own = of(&format!("{own}forge = \"gitea\"\ntarget = \"trunk\"")).unwrap().unwrap().pull_request.unwrap();
    assert_eq!((own.api.as_str(), own.target.as_str()), ("https://git.example.org/api/v1", "trunk"));
    assert!(of("[push]\nremote = \"nowhere\"").unwrap_err().hint.contains("push.remote"));
    assert!(of("[push]\nremote = \"origin\"\npull_request = true").unwrap_err().to_string().contains("no server"));
}
