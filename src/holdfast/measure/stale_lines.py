"""Instruction lines that name what is not there: seen without any session.

A line is stale when it refers to a file, folder, task or script of the repository that does not exist. Only
references count: what a line tells to create, what a build makes, what is ignored by git, placeholders and
patterns, and what the line itself says is gone are left alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from holdfast.errors import GitError, HoldfastError
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import PLACE, PROGRAMS, parts, prose_of, spans
from holdfast.learn.instructions import InstructionLine
from holdfast.learn.prohibitions import in_another_tongue, tells_of_the_past
from holdfast.measure.project_tree import ProjectTree
from holdfast.measure.renamed_files import Renames
from holdfast.repo import git


class StaleLine(msgspec.Struct, frozen=True, gc=False):
    """A line that names what is not there.

    Attributes:
        missing: What it names: a path, or a task such as ``make docs``.
        renamed_to: Where the file is now, when that is known.
    """

    path: str
    line: int
    text: str
    missing: str
    renamed_to: str | None = None


_SUFFIX = (
    r"(?:py|pyi|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|go|rs|rb|java|kt|kts|swift|c|h|cc|cpp|hpp|cs"
    r"|php|ex|exs|scala"
    r"|sh|bash|zsh|ps1|sql|md|mdx|mdc|rst|txt|adoc|json|jsonc|ya?ml|toml|ini|cfg|conf|html|css|scss"
    r"|proto|graphql"
    r"|tf|gradle|rake|gemspec|lock|env|mk|plist|prisma|astro|hcl|snap|ipynb|lua|zig|dart|erb|xml|csv)"
)
_PATH = regex(r"(?:\./)?[\w.@-]+(?:/[\w.@+-]+)*/?\Z")
_FILE = regex(rf"[\w.@/+-]*\w\.{_SUFFIX}\Z")
_LINK = regex(r"(?<!!)\[[^\]\n]{0,200}\]\(([^)\s#?]{1,400})(?:#[^)\s]{0,400})?\)")
_MADE = regex(
    r"\b(?:creat\w+|generat\w+|writ(?:e|es|ten|ing)|produc\w+|outputs?|emits?|emitted|sav(?:e|es|ed)|new"
    r"|built|builds?"
    r"|compiled?|temp(?:orary)?|gitignored?|ignored?|untracked|artifacts?|cache\w*|copy|copied|cp"
    r"|add(?:s|ed|ing)?|touch"
    r"|rename\w*|e\.g\.|for example|such as|like|example|similar to|named?|called|pattern|would|could|might"
    r"|delet\w+|remov\w+|optional\w*|if (?:present|it exists|exists)|exists?|never|do not|don['’]t|avoid"
    r"|must not"
    r"|scaffold\w*|downloads?|missing|instead of|rather than"
    r"|published|mount\w*|container|upstream|external|lands?|ends? up|leaves?|comes? from|derived|fetched"
    r"|installed|unpack\w*|extract\w*|record(?:s|ed)|upload\w*|packed|bundled|transpiled|minified"
    r"|dump\w*|export\w*"
    r"|print(?:s|ed)|branch(?:es)?|tags?|remote|header|media type|image|url|endpoint|route|key|scope"
    r"|package|module"
    r"|import path|namespace|refs?"
    r"|prefix|bucket|topic|queue|plan(?:s|ned)?|will|todo|soon|future|eventually|yet|rewrit\w+|renew\w*"
    r"|refresh\w*|updated? by)\b",
    re.IGNORECASE,
)
_NO_FOLDER = regex(
    r"^(?:https?|refs|origin|upstream|feature|feat|fix|bugfix|hotfix|release|application|text|image"
    r"|audio|video|github"
    r"|gitlab|and|or|n|tmp|usr|etc|var|dev|proc|opt|home|mnt|node_modules|dist|build|out|target|coverage"
    r"|\.venv|venv"
    r"|__pycache__|bin|obj|tmp|temp|logs?|results?|reports?|artifacts?|screenshots?|\.next|\.cache|\.git"
    r"|vendor|generated|gen|client|server|true|yes|input|read"
    r"|before|on|docker\.io|ghcr\.io|registry|localhost|example)$|\.(?:com|org|io|dev|net|sh|rs)$",
    re.IGNORECASE,
)
_STRUCTURE = regex(r"^\s*(?:[-*+]|\d+[.)])?\s*[*_]*\Z")
_REFERS = regex(
    r"\b(?:see|read|reads|in|from|edit|update|check|follow|per|under|at|of|lives? in|defined in"
    r"|documented in|found in"
    r"|refer to|described in|listed in|handled (?:in|by)|implemented in|configured in|via|with|run|open"
    r"|import\w*|and"
    r"|consult|look at|start (?:with|at|from)|entry point:?|use|uses|using|goes? (?:in|into)|belongs? in"
    r"|live in"
    r"|located (?:in|at)|stored in|kept in|through|the)[\s:*_]*\Z|:[\s*_]*\Z",
    re.IGNORECASE,
)
_MADE_FOLDERS = regex(
    r"(?:^|/)(?:generated|__generated__|gen|build|dist|out|target|tmp|temp|cache|node_modules|v\d+)/"
    r"|\.pb\.\w+\Z|_pb2\w*\.py\Z|\.(?:gen|generated|min)\.\w+\Z|\.sql\.go\Z",
    re.IGNORECASE,
)
_MAKES = regex(
    r"\b(?:generate|gen|build|codegen|compile|protoc|sqlc|buf|openapi|prisma|bundle|sync|export|snapshot"
    r"|dump|spec)\b"
)
_REQUEST = regex(r"\b(?:GET|POST|PUT|PATCH|DELETE|HTTP|URL|API)\b")
_OFTEN_MADE = regex(
    r"\.(?:json|html|css|js|xml|csv|txt|lock|env|map|png|svg|sqlite|db|log|key|pem|toml|ini|conf)\Z"
    r"|(?:^|/)(?:data|cache|storage|uploads|assets|public|static|fixtures|snapshots|media|state|sessions"
    r"|runs)/",
    re.IGNORECASE,
)
"""What is as often made by a run as kept in the tree."""
_EXAMPLE = regex(r"foo|bar\b|example|my[_-]|xxx|your|some|path/to|YYYY|NNN", re.IGNORECASE)
_CLAUSE_END = regex(r"[.;!?]\s|\s[—–]\s")
_DESCRIBED = regex(r"[*_]*\s*(?:[-—–:|(]|$)")
_RUNS_SCRIPTS = frozenset(["npm", "pnpm", "bun", "yarn"])
_OPTIONS_WITH_VALUE = frozenset(
    "-C --prefix --dir --cwd --filter -F -w --workspace -f --file --directory -j".split()
)
_NONE_IGNORED = 1
_HALVINGS = 7
"""How often paths that git gives up at are halved."""
_INTERPRETERS = regex(r"(?:python[\d.]*|node|bash|sh|zsh|ruby|perl|php|tsx|ts-node|deno|bun)\Z")


def stale_lines(root: Path, lines: Sequence[InstructionLine]) -> list[StaleLine]:
    """Return the lines that name what is not there, each once, in the order of the files.

    Args:
        root: The worktree.
        lines: From `read_instructions`.
    """
    tree = ProjectTree(root)
    suspects: dict[tuple[str, int], tuple[InstructionLine, str, bool]] = {}
    for line in lines:
        key = line.path, line.line
        words = prose_of(line.text)
        if key in suspects or tells_of_the_past(words) or in_another_tongue(words):
            continue
        if tells_of_the_past(line.heading):
            continue
        for missing, is_path in missing_of(tree, line):
            suspects[key] = line, missing, is_path
            break
    ignored = ignored_by_git(root, [missing for _, missing, is_path in suspects.values() if is_path])
    renames = Renames(root, tree)
    return [
        StaleLine(line.path, line.line, line.text, missing, renames.of(missing) if is_path else None)
        for line, missing, is_path in suspects.values()
        if not (is_path and missing in ignored)
    ]


def missing_of(tree: ProjectTree, line: InstructionLine) -> Iterator[tuple[str, bool]]:
    """Yield what a line names and the tree does not hold; True for a path."""
    beside = posixpath.dirname(line.path)
    for match in _LINK.finditer(line.text):
        target = match.group(1)
        foreign = re.match(r"[a-z]+:|/|<|mailto", target, re.IGNORECASE) or "{" in target
        inside = posixpath.normpath(posixpath.join(beside, target))
        if foreign or inside.startswith("..") or not (_FILE.match(inside) or target.endswith("/")):
            continue
        if not tree.holds(target, beside) and not tree.holds(inside):
            yield inside, True
    if line.forbidden:
        return
    for command in line.commands:
        for words in parts(command):
            yield from missing_of_command(tree, words, beside, line.folder or commands.directory(command))
    found = list(spans(line.text))
    for span in found:
        named = _names_a_path(tree, line.text[: span.start], span.text, line.text[span.end :])
        if named and not tree.holds(span.text, beside):
            yield span.text.removeprefix("./"), True


def _names_a_path(tree: ProjectTree, before: str, text: str, behind: str) -> bool:
    """Tell whether a code span refers to a path of the repository that ought to be there."""
    first = text.split("/")[0]
    if not _PATH.match(text) or "/" not in text or text.startswith((".", "@", "-")) or ".." in text:
        return False
    if _EXAMPLE.search(text) or _NO_FOLDER.search(first):
        return False
    clause, after = _CLAUSE_END.split(before)[-1], _CLAUSE_END.split(behind)[0]
    if _MADE.search(clause) or _MADE.search(after) or _MADE_FOLDERS.search(text):
        return False
    if _REQUEST.search(before + behind) or any(_MAKES.search(span.text) for span in spans(before + behind)):
        return False
    listed = bool(_STRUCTURE.match(before)) or before.rstrip().endswith("|")
    structure = listed and bool(_DESCRIBED.match(behind))
    if not (_FILE.match(text) or text.endswith("/") or (structure and first in tree.folders)):
        return False
    if first not in tree.folders and _OFTEN_MADE.search(text):
        return False
    begins = not clause.strip(" -*_0123456789.")
    return structure or begins or bool(_REFERS.search(before)) or first in tree.folders


def missing_of_command(
    tree: ProjectTree, words: list[str], beside: str, folder: str
) -> Iterator[tuple[str, bool]]:
    """Yield the task or script that a command runs, when the tree does not have it."""
    program = words[0]
    names = _plain(words[1:])
    if any(PLACE in word for word in names[:2]):
        return
    task = _task(program, names)
    if task is not None:
        defined = _defined(tree, program)
        if program == "make" and ("-f" in words or not tree.makes_in(folder or _folder_option(words))):
            return
        if defined is not None and task not in defined and tree.has_task_file(program):
            yield (
                f"{program} {'run ' if program != 'make' and program not in ('just', 'task') else ''}{task}",
                False,
            )
        return
    script = ""
    if _INTERPRETERS.match(program) and names and _FILE.match(names[0]):
        script = names[0]
    elif program.startswith(("./", "scripts/", "bin/", "tools/", "hack/")) and _PATH.match(program):
        folders = program.removeprefix("./").rpartition("/")[0]
        script = program if _FILE.match(program) or folders in tree.folders else ""
    elif program in ("bash", "sh") and names:
        script = names[0]
    if script and "/" in script and not script.startswith(("/", "..", "~", "./node_modules", "node_modules")):
        first = script.removeprefix("./").split("/")[0]
        if _NO_FOLDER.search(first) and first != "bin":
            return
        if folder and tree.holds(posixpath.join(folder, script)):
            return
        if not tree.holds(script, beside) and not any(word in words for word in ("docker", "ssh")):
            yield script.removeprefix("./"), True


def _plain(words: list[str]) -> list[str]:
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in _OPTIONS_WITH_VALUE:
            skip = True
        elif not word.startswith("-") and "=" not in word:
            found.append(word)
    return found


def _folder_option(words: list[str]) -> str:
    at = next((at for at, word in enumerate(words) if word in ("-C", "--directory")), len(words))
    return words[at + 1] if at + 1 < len(words) else ""


def _task(program: str, names: list[str]) -> str | None:
    """Return the task of the repository that a command runs; None when it runs something else."""
    if program in ("make", "just", "task"):
        return names[0] if names and re.match(r"[\w:.-]+\Z", names[0]) else None
    if program == "mise":
        return names[1] if len(names) > 1 and names[0] == "run" else None
    if program in _RUNS_SCRIPTS and len(names) > 1 and names[0] in ("run", "run-script"):
        name = names[1]
        is_program = name == "env" or (program in ("bun", "yarn") and name in PROGRAMS)
        return name if re.match(r"[\w:-]+\Z", name) and not is_program else None
    return None


def _defined(tree: ProjectTree, program: str) -> frozenset[str] | None:
    if program == "make":
        return tree.make_targets
    if program == "just":
        return tree.recipes
    if program == "task":
        return tree.task_names
    return tree.mise_tasks if program == "mise" else tree.scripts


def ignored_by_git(root: Path, paths: list[str], halvings: int = _HALVINGS) -> set[str]:
    """Return the paths that git ignores: what is made there is not in the tree.

    Git answers for none where one lies behind a link or in a submodule. Then each half is asked by itself,
    and what is still not known at the end counts as ignored, so that nobody is accused.
    """
    if not paths:
        return set()
    given = "\0".join(paths).encode("utf-8", "surrogateescape")
    try:
        found = git.run(["check-ignore", "-z", "--stdin"], cwd=root, input=given)
    except GitError as error:
        if error.returncode == _NONE_IGNORED or "not a git repository" in error.stderr:
            return set()
        if len(paths) == 1 or not halvings:
            return set(paths)
        half = len(paths) // 2
        first, rest = (ignored_by_git(root, part, halvings - 1) for part in (paths[:half], paths[half:]))
        return first | rest
    except HoldfastError:
        return set()
    return set(found.decode("utf-8", "surrogateescape").split("\0")) - {""}
