"""The main job, on real commands: read sessions, and show what the next one would be told.

    python examples/demo.py                 on the sample sessions beside this file
    python examples/demo.py TRANSCRIPTS…    on your own transcripts

It works in a temporary repository with a temporary home; nothing of yours is read or written.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent / "sessions"


class Stage:
    """A temporary repository and home, in which commands are run and shown as in a terminal."""

    def __init__(self, folder: Path) -> None:
        home, self.repository = folder / "home", folder / "repository"
        home.mkdir()
        kept = {name: os.environ[name] for name in ("PATH", "TERM", "LANG", "NO_COLOR") if name in os.environ}
        self.environment = {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "96"}
        self._git("init", "--quiet", str(self.repository))
        for key, value in (("user.name", "Demo"), ("user.email", "demo@example.invalid")):
            self._git("-C", str(self.repository), "config", key, value)

    def run(self, *arguments: str, stdin: str = "", shown: str = "") -> None:
        """Run one command of holdfast, printed as one would type it."""
        print(f"\n$ {shown or shlex.join(['holdfast', *arguments])}", flush=True)
        self._call(arguments, stdin, capture=False)

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Run one command quietly and return its JSON."""
        answer: dict[str, Any] = json.loads(self._call([*arguments, "--json"], "", capture=True))
        return answer

    def told_at(self, command: str, output: str) -> str:
        """Return what Claude Code's hook is told to tell its model when a command failed."""
        event = {
            "session_id": "demo", "cwd": str(self.repository), "tool_name": "Bash",
            "tool_input": {"command": command}, "error": f"Exit code 1\n{output}",
        }  # fmt: skip
        said = self._call(["hook", "claude-code", "failure"], json.dumps(event), capture=True)
        return str(json.loads(said)["hookSpecificOutput"]["additionalContext"]) if said else ""

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], env=self.environment, check=True)

    def fixes(self) -> list[str]:
        """Return the ids of the fixes on record, from the files of the records branch."""
        listing = [
            "git",
            "-C",
            str(self.repository),
            "ls-tree",
            "-r",
            "--name-only",
            "holdfast",
            "learnings/failure",
        ]
        done = subprocess.run(listing, env=self.environment, capture_output=True, text=True, check=False)
        return [Path(name).stem.rpartition("-")[2] for name in done.stdout.splitlines()]

    def _call(self, arguments: Sequence[str], stdin: str, *, capture: bool) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "holdfast", *arguments], cwd=self.repository, env=self.environment,
            input=stdin, text=True, stdout=subprocess.PIPE if capture else None, check=False,
        )  # fmt: skip
        if done.returncode not in (0, 1):
            sys.exit(done.returncode)
        return done.stdout or ""


def main(paths: list[Path]) -> None:
    """Show the loop once, from transcripts to what the next session is told."""
    names = [str(path.resolve()) for path in paths] or [str(SAMPLES)]
    with tempfile.TemporaryDirectory(prefix="holdfast-demo-") as folder:
        stage = Stage(Path(folder))
        say("What do these sessions keep paying for? Nothing has to be set up, and nothing is written.")
        stage.run(
            "tuition", *names, shown=f"holdfast tuition {'TRANSCRIPTS' if paths else 'examples/sessions'}"
        )
        say("Set up a repository, here for Claude Code. Nothing is written to its files or branches.")
        stage.run("init", "--yes", "--agent", "claude-code")
        say("Read your transcripts." if paths else "Read sessions of Claude Code and Codex.")
        stage.run(
            "ingest", *names, shown=f"holdfast ingest {'TRANSCRIPTS' if paths else 'examples/sessions'}"
        )
        say("What is known now?")
        stage.run("status")
        learned = likeliest(stage)
        if learned is None:
            print("\nNo fix was found in these sessions, so there is nothing the next one should be told.")
        else:
            show_recall(stage, learned)
    print("\nNow your own sessions, in your own repository:\n\n    holdfast tuition")


def likeliest(stage: Stage) -> dict[str, Any] | None:
    """Return the evidence of the likeliest hazard's fix, else of any fix, or None when there is none."""
    ids = [hazard["item"]["id"] for hazard in stage.ask("brief")["hazards"]] or stage.fixes()
    return stage.ask("why", ids[0]) if ids else None


def show_recall(stage: Stage, learned: dict[str, Any]) -> None:
    """Show the evidence of one learning, the brief, and the answer at a failure."""
    say("Why should anyone believe that?")
    stage.run("why", learned["item"]["id"])
    say("What would the next session be told at its start?")
    stage.run("brief")
    if not stage.ask("brief")["text"]:
        print("(silence: a failure is told at the start only once it has come back)")
    say("And when the same command fails again?")
    symptom = next(line for line in learned["detail"].splitlines() if line.startswith("- Symptom: "))
    symptom = symptom.removeprefix("- Symptom: ")
    command = learned["evidence"][0]["failed"]
    stage.run(
        "recall", "--command", command, "--output", "-", stdin=symptom,
        shown=f"{command[:60]}{'…' * (len(command) > 60)} 2>&1 | holdfast recall --command … --output -",
    )  # fmt: skip

    say("Inside the agent nobody types that: its hook asks, and the model reads in its next turn")
    print()
    print(stage.told_at(command, symptom) or "(silence: it would not be worth its tokens)")


def say(text: str) -> None:
    """Print a line between the commands."""
    print(f"\n── {text}", flush=True)


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    missing = [str(path) for path in given if not path.exists()]
    if missing:
        sys.exit(f"There is nothing at {', '.join(missing)}. Give transcripts, or folders of them.")
    main(given)
