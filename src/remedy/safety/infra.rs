//! Finds changes of infrastructure that code does not take back: Terraform, Kubernetes, Helm, and what is `declared`.

mod declared;

use super::Findings;
use super::migration::hidden::speaks_of_loss;
use super::rules::{self, Rule};
use super::source::{self, Syntax, extension, mask};
use crate::triage::{FileChange, FileStatus};

/// Parts of the type names of resources that hold state.
const STATEFUL: &[&str] = &[
    "_db_",
    "db_instance",
    "rds",
    "aurora",
    "sql",
    "database",
    "dynamodb",
    "bucket",
    "storage",
    "kms",
    "key_ring",
    "crypto_key",
    "queue",
    "sqs",
    "sns_topic",
    "pubsub",
    "kinesis",
    "kafka",
    "msk",
    "elasticache",
    "redis",
    "memcache",
    "elasticsearch",
    "opensearch",
    "efs",
    "ebs",
    "disk",
    "volume",
    "secret",
    "cosmos",
    "spanner",
    "bigtable",
    "bigquery",
    "firestore",
    "documentdb",
    "neptune",
    "persistent_volume",
    "snapshot",
    "backup",
    "vault",
    "hosted_zone",
    "dns_zone",
];

pub(super) fn look_at<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    match extension(&file.path).as_str() {
        "tf" => terraform(file, findings),
        "yaml" | "yml" | "json" | "template" if declared::is_stack(file) => declared::stack(file, findings),
        "json" | "yaml" | "yml" if declared::is_index(file) => declared::index(file, findings),
        "hcl" if declared::is_schema(file) => declared::schema(file, findings),
        "yaml" | "yml" | "tpl" => kubernetes(file, findings),
        _ => {}
    }
}

/// Whether the name of a kind of resource tells that it holds state; parts are tied by underscores.
fn is_stateful(kind: &str) -> bool {
    STATEFUL.iter().any(|part| kind.contains(part))
}

/// The block of the outermost level that each line stands in, as its header.
fn blocks(text: &str) -> Vec<String> {
    let code = mask(text, Syntax::of("tf"));
    let mut depth = 0_i32;
    let mut header = String::new();
    let mut blocks = Vec::new();
    // How deep the labels began that are being read: they change nothing that is kept.
    let mut labels: Option<i32> = None;
    for (kept, shown) in code.code.lines().zip(code.text.lines()) {
        if depth == 0 {
            shown.split('{').next().unwrap_or_default().trim().clone_into(&mut header);
        }
        let word = shown.split(['=', '{', ' ']).find(|word| !word.is_empty()).unwrap_or_default();
        if depth > 0 && labels.is_none() && matches!(word.trim(), "tags" | "tags_all" | "labels" | "default_tags") {
            labels = Some(depth);
        }
        blocks.push(labels.map_or_else(|| header.clone(), |_| "labels".to_owned()));
        depth += kept.bytes().map(|byte| i32::from(byte == b'{') - i32::from(byte == b'}')).sum::<i32>();
        depth = depth.max(0);
        labels = labels.filter(|began| depth > *began);
    }
    blocks
}

fn terraform<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let head = blocks(file.head_text.as_deref().unwrap_or_default());
    let base = blocks(file.base_text.as_deref().unwrap_or_default());
    let mut seen: Vec<(&'static str, String)> = Vec::new();
    let mut judge = |block: Option<&String>, text: &str, line: u32| {
        let header = block.map(String::as_str).unwrap_or_default();
        let Some(rule) = terraform_rule(header, text) else { return };
        let key = (rule.id, header.to_owned());
        if !seen.contains(&key) {
            seen.push(key);
            findings.add(rule, line, &header.replace('"', ""));
        }
    };
    for hunk in &file.hunks {
        for (line, text) in (hunk.old_start..).zip(&hunk.removed) {
            let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
            let shown = if file.status == FileStatus::Deleted { line } else { hunk.new_start.max(1) };
            judge(base.get(index), text, shown);
        }
        for (line, text) in (hunk.new_start..).zip(&hunk.added) {
            let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
            judge(head.get(index), text, line);
        }
    }
}

fn terraform_rule(header: &str, line: &str) -> Option<&'static Rule> {
    let line = line.trim();
    if line.is_empty()
        || line == "}"
        || line.starts_with(['#', '/'])
        || line.starts_with("tags")
        || line.starts_with("description")
    {
        return None;
    }
    let kind = header.split_whitespace().next().unwrap_or_default();
    let scaling = ["min_size", "max_size", "desired_capacity", "desired_count", "min_capacity", "max_capacity"];
    match kind {
        "resource" if line.starts_with("lifecycle") || line.starts_with("prevent_destroy") => {
            Some(&rules::TERRAFORM_STATE)
        }
        "resource" if scaling.iter().any(|key| line.starts_with(key)) => None,
        "resource" => Some(if is_stateful(header) { &rules::TERRAFORM_STATEFUL } else { &rules::TERRAFORM_RESOURCE }),
        "moved" | "removed" | "import" => Some(&rules::TERRAFORM_STATE),
        "terraform" | "provider" if line.contains("version") || line.contains("backend") => {
            Some(&rules::TERRAFORM_PROVIDER)
        }
        "module" => Some(&rules::TERRAFORM_RESOURCE),
        _ => None,
    }
}

/// One document of a file with manifests.
struct Document<'a> {
    first: u32,
    lines: Vec<&'a str>,
    kind: String,
    name: String,
}

