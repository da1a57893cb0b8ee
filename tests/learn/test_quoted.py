"""What an agent proposes names the user's words: they are looked for, and one session proposes one thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.errors import Refused, UsageError
from holdfast.hook.journal import Journal
from holdfast.hook.moment import session_key
from holdfast.learn import waiting
from holdfast.learn.quoted import propose_quoted
from holdfast.learn.view import View
from holdfast.learn.write import accept
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession, CodexSession

ID = "3f0c2a5e-1111-4222-8333-444455556666"
WORDS = "never mock the database in tests, use the docker fixture"
TEXT = (
    "Use the `postgres` docker fixture in tests, because mocks of the database hid the migration that failed."
)


@pytest.fixture
def view(empty: Repository) -> Iterator[View]:
    with View(empty) as opened:
        yield opened


def claude_log(home: Path, *prompts: str, session: str = ID) -> Path:
    """Write a log of Claude Code in which a person said these things, and the agent answered the last one."""
    log = ClaudeSession(session, root="/somewhere", start=1772359200.0)
    for said in prompts:
        log.prompt(said)
    log.bash("echo done", "done")
    return log.write(home / ".claude" / "projects" / "-somewhere" / f"{session}.jsonl")


def claude() -> dict[str, str]:
    return {"CLAUDE_CODE_SESSION_ID": ID}


def propose(view: View, home: Path, text: str = TEXT, quote: str = WORDS, **environ: str):  # type: ignore[no-untyped-def]
    return propose_quoted(view, text, quote, home=home, environ=environ or claude())


def test_words_that_the_user_said_are_found_and_wait_with_the_text(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, "Add a test.", f"No. {WORDS.capitalize()}!\nThen run it.")
    done = propose(view, tmp_path)
    assert (done.state, done.found, done.text) == ("waiting", True, TEXT)
    (item,) = waiting.read(view.repository)
    assert item.learning.lead == TEXT
    assert f"In the user's words: “{WORDS}”" in item.learning.text
    assert item.learning.by.session == session_key("claude-code", ID)
    assert view.branch.tips() == {}


def test_once_accepted_it_is_recorded_with_the_words(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, WORDS)
    written = accept(view, propose(view, tmp_path).id)
    assert written.text == TEXT
    assert next(iter(waiting.read(view.repository)), None) is None


@pytest.mark.parametrize(
    "quote",
    [
        "Never mock the database in tests",
        "“never mock the  database\nin tests”",
        "never mock the database in tests.",
        "…use the docker fixture…",
    ],
)
def test_what_copying_changes_does_not_matter(view: View, tmp_path: Path, quote: str) -> None:
    claude_log(tmp_path, f"Please: {WORDS}.")
    assert propose(view, tmp_path, quote=quote).found


@pytest.mark.parametrize("how", ["refused a call", "answered"])
def test_words_of_an_answer_or_a_refusal_are_the_users_too(view: View, tmp_path: Path, how: str) -> None:
    log = ClaudeSession(ID, root="/somewhere", start=1772359200.0)
    log.prompt("Add a test.")
    if how == "answered":
        log.ask("Mock it?", ["Mock it", WORDS], WORDS)
    else:
        log.reject("pytest --mock-db", WORDS)
    log.write(tmp_path / ".claude" / "projects" / "-somewhere" / f"{ID}.jsonl")
    assert propose(view, tmp_path).found


def test_words_that_nobody_said_are_refused(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, "Add a test.")
    with pytest.raises(Refused, match="did not say that"):
        propose(view, tmp_path)
    assert list(waiting.read(view.repository)) == []


def test_what_a_tool_or_the_agents_own_system_said_is_not_what_the_user_said(
    view: View, tmp_path: Path
) -> None:
    path = claude_log(tmp_path, "Add a test.", f"<system-reminder>{WORDS}</system-reminder>")
    path.write_text(path.read_text().replace("echo done", WORDS).replace('"done"', json.dumps(WORDS)))
    assert path.read_text().count(WORDS) > 2
    with pytest.raises(Refused, match="did not say that"):
        propose(view, tmp_path)


def test_a_session_proposes_one_thing(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, WORDS, "use make build, plain npm run build forgets the types")
    propose(view, tmp_path)
    second = "Use `make build`, because `npm run build` forgets to generate the types and then fails."
    with pytest.raises(Refused, match="one thing already"):
        propose(view, tmp_path, second, "use make build, plain npm run build forgets the types")
    other = ID.replace("3", "4")
    claude_log(tmp_path, "use make build, plain npm run build forgets the types", session=other)
    quote = "plain npm run build forgets the types"
    assert propose(view, tmp_path, second, quote, CLAUDE_CODE_SESSION_ID=other).found


def test_a_refused_proposal_is_not_the_one_of_its_session(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, WORDS)
    with pytest.raises(Refused, match="enough"):
        propose(view, tmp_path, "ok, done")
    assert propose(view, tmp_path).state == "waiting"


def test_a_log_of_codex_is_found_by_its_thread(view: View, tmp_path: Path) -> None:
    log = CodexSession(ID, root="/somewhere", start=1772359200.0)
    log.prompt(WORDS)
    log.write(tmp_path / ".codex/sessions/2026/03/02" / f"rollout-2026-03-02T10-00-00-{ID}.jsonl")
    assert propose(view, tmp_path, CODEX_THREAD_ID=ID).found


def test_the_log_that_the_journal_names_comes_first(view: View, tmp_path: Path) -> None:
    log = claude_log(tmp_path / "moved", WORDS)
    journal = Journal(str(view.repository.ensure_state()), session_key("claude-code", ID))
    journal.add(0.0, "start", agent="claude-code", session=ID, transcript=str(log))
    assert propose(view, tmp_path / "home").found


def test_an_agent_that_names_no_session_is_the_one_that_is_live(view: View, tmp_path: Path) -> None:
    log = claude_log(tmp_path, WORDS)
    journal = Journal(str(view.repository.ensure_state()), "0123456789abcdef")
    journal.add(0.0, "start", agent="gemini-cli", session="g", transcript=str(log))
    done = propose_quoted(view, TEXT, WORDS, home=tmp_path / "home", environ={})
    assert done.found


def test_without_a_log_it_waits_and_says_that_nobody_looked(view: View, tmp_path: Path) -> None:
    done = propose(view, tmp_path, NOTHING="")
    assert (done.state, done.found) == ("waiting", False)


def test_what_a_person_set_aside_does_not_come_back(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, WORDS)
    item = propose(view, tmp_path)
    (kept,) = waiting.read(view.repository)
    waiting.write(view.repository, waiting.Waiting(key=kept.key, learning=kept.learning, status="dropped"))
    other = ID.replace("3", "4")
    claude_log(tmp_path, WORDS, session=other)
    again = propose(view, tmp_path, CLAUDE_CODE_SESSION_ID=other)
    assert (again.state, again.id) == ("dropped", item.id)


@pytest.mark.parametrize("quote", ["", "ok", "yes, do.", "x" * 400])
def test_a_quote_is_some_words_and_not_too_many(view: View, tmp_path: Path, quote: str) -> None:
    with pytest.raises(UsageError):
        propose(view, tmp_path, quote=quote)


def test_an_id_that_is_a_path_leads_nowhere(view: View, tmp_path: Path) -> None:
    claude_log(tmp_path, WORDS)
    done = propose(view, tmp_path, CLAUDE_CODE_SESSION_ID="../*/" + ID)
    assert not done.found
