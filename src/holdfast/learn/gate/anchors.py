"""Count what ties a text to one repository: names, commands, files, settings, errors, versions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.hook.patterns import regex
from holdfast.learn.gate.text import Text

_EXTENSIONS = (
    "py|pyi|ts|tsx|js|jsx|mjs|cjs|mts|go|rs|rb|java|kt|swift|c|h|cc|cpp|hpp|cs|php|sh|bash|zsh"
    "|ps1|sql|json|jsonl|json5|ya?ml|toml"
    "|ini|cfg|conf|env|md|mdx|rst|txt|lock|proto|html|css|scss|vue|svelte|xml|csv|tf|tfvars"
    "|gradle|mod|sum|plist|snap|db|sqlite|mk"
)
_STRONG = (
    regex(
        r"(?<![\w/])(?:[\w.@~-]+/){2,}[\w.@*<>-]*|(?<![\w/])[\w.@~-]*[._@~-][\w.@~-]*/[\w.@*<>-]+"
        r"|(?<![\w/])[\w-]+/(?=[\s,.;:)]|$)"
        r"|(?<![\w/])[\w-]+/[\w-]*[._][\w.-]+|(?<![\w.:/])/(?:[\w.-]+/)*[\w.-]*\w"
    ),
    regex(
        rf"(?<![\w/])[\w@-][\w.@-]*\.(?:{_EXTENSIONS})\b(?!\.?\w)|(?<![\w/.*])\*\.\w+"
        rf"|(?<![\w/.)])\.[a-z][\w-]{{2,}}(?:\.\w+)*",
        re.IGNORECASE,
    ),
    regex(
        r"\b(?:Makefile|Dockerfile|Justfile|Taskfile|Rakefile|Gemfile|Procfile|Jenkinsfile|Vagrantfile)\b",
        re.IGNORECASE,
    ),
    regex(r"(?<![\w-])--?[a-z][a-z][\w-]*(?:=\S+)?"),
    regex(r"\b_{0,2}[A-Za-z]\w*_\w*\b(?:=\S+)?"),
    regex(r"\b(?!(?:iOS|macOS|iPhone|iPad)\b)[a-z]+[A-Z]\w*\b"),
    regex(
        r"\b(?!(?:GitHub|GitLab|TypeScript|JavaScript|OpenAI|ChatGPT|YouTube|LinkedIn|PowerShell"
        r"|DevOps|IntelliJ|GraphQL|MySQL|NoSQL|PostgreSQL)\b)"
        r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\b"
    ),
    regex(
        r"\b\w+(?:\.\w+)*(?:\(\)|\{\}|\[\])|\b[a-z]\w+(?:\.[A-Za-z]\w+)+(?=\()|\$\{?\w{2,}\}?"
        r"|\b[a-z]\w+\.[A-Z]\w+"
    ),
    regex(r"\b(?:E[A-Z]{4,}|[A-Z]{1,4}\d{3,5}|[A-Z]\w*(?:Error|Exception|Warning))\b"),
    regex(r"(?<![\w.])@[\w-]+/[\w.-]+|\b[\w-]+@\d[\w.-]*|\b[A-Z][A-Z0-9]+=\S+"),
)
_MEDIUM = (
    regex(r"\bv?\d+\.\d+(?:\.\d+)?(?:-[\w.]+)?\b|\bv\d+\b(?!\.)"),
    regex(
        r"\bport \d{2,5}\b|\bexit (?:code|status) \d+|\b(?:HTTP )?[45]\d\d\b|\b\d[\d_]*\s?(?:ms|s|sec"
        r"|seconds|min|minutes|hours?|[KMG]i?B|bytes|%|jobs/s)(?!\w)"
    ),
    regex(r"(?<![\w-])-[a-zA-Z]\b|\b[a-z]+-[a-z]*\d\w*\b"),
)
TOOLS = frozenset(
    """
    npm npx pnpm yarn bun deno node tsx tsc ts-node esbuild vite vitest webpack rollup tsup turbo nx
    eslint prettier biome jest mocha playwright cypress storybook babel pip pipx uv poetry pdm conda tox
    nox pytest mypy ruff flake8 pylint black isort django flask fastapi celery pydantic numpy pandas
    sqlalchemy alembic psycopg gunicorn uvicorn cargo rustc clippy tokio serde gopls gofmt golangci-lint
    go-git cmake bazel ninja gradle maven gcc clang docker docker-compose podman kubectl helm terraform
    ansible nginx redis postgres postgresql sqlite mysql mongodb kafka rabbitmq elasticsearch grpc
    grpcio protobuf direnv mise asdf brew apt apk systemd tmux ssh rsync libpq rails rspec bundler
    sidekiq mix phoenix xcode xcodebuild cocoapods gh husky lefthook pre-commit dependabot renovate
    tsconfig conftest dotenv openapi swagger prisma drizzle knex typeorm nextjs next.js react-native
    expo electron tensorboard chromium undici chalk axios zod openssl tty pty stdin stdout stderr cjs
    esm symlink symlinks lockfile worktree worktrees gitignore submodule submodules monorepo tsbuildinfo
    shellcheck ulimit inotify alpine debian ubuntu macos ios windows github gitlab jira auth0 stripe
    sentry datadog s3 aws gcp azure cloudflare vercel netlify fly.io heroku gemini copilot claude codex
    cursor opencode
    """.split()
)
_COMMON_NAMES = frozenset(
    """
    i api apis cli ci cd pr prs ui ux url urls http https json yaml xml html css sql os id ids ok tdd
    dry kiss solid yagni lgtm todo readme english monday tuesday wednesday thursday friday saturday
    sunday january february april june july august september october november december python go golang
    rust java javascript typescript ruby swift kotlin php c bash git unicode ascii utf ai llm ide faq
    wip fyi done note system user agent agents fix failure pattern decision gotcha until never always
    only not no all and or but if when use do don't
    """.split()
)
_UNIVERSAL = regex(
    r"^(?:git [a-z-]+(?: -m)?|npm (?:install|test|start|i)|pip install|make|ls|cd"
    r"|docker|git|npm|python|node|any|true|false|null|none|main|master|test|tests|e\.?g\.?|\w{1,2}"
    r"|(?:feat|fix|docs|chore|refactor|test|style|perf):?|const|let|var|if|else|for|while|return"
    r"|class|def|function|import)$",
    re.IGNORECASE,
)
_NAME = regex(r"(?<=[a-z,;(0-9] )[A-Z][A-Za-z0-9]+\b|\b[A-Z]{3,}[0-9]*s?\b")
_COMPOUND = regex(r"\b[a-z]+(?:-(?!(?:to|of|by|and|the|in|or|an?|on|for)-)[a-z]+){2,}\b")
_WORD = regex(r"[A-Za-z][\w.+-]*\w")


@dataclass(frozen=True)
class Anchors:
    """Count distinct anchors: this repository's own names, figures, tools and proper names.

    Attributes:
        prose: How many of the strong ones stand outside code and quotes.
    """

    strong: int
    medium: int
    weak: int
    prose: int

    @property
    def weight(self) -> float:
        """Return their sum: 1 a strong one, 0.6 a medium one, 0.5 a weak one; each sort is capped at 4."""
        return min(self.strong, 4) + 0.6 * min(self.medium, 4) + 0.5 * min(self.weak, 4)


def count(text: Text) -> Anchors:
    """Return how many distinct anchors a text has."""
    strong = {span.lower() for span in text.code if not _UNIVERSAL.match(span)}
    strong |= {quote.lower() for quote in text.quotes if len(quote.split()) > 1 or _is_strong(quote)}
    rest = text.bare
    prose: set[str] = set()
    for pattern in _STRONG:
        found = {match.group().lower() for match in pattern.finditer(rest)}
        if found:
            prose |= found
            rest = pattern.sub(" ◆ ", rest)
    medium = {match.group().lower() for pattern in _MEDIUM for match in pattern.finditer(rest)}
    usual = {span.lower() for span in text.code if _UNIVERSAL.match(span) and len(span) > 2}
    tools = usual | {word.lower() for word in _WORD.findall(rest) if word.lower() in TOOLS}
    tools |= {word.lower() for word in _COMPOUND.findall(rest)}
    names = {name.lower() for name in _NAME.findall(rest)} - _COMMON_NAMES
    return Anchors(len(strong | prose), len(medium), len(tools | names), len(prose))


def _is_strong(word: str) -> bool:
    return any(pattern.search(word) for pattern in _STRONG)
