"""Write the demo's real output into README.md: ``python docs/update_readme.py``."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- demo output: written by docs/update_readme.py -->", "<!-- end of demo output -->"


def demo_output() -> str:
    """Run the demo on the sample sessions and return what it printed."""
    program = [sys.executable, str(HERE / "examples" / "demo.py")]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def block(output: str) -> str:
    """Return the output as the README shows it."""
    return f"{BEGIN}\n\n```\n{output.strip()}\n```\n\n{END}"


def masked(text: str) -> str:
    """Return text with random ids and the day masked, so that two runs can be compared."""
    text = re.sub(r"\b[a-z2-7]{16}\b", "<id>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d", "<day>", text)
    return re.sub(r"(?<=[ (])(?=[a-z2-7]{4,8}[ )\n])(?<=known: )?[a-z2-7]{4,8}(?=\)|\n|  )", "<id>", text)


if __name__ == "__main__":
    readme = HERE / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(before + block(demo_output()) + after, encoding="utf-8")
