"""A custom agent that asks, when a command fails, what fixed that failure before.

python examples/recall_in_an_agent.py 'pytest -q' [DIRECTORY]
"""

import subprocess
import sys

import holdfast


def run(command: str, directory: str) -> tuple[int, str]:
    """Run a shell command; return its exit code and what it printed."""
    done = subprocess.run(command, shell=True, cwd=directory, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def hint(command: str, output: str, directory: str) -> str:
    """Return what an agent should be told about this failure; empty when nothing is known."""
    with holdfast.open_view(directory) as view:
        answer = holdfast.recall_failure(view, command, output)
    return "\n".join(f"- {fix.text} (worked in {fix.worked} of {fix.seen} sessions)" for fix in answer.fixes)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    directory = sys.argv[2] if len(sys.argv) > 2 else "."
    code, output = run(sys.argv[1], directory)
    print(output.rstrip())
    if code:
        print(hint(sys.argv[1], output, directory) or "Nothing recorded about this failure.")
    sys.exit(code)
