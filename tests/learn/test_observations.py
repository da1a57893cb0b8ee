from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count, pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.evidence.agreements import Agreement
from holdfast.evidence.approaches import AbandonedApproach
from holdfast.evidence.causes import RootCause
from holdfast.learn.observations import Observations, ObservationState
from holdfast.transcripts.events import AnyEvent, Call, Edit, Interruption, Prompt, Result, Say

Found = Agreement | AbandonedApproach | RootCause

_ids = count()
LIMIT = "limit := computeLimit(width)\nif limit > maximum {\n\tlimit = maximum\n}"
LOADED = "config := loadConfig(home)\nif config.width > 0 {\n\tapply(config.width)\n}"
NO_HOME = "load_test.go:9: loadConfig() = nil, want a home"
CHECK = "bun --check scripts/publish.ts"


def edit(path: str, removed: str, added: str) -> list[AnyEvent]:
    name = str(next(_ids))
    change = Edit(path, removed, added)
    return [
        Call(id=name, tool="Edit", name="Edit", paths=(path,), edits=(change,)),
        Result(call_id=name, status="ok"),
    ]


def run(command: str, text: str = "") -> list[AnyEvent]:
    """Return a command and its result; it failed when it printed something."""
    name = str(next(_ids))
    return [
        Call(id=name, tool="Bash", name="Bash", command=command),
        Result(call_id=name, status="failed" if text else "ok", text=text, exit_code=int(bool(text))),
    ]


def rejected(words: str) -> list[AnyEvent]:
    name = str(next(_ids))
    return [
        Call(id=name, tool="Bash", name="Bash", command="npm install left-pad"),
        Result(call_id=name, status="rejected", words=words),
    ]


def session() -> list[AnyEvent]:
    """Return a session that settles something, gives three things up and explains one."""
    return [
        Prompt(text="the table is too wide"),
        Say(text="Let me add a hard limit to the width:"),
        *edit("view.go", "", LIMIT),
        Prompt(text="but why a limit, the terminal gives its own size"),
        Say(text="The terminal already says how wide it is."),
        *edit("view.go", LIMIT, "limit := terminalWidth()\nrender(limit)"),
        *rejected("Never use npm in this repository, always use `pnpm`: the lock file is pnpm-lock.yaml."),
        *edit("load.go", "", LOADED),
        *run("go test ./...", NO_HOME),
        Say(text="The test fails because `loadConfig` runs before the home is known."),
        *edit("load.go", LOADED, "config := defaults()\nstart(config)"),
        *run("go test ./..."),
        *run(CHECK, "error: not logged in to the registry"),
        *run("bun build scripts/publish.ts --target=bun"),
        Interruption(),
        Prompt(text="Never publish from a laptop, the release job does it."),
    ]


def read(events: list[AnyEvent], cuts: Iterable[int] = ()) -> list[list[Found]]:
    """Return what each stretch of a session finds, the state stored between two of them."""
    found: list[list[Found]] = []
    state = None
    for start, end in pairwise([0, *sorted(cuts), len(events)]):
        reading = Observations(state)
        for line, event in enumerate(events[start:end], start=start + 1):
            reading.feed(event, line)
        reading.finish()
        found.append([*reading.agreements.found, *reading.approaches.found, *reading.causes.found])
        again = len(found[-1])
        reading.finish()
        assert again == len(reading.agreements.found + reading.approaches.found + reading.causes.found)
        state = msgspec.json.decode(msgspec.json.encode(reading.state), type=ObservationState)
    return found


def test_a_session_that_is_read_on_at_any_point_teaches_what_it_teaches_at_once() -> None:
    events = session()
    (whole,) = read(events)
    kinds = Counter(type(one).__name__ for one in whole)
    assert kinds == {"Agreement": 3, "AbandonedApproach": 3, "RootCause": 1}
    for cut in range(len(events) + 1):
        found = [one for stretch in read(events, [cut]) for one in stretch]
        assert sorted(map(_place, found)) == sorted(map(_place, whole))


def _what(found: Found) -> tuple[object, ...]:
    if isinstance(found, Agreement):
        return found.line, found.answer
    if isinstance(found, AbandonedApproach):
        return found.line, found.paths[0], found.kind
    return found.line, found.specific


def _place(found: Found) -> tuple[str, int]:
    return type(found).__name__, found.line


_parts = st.one_of(
    st.builds(
        edit,
        st.sampled_from(["view.go", "load.go"]),
        st.sampled_from(["", LIMIT, LOADED]),
        st.sampled_from(["", LIMIT, LOADED]),
    ),
    st.builds(
        run,
        st.sampled_from(
            [
                "go test ./...",
                CHECK,
                "bun build scripts/publish.ts",
                "git stash",
                "git stash drop",
                "git reset --hard",
            ]
        ),
        st.sampled_from(["", NO_HOME]),
    ),
    st.builds(rejected, st.just("never use npm, always use pnpm")),
    st.sampled_from(
        [
            [Prompt(text="no, not like this please")],
            [Say(text="The test fails because `loadConfig` runs before the home is known. Reverting.")],
            [Interruption()],
        ]
    ),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(_parts, max_size=16).map(lambda parts: [event for part in parts for event in part]), st.data()
)
def test_no_session_teaches_the_same_twice_wherever_it_is_read_on(
    events: list[AnyEvent], data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(events)), max_size=4))
    found = [_what(one) for stretch in read(events, cuts) for one in stretch]
    assert len(set(found)) == len(found)
