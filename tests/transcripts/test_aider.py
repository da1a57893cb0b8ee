from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.aider_edits import read_reply
from holdfast.transcripts.events import Call, Edit, Prompt, Result, Say, Usage
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
START = "# aider chat started at 2026-03-02 09:00:00\n\n> Aider v0.86.0  \n\n"
SEARCH, REPLACE = "<<<<<<< SEARCH", ">>>>>>> REPLACE"


@pytest.fixture
def history(tmp_path: Path) -> Any:
    def read(text: str) -> list[Any]:
        path = tmp_path / ".aider.chat.history.md"
        path.write_text(START + text)
        return list(open_transcript(path).events())

    return read


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_session_is_described() -> None:
    transcript = open_transcript(FIXTURES / "aider-history.md", root="/home/ada/shop")
    list(transcript.events())
    session = transcript.session
    assert (session.agent, session.id) == ("aider", "aider-2026-03-02T09:00:00")
    assert (session.root, session.version, session.model) == ("/home/ada/shop", "0.86.1", "example/example-2")
    assert (session.started, session.ended) == (1772442000.0, 1772447400.0)


class TestBlocks:
    def test_marks_within_a_reply_are_the_models(self, history: Any) -> None:
        said = "> quoted\n\n#### A heading\n\n# aider is a program"
        events = history(f"#### why  \n\n{said}\n\n> Tokens: 1k sent, 2 received.  \n\n#### next  \n\n")
        assert [event.text for event in only(events, Say)] == [said]
        assert [event.text for event in only(events, Prompt)] == ["why", "next"]

    def test_a_history_whose_trailing_spaces_were_taken_away_is_read_all_the_same(
        self, tmp_path: Path
    ) -> None:
        lines = (FIXTURES / "aider-history.md").read_text().split("\n")
        path = tmp_path / "history.md"
        path.write_text("\n".join(line.rstrip() for line in lines))
        events = list(open_transcript(path).events())
        assert "mend the total" in only(events, Prompt)[0].text
        assert len(only(events, Call)) >= 8

    def test_what_has_no_end_yet_is_left_for_the_next_time(self, history: Any) -> None:
        assert history("#### half a que") == []
        assert [event.text for event in history("#### a question  \n\nHalf an ans")] == ["a question"]

    def test_where_the_file_was_left_is_before_what_has_no_end_yet(self, tmp_path: Path) -> None:
        path = tmp_path / "history.md"
        path.write_text(f"{START}#### a question  \n\nHalf an\nanswer\n")
        transcript = open_transcript(path)
        assert [transcript.line for _ in transcript.events()] == [5]
        assert transcript.checkpoint().lines == 5

    @pytest.mark.parametrize("typed", ["/add a.py", "/ask why", "/exit", "<blank>"])
    def test_orders_to_aider_are_no_prompts(self, history: Any, typed: str) -> None:
        assert history(f"#### {typed}  \n\n> Added a.py to the chat.  \n") == []


class TestCommands:
    @pytest.mark.parametrize(
        ("typed", "told", "command", "status"),
        [
            ("/run make", "> Added 3 lines of output to the chat.  \n", "make", None),
            ("!make", "", "make", None),
            ("/test make test", "> Added 3 lines of output to the chat.  \n", "make test", "failed"),
            ("/test make test", "", "make test", "ok"),
            ("/git push", "> fatal: no destination  \n", "git push", "failed"),
            (
                "/undo",
                "> Removed: 1234567 fix  \n> Now at:  7654321 start  \n",
                "git reset --soft HEAD~1",
                "ok",
            ),
            ("/undo", "> The last commit was not made by aider  \n", "git reset --soft HEAD~1", "failed"),
        ],
    )
    def test_what_a_person_ran_ends_as_far_as_the_log_tells(
        self, history: Any, typed: str, told: str, command: str, status: str | None
    ) -> None:
        events = history(f"#### {typed}  \n{told}\n#### next  \n\n")
        assert [call.command for call in only(events, Call)] == [command]
        assert [result.status for result in only(events, Result)] == ([status] if status else [])

    @pytest.mark.parametrize(
        "after",
        [
            "> ^C again to exit  \n\n#### next  \n\n",
            "> ^C KeyboardInterrupt  \n\n#### next  \n\n",
            "# aider chat started at 2026-03-03 09:00:00\n\n#### next  \n\n",
        ],
    )
    def test_tests_that_may_not_have_run_to_their_end_have_no_outcome(self, history: Any, after: str) -> None:
        events = history(f"#### /test make test  \n\n{after}")
        assert [call.command for call in only(events, Call)] == ["make test"]
        assert only(events, Result) == []

    def test_a_command_that_the_model_proposed_is_a_call_once_it_ran(self, history: Any) -> None:
        asked = "> Run shell command? (Y)es/(N)o [Yes]: "
        told = f"> make lint  \n{asked}y  \n> Running make lint  \n> make docs  \n{asked}n  \n"
        events = history(f"#### do  \n\nok\n\n{told}")
        assert [call.command for call in only(events, Call)] == ["make lint"]

    def test_a_commit_of_aiders_is_a_commit(self, history: Any) -> None:
        [call, result] = history("> Commit 742f9be fix: mend 'it'  \n")
        assert call.command == """git commit -m 'fix: mend '"'"'it'"'"''"""
        assert (result.status, result.exit_code) == ("ok", 0)


