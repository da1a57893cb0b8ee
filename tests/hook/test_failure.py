from __future__ import annotations

import json

from tests.hook.made import journal, told, write

from holdfast.hook import lint, signature
from holdfast.repo.location import Repository

SAID = "error: PGPASSWORD=correcthorse rejected"
FOUND = "shop/a.py:3:1 S324 Probable use of insecure hash"
FIX = {"id": "a", "line": "Where it cannot be mended, `# noqa: S324` ended it.", "p": 0.9, "cost": 10}


def test_what_a_failure_printed_is_not_written_down(empty: Repository) -> None:
    """What is noted goes into shared records: it is the family on record, without secrets."""
    output = f"Exit code 1\n{FOUND}\n{SAID}"
    assert "correcthorse" in signature.sign("Bash", "frob", output).family
    ((family, specific, _),) = lint.findings(output)
    write(empty, **{f"fix:1:{specific}": {"family": family, "saves": 1000, "fixes": [FIX]}})
    assert told(empty, "failure", tool_name="Bash", tool_input={"command": "frob"}, error=output)
    assert [line["family"] for line in journal(empty)] == [family]
    assert "correcthorse" not in json.dumps(journal(empty))
