"""What would leave the machine holds nothing of a person's: planted, ingested, previewed, sent, compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo import ids, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository
from holdfast.testing.sessions import ClaudeSession, CodexSession

Run = Callable[..., Any]
FIXTURES = Path(__file__).parents[1] / "transcripts" / "fixtures"

USER = "adalovelace"
HOME = f"/home/{USER}"
ROOT = f"{HOME}/shop"
SECOND = "gracehopper"
WINDOWS = rf"C:\Users\{SECOND}\shop"
EMAIL = "charles.babbage@difference-engine.com"
HOST = "analytical-engine"
SERVER = "build7.difference.internal"
ADDRESS = "10.31.7.99"
GITHUB = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
AWS = "AKIA" + "QWERTYUIOPASDFGH"
PASSWORD = "hunter2Zebra99"
PROMPT = "flamingo prompt: mend the ledger for our customer Umbrella"
PROSE = "pelican prose: I think the ledger is broken since Tuesday"
ANSWER = "Ostrich store, since the boss likes it"
PLAN = "# Kingfisher plan\n\nMove the ledger into its own module, for the customer."
WORDS = "Never regenerate `package-lock.json` with npm install, the toucan release broke on it."
BECAUSE = "heron: it cannot stream, so the ledger must be rewritten by hand"

PLANTED = {
    "user": USER,
    "second user": SECOND,
    "email": EMAIL,
    "its name": "babbage",
    "its domain": "difference-engine",
    "host": HOST,
    "server": "build7",
    "address": ADDRESS,
    "token": GITHUB,
    "key": AWS,
    "password": PASSWORD,
    "prompt": "flamingo",
    "prose": "pelican",
    "answer": "ostrich",
    "plan": "kingfisher",
    "rejection": "toucan",
    "reason": "heron",
}


def claude_sessions() -> Iterator[ClaudeSession]:
    for number in range(3):
        made = ClaudeSession(f"0badcaf{number}-0000-4000-8000-00000000000{number}", root=ROOT, start=1.77e9)
        made.prompt(f"{PROMPT}; write to {EMAIL}")
        made.say(PROSE)
        _work(made)
        ask(made)
        made.reject("npm install", WORDS)
        made.edit("shop/store.py", "import sqlite3", "import lmdb")
        made.say(f"{BECAUSE}. I go back to sqlite3.")
        made.bash("git checkout -- shop/store.py", "Updated 1 path from the index")
        made.edit("shop/store.py", "x = 1", f"PASSWORD = '{PASSWORD}'  # {EMAIL}")
        made.bash('git commit -am "Mend it"', "[main 1a2b3c4] Mend it")
        yield made


def codex_session() -> CodexSession:
    made = CodexSession("5ca1ab1e-0000-7000-8000-000000000001", root=ROOT, start=1.77e9)
    made.prompt(f"{PROMPT}; write to {EMAIL}")
    made.say(PROSE)
    _work(made)
    return made


def windows_session() -> ClaudeSession:
    made = ClaudeSession("0badcaff-0000-4000-8000-000000000009", root=WINDOWS, start=1.77e9)
    made.prompt(PROMPT)
    made.bash(rf"pytest -q {WINDOWS}\tests", rf"ERROR: not found: {WINDOWS}\tests", exit_code=4)
    made.bash("pytest -q", "3 passed")
    made.bash(rf"type {WINDOWS}\a.txt", rf"type: unknown option {WINDOWS}\a.txt for {SECOND}", exit_code=2)
    made.bash("type a.txt", "ok")
    made.edit("shop\\a.py", "x", "y")
    return made


def _work(made: Any) -> None:
    """Fail and get past it in every way that leaves a learning, with private things in each."""
    made.bash(f"pytest -q {ROOT}/tests", f"ERROR: file or directory not found: {ROOT}/tests", exit_code=4)
    made.bash("pytest -q", "3 passed")
    failing = f"curl -H 'Authorization: Bearer {GITHUB}' https://{SERVER}/v1"
    made.bash(failing, f"curl: (22) unknown option: {HOME}/x key {AWS} {EMAIL}", exit_code=2)
    made.bash(failing.replace("curl", "curl --fail"), "ok")
    made.bash(
        f"ssh -q {USER}@{HOST} make",
        f"ssh: unknown option -- q\n{USER}@{HOST}: denied for {USER}",
        exit_code=255,
    )
    made.bash(f"ssh {USER}@{HOST} make", "ok")
    made.bash(f"rsync -az --what dist/ {HOST}:/srv/www", "rsync: --what: unknown option", exit_code=1)
    made.bash(f"rsync -az dist/ {HOST}:/srv/www", "ok")
    made.bash(f"psql -h {SERVER} -U {USER} -W", f"psql: error: role {USER} at {ADDRESS}: invalid option", 2)
    made.bash(f"psql -h {SERVER} -U {USER}", "ok")
    made.bash(
        f"deploy --password {PASSWORD} --as {EMAIL} --now", f"error: unknown option --now {PASSWORD}", 1
    )
    made.bash(f"deploy --password {PASSWORD} --as {EMAIL}", "ok")
    made.bash(f'git commit --al -m "{PROSE}" -q', "error: unknown option `al'", exit_code=129)
    made.bash(f'git commit --all -m "{PROSE}" -q', "[main 1a2b3c4] done")
    made.bash(f"gh pr create --boddy '{PROSE}' -t '{PROSE}'", "unknown flag: --boddy", exit_code=1)
    made.bash(f"gh pr create --body '{PROSE}' -t '{PROSE}'", "ok")
    made.bash(f'claude --prnt "{PROMPT}"', "error: unknown option '--prnt'", exit_code=1)
    made.bash(f'claude --print "{PROMPT}"', "ok")
    made.bash(
        f"tee --appendd n.md <<'EOF'\n{PROSE}\nEOF", "tee: unrecognized option '--appendd'", exit_code=1
    )
    made.bash(f"tee --append n.md <<'EOF'\n{PROSE}\nEOF", "ok")
    dashed = f"{HOME}/.claude/projects/-home-{USER}-shop/x.jsonl"
    made.bash(f"cat --bad {dashed}", f"cat: unrecognized option '--bad' for -home-{USER}-shop", exit_code=1)
    made.bash(f"cat {dashed}", "ok")
    encoded = EMAIL.replace("@", "%40")
    made.bash(f"curl --bad 'https://x.io/?m={encoded}'", f"curl: option --bad: is unknown {encoded}", 2)
    made.bash(f"curl 'https://x.io/?m={encoded}'", "ok")
    made.bash(f"docker run --bad -v {HOME}/data:/data -e U={USER} app", "unknown flag: --bad", exit_code=125)
    made.bash(f"docker run -v {HOME}/data:/data -e U={USER} app", "ok")
    made.bash(f"sudo -u {USER} -H{USER} id", f"sudo: invalid option -- 'H' for {USER.title()}", exit_code=1)
    made.bash(f"sudo -u {USER} id", "ok")
    made.bash(f"ls /home/{USER}/.secrets/{SECOND}", f"ls: cannot access '/home/{SECOND}'", exit_code=2)
    made.edit(f"docs/{USER}.md", "old", "new")


def ask(made: ClaudeSession) -> None:
    """Ask the person, and have a plan approved, as Claude Code's log tells both."""
    questions = [{"question": "Which store?", "header": "Store", "options": [{"label": "Emu"}]}]
    call = made._call("AskUserQuestion", {"questions": questions}, 30)
    made._result(call, f'User has answered your questions: "Which store?"="{ANSWER}".', failed=False)
    call = made._call("ExitPlanMode", {"plan": PLAN}, 40)
    made._result(call, f"User has approved your plan.\n\n## Approved Plan:\n{PLAN}", failed=False)