class TestEdits:
    def block(self, removed: str, added: str) -> str:
        return f"a.py\n```python\n{SEARCH}\n{removed}\n=======\n{added}\n{REPLACE}\n```\n"

    def test_an_edit_that_was_never_applied_is_none(self, history: Any) -> None:
        events = history(
            f"#### do  \n\n{self.block('a', 'b')}\n> Tokens: 1 sent, 1 received.  \n\n#### next  \n\n"
        )
        assert only(events, Call) == []

    def test_blank_lines_of_an_edit_are_kept(self, history: Any) -> None:
        block = self.block("a\n\n\nb", "a")
        events = history(f"#### do  \n\n{block}\n> Applied edit to a.py  \n")
        [call] = only(events, Call)
        assert call.edits == (Edit("a.py", "a\n\n\nb", "a"),)

    def test_two_edits_of_one_file_are_one_call(self, history: Any) -> None:
        both = self.block("a", "b") + "\nand\n\n" + self.block("c", "d")
        [call, result] = [event for event in history(f"#### do  \n\n{both}\n> Applied edit to a.py  \n")
                          if isinstance(event, (Call, Result))]  # fmt: skip
        assert call.edits == (Edit("a.py", "a", "b"), Edit("a.py", "c", "d"))
        assert (result.call_id, result.status) == (call.id, "ok")

    @pytest.mark.parametrize(
        ("reply", "said", "kinds"),
        [
            ("Run:\n\n```bash\nmake\n```", "Run:\n\n```bash\nmake\n```", []),
            ("a.py\n```\nx\n```", "", ["whole"]),
            ("See `a.py`:\n```\nx\n```", "See `a.py`:\n```\nx\n```", []),
            ("```diff\n--- a.py\n+++ a.py\n@@ @@\n-x\n+y\n```", "", ["udiff"]),
            (f"```python\na.py\n{SEARCH}\nx\n=======\ny\n{REPLACE}\n```", "", ["diff"]),
            (
                f"```\n{SEARCH}\nx\n=======\ny\n{REPLACE}\n```",
                f"```\n{SEARCH}\nx\n=======\ny\n{REPLACE}\n```",
                [],
            ),
            (f"a.py\n````\n{SEARCH}\n```\n=======\n~~~\n{REPLACE}\n````", "", ["diff"]),
        ],
    )
    def test_a_fence_is_an_edit_only_in_one_of_aiders_forms(
        self, reply: str, said: str, kinds: list[str]
    ) -> None:
        told, proposals = read_reply(reply.split("\n"), SessionPaths())
        assert (told, [proposal.kind for proposal in proposals]) == (said, kinds)
        assert all(proposal.path == "a.py" for proposal in proposals)


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ("Tokens: 900 sent, 50 received.", (900, 50, 0, 0)),
        (
            "Tokens: 12k sent, 3.5k cache write, 8k cache hit, 1.2k received. Cost: $0.01",
            (500, 1200, 8000, 3500),
        ),
        ("Tokens: 1.5M sent, 0 received.", (1_500_000, 0, 0, 0)),
        ("Tokens: 9..9k sent, 1 received.", (0, 1, 0, 0)),
    ],
)
def test_the_tokens_of_a_reply_are_counted(history: Any, told: str, counts: tuple[int, ...]) -> None:
    [used] = only(history(f"> {told}  \n"), Usage)
    assert (used.input, used.output, used.cache_read, used.cache_write) == counts
