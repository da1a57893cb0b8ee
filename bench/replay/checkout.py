"""Make a real git repository out of a list of commits, and let it grow as time goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.replay.past import Commit

PLACEHOLDER = "\n"


class Checkout:
    """Hold a repository whose history and files are those of the past up to now.

    The files' contents are not known, so each is a placeholder, but for what `know` was told; which of them a
    commit removed is not known either, so all stay.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "gc.auto", "0")
        self.waiting: list[Commit] = []
        self.count = 0
        self.texts: dict[str, str] = {}
        self.add(Commit(0.0, "nobody", "Begin", "", ["README.md"]))
        self.settle()

    def git(self, *arguments: str, given: bytes | None = None) -> bytes:
        """Run git in the repository."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], input=given, capture_output=True, check=True
        )
        return done.stdout

    def add(self, commit: Commit) -> None:
        """Take a commit to be made with the next `settle`."""
        self.waiting.append(commit)

    def note(self, paths: list[str]) -> None:
        """Let files be there that a session edited and nobody has committed yet."""
        for path in paths:
            self._write(path)

    def know(self, path: str, text: str) -> None:
        """Let a file say what an agent was seen to read in it."""
        self.texts[path] = text
        (self.folder / path).write_text(text)

    def settle(self) -> bool:
        """Make the commits that wait, and check them out; tell whether there were any."""
        if not self.waiting:
            return False
        stream = bytearray()
        for commit in self.waiting:
            message = f"{commit.subject}\n\n{commit.body}".strip().encode()
            who = f"{commit.author} <{commit.author}@example.invalid> {max(int(commit.at), 1)} +0000"
            stream += f"commit refs/heads/main\nauthor {who}\ncommitter {who}\n".encode()
            stream += b"data %d\n%s\n" % (len(message), message)
            if self.count and commit is self.waiting[0]:  # the others go on from the one before
                stream += b"from refs/heads/main^0\n"
            self.count += 1
            for path in commit.files:
                if self._safe(path):
                    stream += f'M 100644 inline "{_escaped(path)}"\n'.encode()
                    content = f"{self.count}\n".encode()  # else git would see no change in what was there
                    stream += b"data %d\n%s\n" % (len(content), content)
            stream += b"\n"
        self.git("fast-import", "--quiet", "--force", given=bytes(stream))
        self.git("reset", "-q", "--hard", "main")
        for path, text in self.texts.items():
            (self.folder / path).write_text(text)
        self.waiting.clear()
        return True

    def _write(self, path: str) -> None:
        target = self.folder / path
        if self._safe(path) and not target.exists():
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(PLACEHOLDER)
            except OSError:  # a folder stands where the file would, or the other way round
                return

    @staticmethod
    def _safe(path: str) -> bool:
        parts = path.split("/")
        return (
            bool(path) and not path.startswith("/") and not {"..", ".git", ".", "", ".holdfast"} & set(parts)
        )


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