OTHERS = ["gemini-session.jsonl", "gemini-document.json", "copilot-session.jsonl", "qwen-session.jsonl",
          "pi-session.jsonl", "opencode-session.jsonl", "opencode-export.json", "mini-trajectory.json",
          "aider-history.md", "specstory-history.md"]  # fmt: skip


def with_private_things(text: str) -> str:
    """Return a sample session of any format in which a person, a machine and prompts are named."""
    for said in ("mend the total", "make the tests pass", "run the tests", "THOUGHT: look"):
        text = text.replace(said, f"flamingo {said} for {EMAIL}")
    text = text.replace("Running the tests.", "pelican: running them.")
    text = text.replace("make test", f"make test REMOTE={USER}@{HOST}:/srv")
    text = text.replace("E assert", f"E {HOME}/x.py {ADDRESS} key {AWS} assert")
    return text.replace("/home/ada", HOME)


@pytest.fixture
def remote(repository: Repository, tmp_path: Path) -> Repository:
    bare = make_repository(tmp_path / "remote.git", bare=True)
    repository.git("remote", "add", "origin", f"file://{bare.directory}")
    return bare


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A folder of sessions of every format, with private things in each."""
    folder = tmp_path / "logs"
    for number, session in enumerate([*claude_sessions(), codex_session(), windows_session()]):
        session.write(folder / f"{number}.jsonl")
    for name in OTHERS:
        text = with_private_things((FIXTURES / name).read_text())
        assert "flamingo" in text, name
        (folder / name).write_text(text)
    return folder


def assert_nothing_planted(text: str, but: tuple[str, ...] = ()) -> None:
    folded = text.casefold()
    spellings = (folded, re.sub(r"[^a-z0-9]+", "", folded))
    found = {
        name: folded[max(0, at - 200) : at + 100]
        for name, planted in PLANTED.items()
        if name not in but
        for word in {planted.casefold(), re.sub(r"[^a-z0-9]+", "", planted.casefold())}
        for spelling in spellings
        if (at := spelling.find(word)) >= 0
    }
    assert not found


@pytest.fixture
def ingested(repository: Repository, remote: Repository, logs: Path, holdfast: Run) -> Repository:
    assert holdfast("init").code == 0
    report = holdfast("ingest", str(logs), "--json").json
    assert not report["not_read"]
    assert len(report["learned"]) > 4
    return repository


def test_nothing_planted_would_leave(ingested: Repository, holdfast: Run) -> None:
    assert_nothing_planted(holdfast("sync", "--preview").out)
    document = holdfast("sync", "--preview", "--json").json
    assert not document["refused"]
    assert_nothing_planted("\n".join(strings(document)))
    told = {record["path"].split("/")[0] for record in document["would_send"]}
    assert told == {"learnings", "segments"}


def test_what_a_fix_was_still_says(ingested: Repository, holdfast: Run) -> None:
    """Taking names out must leave the lesson."""
    told = holdfast("sync", "--preview").out
    assert "Use `rsync -az dist/ [redacted:host]:…/www`" in told
    assert 'Use `git commit --all -m "…" -q`, not `git commit --al -m "…" -q`' in told
    assert "Use `curl --fail -H" in told


def test_what_waits_is_not_in_it_and_after_accepting_exactly_that_is(
    ingested: Repository, holdfast: Run
) -> None:
    before = holdfast("sync", "--preview", "--json").json["would_send"]
    waiting = holdfast("review", "--json").json["items"]
    held = next(item for item in waiting if "toucan" in json.dumps(item))
    assert held["id"] not in json.dumps(before)
    assert holdfast("review", "accept", held["id"]).code == 0
    after = holdfast("sync", "--preview", "--json").json["would_send"]
    new = [record for record in after if record not in before]
    learning = next(record for record in new if record["path"].startswith("learnings/"))
    assert f"-{held['id']}" in learning["path"]
    assert held["text"] in " ".join(learning["text"].split())
    assert_nothing_planted("\n".join(strings(new)), but=("rejection",))
    assert {record["path"].split("/")[0] for record in new} == {"learnings", "events"}
    assert len(new) == 2


def test_a_real_sync_sends_what_the_preview_shows_byte_for_byte(
    ingested: Repository, remote: Repository, holdfast: Run
) -> None:
    preview = holdfast("sync", "--preview", "--json").json
    assert holdfast("sync", "--json").json["sent"] == len(preview["would_send"])
    listed = remote.git("ls-tree", "-r", "-z", "--name-only", "holdfast").decode().split("\0")[:-1]
    sent = {path: remote.git("cat-file", "blob", f"holdfast:{path}").decode() for path in listed}
    assert sent == {record["path"]: record["text"] for record in preview["would_send"]}
    commits = remote.git("rev-list", "--reverse", "--topo-order", "holdfast").decode().split()
    assert [told["commit"] for told in preview["commits"]] == commits
    for told in preview["commits"]:
        raw = remote.git("cat-file", "commit", told["commit"]).decode()
        header, _, message = raw.partition("\n\n")
        assert (told["message"], f"author {told['author']}" in header.split("\n")) == (message, True)
        assert f"committer {told['committer']}" in header.split("\n")
    kinds = remote.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").decode().split()
    assert kinds.count("commit") == len(commits)
    assert kinds.count("blob") == len(set(sent.values()))


def test_the_preview_in_words_has_every_line_that_would_leave(ingested: Repository, holdfast: Run) -> None:
    document = holdfast("sync", "--preview", "--json").json
    told = holdfast("sync", "--preview").out
    for record in document["would_send"]:
        assert all(line in told for line in record["text"].splitlines())
    for commit in document["commits"]:
        assert f"author {commit['author']}" in told
        assert commit["message"].strip() in told


def test_a_commit_message_that_must_not_leave_is_named_in_the_preview(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    learning = records.Learning(id=ids.new_id(), kind="gotcha", created="2026-01-02", text="Use `uv run`.")
    files = {learning.path: records.encode(learning)}
    RecordsBranch(repository).append(files, f"Learn for {EMAIL}")
    preview = holdfast("sync", "--preview", "--json")
    assert preview.code == 3
    assert "an e-mail address" in preview.json["commits"][0]["findings"][0]
    assert EMAIL not in preview.out


def strings(value: object) -> Iterator[str]:
    """Give every text in a document, as it is: JSON's own escapes would hide a Windows path."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
