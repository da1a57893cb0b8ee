"""Named tuples whose fields are written as annotations, without loading ``typing``, which takes long.

Type checkers see `typing.NamedTuple`; what is made at run time is a `collections.namedtuple`, as that makes.
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OWN = frozenset(["__annotations__", "__module__", "__qualname__", "__orig_bases__"])


class _Making(type):
    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
        if not bases:
            return super().__new__(cls, name, bases, body)
        fields = list(body.get("__annotations__", ()))
        defaults = [body[each] for each in fields if each in body]
        made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])  # type: ignore[misc]
        for key, value in body.items():
            if key not in fields and key not in _OWN:
                setattr(made, key, value)
        return made


class NamedTuple(metaclass=_Making):
    """The base of a named tuple: each annotation of the class is a field, its value the default."""
