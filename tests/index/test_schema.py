from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from holdfast.index import Document, Index, schema


def fill(index: Index, count: int = 60) -> None:
    assert index.apply(
        "main",
        add=[
            Document(f"{n:03d}", "records", "failure", f"title{n}x lock", "table " * n, families=(f"f{n}",))
            for n in range(count)
        ],
        state={"tip": "1"},
    )


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_file_and_its_log_are_readable_by_their_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        with Index.open(path) as index:
            fill(index)
            modes = {part.name: stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes["index.db"] == modes["index.db-wal"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_can_read_is_closed_to_them(path: Path) -> None:
    with Index.open(path) as index:
        fill(index)
    path.chmod(0o644)
    with Index.open(path) as index:
        assert index.count() == 60
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("version", [0, schema.SCHEMA - 1, schema.SCHEMA + 1, 10**9])
def test_an_index_of_another_schema_is_rebuilt(path: Path, version: int) -> None:
    with Index.open(path) as index:
        fill(index)
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    with Index.open(path) as index:
        assert (index.rebuilt, index.reason, index.persistent) == (True, "schema", True)
        assert (index.count(), index.state(), index.view()) == (0, {}, None)
        fill(index)
    assert sorted(part.name for part in path.parent.iterdir()) == ["index.db", "index.db.lock"]


@pytest.mark.parametrize(
    "content", [b"a user's notes\n", b"SQLite format 3\0", b"\0" * 5000, os.urandom(4096)]
)
def test_a_file_that_holdfast_did_not_make_is_set_aside_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(content)
        with Index.open(path) as index:
            assert (index.rebuilt, index.reason, index.persistent) == (True, "foreign", True)
            fill(index)
        assert path.with_name(f"index.db.set-aside-{number}").read_bytes() == content


def test_somebody_elses_database_is_set_aside_with_its_tables(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE documents(mine)")
        other.execute("INSERT INTO documents VALUES ('kept')")
    other.close()
    with Index.open(path) as index:
        assert index.reason == "foreign"
    with sqlite3.connect(path.with_name("index.db.set-aside-1")) as other:
        assert other.execute("SELECT mine FROM documents").fetchall() == [("kept",)]
    other.close()


def test_somebody_elses_database_is_set_aside_with_what_its_log_holds(tmp_path: Path, path: Path) -> None:
    theirs = sqlite3.connect(tmp_path / "theirs.db")
    theirs.execute("PRAGMA journal_mode = WAL")
    theirs.execute("CREATE TABLE notes(mine)")
    theirs.execute("INSERT INTO notes VALUES ('kept')")
    theirs.commit()
    path.parent.mkdir()
    for suffix in ("", "-wal"):
        path.with_name(path.name + suffix).write_bytes((tmp_path / f"theirs.db{suffix}").read_bytes())
    theirs.close()
    with Index.open(path) as index:
        assert (index.reason, index.count()) == ("foreign", 0)
    with sqlite3.connect(path.with_name("index.db.set-aside-1")) as other:
        assert other.execute("SELECT mine FROM notes").fetchall() == [("kept",)]
    other.close()


def test_an_empty_file_is_filled_as_a_new_one(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Index.open(path) as index:
        assert (index.rebuilt, index.reason) == (True, "new")


def test_a_log_left_by_a_file_that_is_gone_is_not_replayed(path: Path) -> None:
    index = Index.open(path)
    fill(index)
    log = path.with_name("index.db-wal").read_bytes()
    index.close()
    path.unlink()
    path.with_name("index.db-wal").write_bytes(log)
    with Index.open(path) as again:
        assert (again.rebuilt, again.count()) == (True, 0)


def damage(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes cut short, overwritten, zeroed or flipped somewhere."""
    spot = chance.randrange(len(data))
    length = chance.choice([1, 1, 8, 100, 4096])
    match chance.randrange(4):
        case 0:
            return data[:spot]
        case 1:
            return data[:spot] + chance.randbytes(length) + data[spot + length :]
        case 2:
            return data[:spot] + bytes(length) + data[spot + length :]
        case _:
            return data[:spot] + bytes([data[spot] ^ 0xFF]) + data[spot + 1 :]


def use(index: Index) -> None:
    index.state()
    index.search("lock table title3x")
    index.all()
    index.ids()
    index.by_signature("f1", "f1")
    index.by_path("a")
    index.get("001")
    index.occurrences()
    index.sessions()
    index.count()


@pytest.mark.parametrize("seed", [*range(40), 1358, 1460, 1767, 3288, 6818])
def test_damage_anywhere_never_raises_and_the_index_is_whole_after_a_refill(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Index.open(path) as index:
        fill(index)
        index.apply(remove=["005"], add=[Document("100", "files", "decision", "late", "comer")])
    path.write_bytes(damage(path.read_bytes(), chance))
    with Index.open(path) as index:
        use(index)
        index.apply(add=[Document("101", "files", "decision", "later", "comer")], remove=["007", "050"])
        use(index)
        if index.problems():
            index.reset()
        assert index.persistent
        assert index.problems() == []
        fill(index)
        assert set(index.ids()) >= {f"{n:03d}" for n in range(60)}
        assert index.search("title59x")[0].document.id == "059"


@pytest.mark.parametrize("seed", range(10))
def test_damage_while_open_never_raises(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Index.open(path) as index, Index.open(path) as other:
        fill(index)
        use(other)
        name = chance.choice(["index.db", "index.db-wal"])
        part = path.with_name(name)
        part.write_bytes(damage(part.read_bytes() or b"\0", chance))
        for _ in range(2):
            use(other)
            other.apply(add=[Document("a", "s", "k", "t", "t")])
            use(index)
            index.apply(remove=["a"])


def test_where_nothing_can_be_made_the_index_lives_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Index.open(tmp_path / "file" / "index.db") as index:
        assert (index.persistent, index.rebuilt, index.reason) == (False, True, "memory")
        fill(index)
        assert (index.rebuilt, index.count(), len(index.search("lock"))) == (False, 60, 10)
        index.reset()
        assert (index.rebuilt, index.count()) == (True, 0)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "pipe"])
def test_what_is_no_file_is_left_alone(path: Path, make: object) -> None:
    path.parent.mkdir()
    make(path)  # type: ignore[operator]
    with Index.open(path) as index:
        assert not index.persistent
        fill(index)
    assert not path.is_file()
    assert path.exists()


READ_ONLY = """
    import os, sys
    from pathlib import Path
    from holdfast.index import Document, Index
    if os.geteuid() == 0:
        os.seteuid(65534)
    with Index.open(Path(sys.argv[1])) as index:
        print(index.persistent, index.rebuilt)
        print(index.apply(add=[Document("a", "s", "k", "words", "")]), len(index.search("words")))
"""


@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_directory_gets_an_index_in_memory(exists: bool) -> None:
    # not below tmp_path: its parents are closed to the user that root becomes for this test
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "index.db"
        if exists:
            with Index.open(path) as index:
                fill(index)
            path.chmod(0o644)
        path.parent.chmod(0o555)
        before = sorted(part.name for part in path.parent.iterdir())
        done = run(READ_ONLY, path)
        assert (done.stdout, done.stderr) == ("False True\nTrue 1\n", "")
        assert sorted(part.name for part in path.parent.iterdir()) == before
        path.parent.chmod(0o755)


def test_a_full_disk_moves_the_index_to_memory(path: Path) -> None:
    done = run(
        """
        import resource, sys
        from pathlib import Path
        from holdfast.index import Document, Index
        documents = [Document(str(n), "s", "k", f"title{n}x", "text " * n) for n in range(900)]
        with Index.open(Path(sys.argv[1])) as index:
            index.apply(add=documents[:10])
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
            print(index.apply(add=documents), index.persistent, index.rebuilt)
            print(index.apply(add=documents), index.count())
        """,
        path,
    )
    assert (done.stdout, done.stderr) == ("False False True\nTrue 900\n", "")
    with Index.open(path) as index:
        assert (index.count(), index.problems()) == (10, [])


WRITER = """
    import sys
    from pathlib import Path
    from holdfast.index import Document, Index
    path, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for n in range(rounds):
        with Index.open(path) as index:
            documents = [Document(f"{name}{n}-{m}", name, "k", f"shared word{n}x", "text") for m in range(3)]
            assert index.apply(add=documents, state={name: str(n)}) and index.persistent
            assert index.search("shared", kinds=["k"])
"""


def test_processes_that_open_and_write_at_once_lose_nothing(path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(path), name, "25"],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    errors = [process.communicate(timeout=100)[1] for process in started]
    assert errors == ["", "", "", ""]
    with Index.open(path) as index:
        assert (index.count(), index.state()) == (4 * 25 * 3, dict.fromkeys("abcd", "24"))
        assert len(index.search("shared", 1000)) == 300
        assert index.problems() == []


def test_a_writer_killed_at_any_moment_leaves_whole_transactions(path: Path) -> None:
    program = """
        import sys
        from pathlib import Path
        from holdfast.index import Document, Index
        with Index.open(Path(sys.argv[1])) as index:
            for n in range(10**6):
                documents = [Document(f"{m}", "s", "k", f"round{n}x", "text " * 50) for m in range(20)]
                index.apply(add=documents, state={"round": str(n)})
                print(n, flush=True)
    """
    for wait in (1, 3, 8):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(wait):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
        with Index.open(path) as index:
            assert not index.rebuilt
            assert {document.title for document in index.all()} == {f"round{index.state()['round']}x"}
            assert len(index.search(f"round{index.state()['round']}x", 100)) == 20
            assert index.problems() == []


def test_a_process_that_finds_damage_and_one_that_writes_end_with_one_index(path: Path) -> None:
    for _ in range(3):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"SQLite format 3\0 broken" + os.urandom(9000))
        started = [
            subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(WRITER), str(path), name, "5"],
                stderr=subprocess.PIPE,
                text=True,
            )
            for name in "ab"
        ]
        assert [process.communicate(timeout=60)[1] for process in started] == ["", ""]
        with Index.open(path) as index:
            assert (index.count(), index.problems()) == (30, [])
