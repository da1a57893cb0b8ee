"""What the documents show is what happens: the demo's output, every program in them, every link."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from holdfast.cli.main import COMMANDS
from holdfast.repo.location import Repository
from holdfast.transcripts.events import Prompt
from holdfast.transcripts.origin import FileOrigin
from holdfast.transcripts.reader import Source
from holdfast.transcripts.transcript import Transcript

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[Any]:
    """Return the code blocks of all documents in one language."""
    fenced = re.compile(rf"```{language}\n(.*?)```", re.DOTALL)
    return [
        pytest.param(found, id=f"{path.name}-{number}")
        for path in DOCUMENTS
        for number, found in enumerate(fenced.findall(path.read_text(encoding="utf-8")))
    ]


def test_the_readme_shows_what_the_demo_prints(isolated_home: Path) -> None:
    """When this fails: python docs/update_readme.py."""
    update = runpy.run_path(str(ROOT / "docs" / "update_readme.py"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    masked = update["masked"]
    assert masked(update["shown"](readme)) == masked(update["block"](update["demo_output"]()))


@pytest.mark.parametrize("program", blocks("python"))
def test_the_programs_in_the_documents_run(
    program: str, learned: Repository, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(samples / "01-claude.jsonl", learned.directory / "session.jsonl")
    monkeypatch.chdir(learned.directory)
    names: dict[str, Any] = {"output": "E   ModuleNotFoundError: No module named 'shop'"}
    exec(program, names)
    if "MyAgentReader" in names:
        log = learned.directory / "session.log"
        log.write_text('{"my_agent_version": 1, "session": "s", "prompt": "Hello"}\n[]\n')
        reader = names["MyAgentReader"]
        assert reader.recognizes(log.read_bytes())
        transcript = Transcript(FileOrigin(log), reader(Source()))
        assert list(transcript.events()) == [Prompt(text="Hello")]
        assert (transcript.session.id, transcript.counts.malformed) == ("s", 1)


@pytest.mark.parametrize("text", blocks("toml"))
def test_the_settings_in_the_documents_can_be_read(text: str) -> None:
    assert tomllib.loads(text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"(?:^|[`|$] ?|\s{4})holdfast ([a-z]+)\b", path.read_text(), re.MULTILINE))
    assert named <= set(COMMANDS)
