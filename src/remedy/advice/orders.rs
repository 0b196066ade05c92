//! Knows the files from which coding agents take orders, keys or commands.
//!
//! Whoever can bring one of these into a repository can tell every agent that works there what to do, without a word in a
//! log: so no agent finds them in its folder, and no draft may change them.

/// Names of files, wherever they lie, in lower case.
const FILES: [&str; 21] = [
    "agents.md",
    "agent.md",
    "agents.override.md",
    "claude.md",
    "claude.local.md",
    "gemini.md",
    "qwen.md",
    "warp.md",
    "copilot-instructions.md",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
    ".rules",
    ".goosehints",
    ".aider.conf.yml",
    ".aider.model.settings.yml",
    "opencode.json",
    "opencode.jsonc",
    ".mcp.json",
    "mcp.json",
    // Several agents take variables from it, such as the address that they send their key to.
    ".env",
];

/// Names of folders, wherever they lie, in lower case: settings there may name commands to run.
const FOLDERS: [&str; 12] = [
    ".claude",
    ".codex",
    ".gemini",
    ".qwen",
    ".opencode",
    ".cursor",
    ".windsurf",
    ".clinerules",
    ".goose",
    ".roo",
    ".continue",
    ".kiro",
];

/// Whether a path is such a file.
#[must_use]
pub fn gives_orders(path: &str) -> bool {
    let path = path.to_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    FILES.contains(&name) || folders.split('/').any(|folder| FOLDERS.contains(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_agents_obey_are_told_from_others() {
        for path in
            ["AGENTS.md", "web/Claude.md", ".claude/settings.json", "a/.cursor/rules/x.mdc", ".env", ".mcp.json"]
        {
            assert!(gives_orders(path), "{path}");
        }
        for path in ["src/agents.py", "docs/claude.txt", "env", ".env.example", "claude/settings.json", "README.md"] {
            assert!(!gives_orders(path), "{path}");
        }
    }
}
