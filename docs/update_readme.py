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


def shown(readme: str) -> str:
    """Return the block of a README that the output stands in."""
    return readme[readme.index(BEGIN) : readme.index(END) + len(END)]


def masked(text: str) -> str:
    """Return text with random ids and days masked, so that two runs can be compared."""
    text = re.sub(r"\b[a-z2-7]{16}\b|\d{4}-\d\d-\d\d", "…", text)
    short = r"(?<=fix known: )\w+|(?<=holdfast why )\w+|(?<=; )[a-z2-7]{4,8}(?=\)$)|^[a-z2-7]{4,8}(?=  )"
    return re.sub(short, "…", text, flags=re.MULTILINE)


if __name__ == "__main__":
    readme = HERE / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text.replace(shown(text), block(demo_output())), encoding="utf-8")
