from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from holdfast.errors import TranscriptError
from holdfast.transcripts import readers
from holdfast.transcripts.reader import is_whole_reader
from holdfast.transcripts.transcript import open_transcript

PLUGIN = """
from holdfast.transcripts.events import Say
from holdfast.transcripts.reader import RecordReader

class ShoutReader(RecordReader):
    agent = "shout"

    @classmethod
    def recognizes(cls, head):
        return head.startswith(b"SHOUT")

    def feed(self, line):
        if line == b"CRASH":
            raise RuntimeError("no")
        self.counts.records += 1
        return [Say(text=line.decode())]

    def finish(self):
        return ()
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Put packages that register readers on the path, as if they were installed."""

    def install(module: str, source: str, point: str) -> None:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[holdfast.readers]\n{point}\n")

    monkeypatch.syspath_prepend(str(tmp_path))
    readers.third_party_readers.cache_clear()
    yield install
    readers.third_party_readers.cache_clear()
    for name in ("shout_reader", "broken_reader"):
        sys.modules.pop(name, None)


def test_a_reader_of_another_package_reads_and_goes_on_where_it_was_left(plugin, tmp_path):
    plugin("shout_reader", PLUGIN, "shout = shout_reader:ShoutReader")
    path = tmp_path / "log.txt"
    path.write_text("SHOUT one\nCRASH\ntwo\n")
    transcript = open_transcript(path)
    assert [event.text for event in transcript.events()] == ["SHOUT one", "two"]
    assert transcript.counts.malformed == 1
    path.write_text("SHOUT one\nCRASH\ntwo\nthree\n")
    again = open_transcript(path, since=transcript.checkpoint())
    assert [event.text for event in again.events()] == ["three"]


def test_a_reader_that_cannot_be_imported_is_named_and_harms_nothing(plugin, tmp_path):
    plugin("broken_reader", "raise ImportError('libshout is missing')", "broken = broken_reader:Reader")
    path = tmp_path / "log.txt"
    path.write_text("WHISPER\n")
    with pytest.raises(TranscriptError) as caught:
        open_transcript(path)
    assert "reader broken could not be used" in caught.value.hint
    assert "libshout is missing" in caught.value.hint


def test_other_packages_are_not_loaded_for_what_is_built_in(plugin):
    plugin("broken_reader", "raise SystemExit", "broken = broken_reader:Reader")
    fixture = Path(__file__).parent / "fixtures" / "codex-session.jsonl"
    assert open_transcript(fixture).session.agent == "codex"
    assert "broken_reader" not in sys.modules


def test_the_built_in_readers_are_registered_under_their_agents_names():
    registered = {point.name: point.load() for point in metadata.entry_points(group=readers.GROUP)}
    for reader in readers.BUILT_IN:
        assert reader in registered.values()
        assert reader.agent in registered
        assert readers.reader_named(reader.agent, whole=is_whole_reader(reader)) is reader