fn documents(text: &str) -> Vec<Document<'_>> {
    let mut documents: Vec<Document<'_>> =
        vec![Document { first: 1, lines: Vec::new(), kind: String::new(), name: String::new() }];
    for (number, line) in (1_u32..).zip(text.lines()) {
        if line.trim_end() == "---" {
            documents.push(Document { first: number + 1, lines: Vec::new(), kind: String::new(), name: String::new() });
            continue;
        }
        let Some(open) = documents.last_mut() else { continue };
        if let Some(kind) = line.strip_prefix("kind:") {
            kind.trim().clone_into(&mut open.kind);
        }
        if let Some(name) = line.strip_prefix("  name:").filter(|_| open.name.is_empty()) {
            name.trim().clone_into(&mut open.name);
        }
        open.lines.push(line);
    }
    documents.retain(|document| !document.kind.is_empty());
    documents
}

fn kubernetes<'a>(file: &'a FileChange, findings: &mut Findings<'a>) {
    let head = documents(file.head_text.as_deref().unwrap_or_default());
    let base = documents(file.base_text.as_deref().unwrap_or_default());
    let same = |one: &Document<'_>, other: &Document<'_>| one.kind == other.kind && one.name == other.name;
    for document in &head {
        let old = base.iter().find(|old| same(old, document));
        if let Some((rule, line)) = object(document, old) {
            findings.add(rule, line, &said(document));
        }
    }
    for document in base.iter().filter(|old| !head.iter().any(|new| same(new, old))) {
        let line = if file.head_text.is_some() { source::first_changed(file) } else { document.first };
        let rule = match document.kind.as_str() {
            "CustomResourceDefinition" => &rules::KUBERNETES_CRD,
            "PersistentVolumeClaim" | "PersistentVolume" | "StatefulSet" => &rules::KUBERNETES_STORAGE,
            _ => &rules::KUBERNETES_OBJECT,
        };
        findings.add(rule, line, &said(document));
    }
}

fn said(document: &Document<'_>) -> String {
    format!("{} {}", document.kind, document.name).trim().to_owned()
}

/// What a document that is there after the change means, and the first line of it that does.
fn object(new: &Document<'_>, old: Option<&Document<'_>>) -> Option<(&'static Rule, u32)> {
    let first_difference = || {
        let index =
            old.and_then(|old| (0..new.lines.len()).find(|&index| new.lines.get(index) != old.lines.get(index)));
        new.first.saturating_add(u32::try_from(index.unwrap_or(0)).unwrap_or(0))
    };
    if old.is_some_and(|old| old.lines == new.lines) {
        return None;
    }
    let is_hook = new.lines.iter().any(|line| line.contains("helm.sh/hook"));
    if is_hook {
        let destroys = new.lines.iter().any(|line| speaks_of_loss(line) && !line.contains("helm.sh/hook-"));
        return Some((if destroys { &rules::HOOK_DESTROYS } else { &rules::HELM_HOOK }, first_difference()));
    }
    let changed = |section: &str| {
        let part = section_of(new, section);
        old.is_some_and(|old| {
            section_of(old, section).map(|(_, lines)| lines) != part.as_ref().map(|(_, lines)| lines.clone())
        })
        .then(|| part.map_or_else(first_difference, |(line, _)| line))
    };
    match new.kind.as_str() {
        "CustomResourceDefinition" => Some((&rules::KUBERNETES_CRD, first_difference())),
        "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" => {
            Some((&rules::KUBERNETES_STORAGE, first_difference()))
        }
        "StatefulSet" => match (old, changed("volumeClaimTemplates:")) {
            (_, Some(line)) => Some((&rules::KUBERNETES_STORAGE, line)),
            (None, None) => Some((&rules::KUBERNETES_STORAGE, first_difference())),
            (Some(_), None) => changed("selector:").map(|line| (&rules::KUBERNETES_SELECTOR, line)),
        },
        "Service" | "Deployment" | "DaemonSet" | "ReplicaSet" => match changed("selector:") {
            Some(line) => Some((&rules::KUBERNETES_SELECTOR, line)),
            None => old.is_none().then(|| (&rules::KUBERNETES_OBJECT, first_difference())),
        },
        "ConfigMap"
        | "HorizontalPodAutoscaler"
        | "PodDisruptionBudget"
        | "ServiceMonitor"
        | "PrometheusRule"
        | "Kustomization"
        | "CronJob"
            if old.is_some() =>
        {
            None
        }
        _ if old.is_none() => Some((&rules::KUBERNETES_OBJECT, first_difference())),
        "Ingress" | "NetworkPolicy" | "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" | "Job" => {
            Some((&rules::KUBERNETES_OBJECT, first_difference()))
        }
        _ => None,
    }
}

/// The first section of this name: its line and its lines.
fn section_of<'a>(document: &Document<'a>, name: &str) -> Option<(u32, Vec<&'a str>)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let at = document.lines.iter().position(|line| line.trim() == name)?;
    let own = indent(document.lines.get(at)?);
    let rest = document.lines.get(at + 1..)?;
    let lines = rest.iter().take_while(|line| {
        line.trim().is_empty() || indent(line) > own || (indent(line) == own && line.trim_start().starts_with('-'))
    });
    Some((document.first.saturating_add(u32::try_from(at).unwrap_or(0)), lines.copied().collect()))
}
