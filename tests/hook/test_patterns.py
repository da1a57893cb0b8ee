from __future__ import annotations

import re
import subprocess
import sys

import pytest

from holdfast.hook.patterns import regex


def test_it_answers_as_a_compiled_one_does() -> None:
    made, meant = regex(r"(?P<a>x+)y", re.IGNORECASE), re.compile(r"(?P<a>x+)y", re.IGNORECASE)
    assert made.pattern == meant.pattern
    assert made.sub("z", "aXXyb") == meant.sub("z", "aXXyb") == "azb"
    assert [each["a"] for each in made.finditer("xy XXy")] == ["x", "XX"]
    assert (bool(made.fullmatch("xxy")), made.match("y")) == (True, None)


def test_a_wrong_one_says_so_at_its_first_use() -> None:
    made = regex("(")
    with pytest.raises(re.error):
        made.match("x")


def test_a_command_compiles_few_of_them() -> None:
    """The gate alone has a hundred; to import it must not compile them."""
    count = (
        "import re; made = re.compile; found = []\n"
        "re.compile = lambda *a, **b: (found.append(a), made(*a, **b))[1]\n"
        "import holdfast.recall.brief, holdfast.learn.view\n"
        "print(sum(1 for text, *_ in found if isinstance(text, str)))"
    )
    before = "import re; import msgspec, click"
    done = subprocess.run([sys.executable, "-I", "-c", count], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 40, before
