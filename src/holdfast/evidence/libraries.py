"""Which libraries lines of code, manifests and install commands bring in."""

from __future__ import annotations

from holdfast.hook.patterns import regex

_IMPORTS = (
    regex(
        r"^(?:from\s+([A-Za-z_][\w]*)[\w.]*\s+import\b|import\s+([A-Za-z_]\w*)(?:[.\w]*)(?:\s+as\s+\w+)?;?$)"
    ),
    regex(
        r"(?:\bfrom\s+|\brequire\(|\bimport\(|^import\s+)[\"']((?:@[\w.-]+/)?[A-Za-z][\w.-]*)(?:/[\w./-]*)?[\"']"
    ),
    regex(r"^(?:import\s+)?(?:[A-Za-z_]\w*\s+|_\s+)?\"((?:[a-z0-9-]+\.)+[a-z]{2,}/[\w./-]+)\"$"),
    regex(r"^(?:pub\s+)?use\s+([a-z_]\w*)::"),
    regex(r"^require\s+['\"]([A-Za-z][\w/-]*)['\"]$"),
)
_MANIFEST = regex(
    r"^\"((?:@[\w.-]+/)?[a-z][\w.-]*)\":\s*\"[~^<>=*v]*\d[\w.*-]*\",?$"
    r"|^([A-Za-z][\w.-]*)\s*(?:==|>=|~=|<=)\s*\d[\w.*]*$"
    r"|^\"([A-Za-z][\w.-]*)(?:\[[\w,]+\])?\s*(?:==|>=|~=)[^\"]*\",?$"
    r"|^(?:require\s+)?((?:[a-z0-9-]+\.)+[a-z]{2,}/[\w./-]+)\s+v\d[\w.+-]*$"
)
_INNER = frozenset(
    "src lib app test tests utils components types internal crate self super std core alloc".split()
)


def libraries_in(lines: list[str]) -> list[str]:
    """Return the libraries that lines of code or of a manifest bring in, by name, in order."""
    found: dict[str, None] = {}
    for line in lines:
        for pattern in (*_IMPORTS, _MANIFEST):
            match = pattern.search(line.strip())
            if match:
                name = next(group for group in match.groups() if group)
                if name.lower() not in _INNER:
                    found[name] = None
                break
    return list(found)
