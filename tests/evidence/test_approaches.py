from __future__ import annotations

from itertools import count

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.evidence.approaches import (
    MAX_SAID,
    MAX_WAITING,
    AbandonedApproach,
    ApproachTracker,
)
from holdfast.evidence.hunks import MAX_TOTAL
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, Say

_ids = count()
GUARD = "limit := computeLimit(width)\nif limit > maximum {\n\tlimit = maximum\n}"
LOADED = "config := loadConfig(home)\nif config.width > 0 {\n\tapply(config.width)\n}"
OTHER = "limit := terminalWidth()\nrender(limit)"


def edit(path: str, removed: str, added: str, tool: str = "Edit") -> list[AnyEvent]:
    name = str(next(_ids))
    change = Edit(path, removed, added)
    return [
        Call(id=name, tool=tool, name=tool, paths=(path,), edits=(change,)),
        Result(call_id=name, status="ok"),
    ]


def run(command: str, text: str = "", *, failed: bool = False) -> list[AnyEvent]:
    name = str(next(_ids))
    return [
        Call(id=name, tool="Bash", name="Bash", command=command),
        Result(call_id=name, status="failed" if failed else "ok", text=text, exit_code=int(failed)),
    ]


def found(*events: AnyEvent) -> list[AbandonedApproach]:
    tracker = ApproachTracker()
    for line, event in enumerate(events, start=1):
        tracker.feed(event, line)
    tracker.finish()
    return tracker.found


def objected(words: str, *, taken: str = GUARD, instead: str = OTHER) -> list[AnyEvent]:
    return [
        Prompt(text="the table is too wide"),
        Say(text="Let me add a hard limit to the width:"),
        *edit("view.go", "", GUARD),
        Prompt(text=words),
        Say(text="The terminal already says how wide it is."),
        *edit("view.go", taken, instead),
    ]


def test_what_a_person_spoke_against_and_the_agent_took_out_is_abandoned() -> None:
    (approach,) = found(*objected("but why a limit, the terminal gives its own size"))
    assert (approach.kind, approach.ended_by, approach.survived) == ("rewritten", "person", True)
    assert approach.paths == ("view.go",)
    assert approach.approach == "limit := computeLimit(width)"
    assert approach.replacement == "limit := terminalWidth()"
    assert approach.failure == "but why a limit, the terminal gives its own size"
    assert approach.because == "The terminal already says how wide it is."
    assert approach.why == "Let me add a hard limit to the width:"
    assert (approach.line, approach.end_line) == (4, 8)


@pytest.mark.parametrize(
    "words",
    [
        "thanks, now add a footer to the table",
        "yes",
        "commit this",
        "which option do you think is better?",
        "1. add a footer 2. not so wide 3. no colours",
    ],
)
def test_without_an_objection_a_later_turn_only_goes_on(words: str) -> None:
    assert found(*objected(words)) == []


def test_a_refinement_is_no_abandoned_approach() -> None:
    refined = GUARD.replace("maximum", "widest").replace("limit", "bound")
    kept = "limit := computeLimit(width, margin)\nif limit >= maximum {\n\tlimit = maximum - 1\n}"
    assert found(*objected("no, that is off by one", instead=kept)) == []
    thrice = [event for _ in range(3) for event in edit("view.go", refined, refined + "\n")]
    assert found(*edit("view.go", "", GUARD), *thrice) == []


@pytest.mark.parametrize("lines", [10, 4000])
def test_what_stands_at_the_end_of_a_file_that_was_written_anew_is_not_abandoned(lines: int) -> None:
    rest = "\n".join(f"row{number} := {number}" for number in range(lines))
    events = objected("no, write the file anew")[:-2]
    assert found(*events, *edit("view.go", "", f"{rest}\n{GUARD}", tool="Write")) == []


def test_what_is_moved_elsewhere_is_not_abandoned() -> None:
    moved = [*objected("why is this not in layout.go?"), *edit("layout.go", "", GUARD)]
    assert found(*moved) == []


@pytest.mark.parametrize("path", ["view_test.go", "tests/view.py", "README.md", "/elsewhere/view.go"])
def test_tests_prose_and_files_outside_are_no_approaches(path: str) -> None:
    events = [
        msgspec.structs.replace(event, edits=(Edit(path, *_texts(event)),), paths=(path,))
        if isinstance(event, Call)
        else event
        for event in objected("but why a limit, the terminal gives its own size")
    ]
    assert found(*events) == []


def _texts(call: Call) -> tuple[str, str]:
    return call.edits[0].removed, call.edits[0].added


def test_debugging_output_taken_out_again_is_no_approach() -> None:
    noise = 'fmt.Fprintf(os.Stderr, "DEBUG width %d", width)\nstart := time.Now()'
    events = [
        Say(text="Let me add debug output to see the width."),
        *edit("view.go", "", noise),
        Prompt(text="but why is it still wrong, the output is not needed"),
        *edit("view.go", noise, ""),
    ]
    assert found(*events) == []


def errored(message: str, *, again: bool, hidden: bool = False) -> list[AnyEvent]:
    last = "go test ./... | tail -5" if hidden else "go test ./..."
    return [
        *edit("load.go", "", LOADED),
        *run("go test ./...", message, failed=True),
        Say(text="The issue is that `loadConfig` runs before the home is known."),
        *edit("load.go", LOADED, "config := defaults()\nstart(config)"),
        *run(last, message if again else "ok", failed=again and not hidden),
    ]


def test_what_an_error_ended_counts_once_the_same_command_succeeds() -> None:
    (approach,) = found(*errored("load.go:9: panic: loadConfig: no home", again=False))
    assert (approach.ended_by, approach.owner) == ("error", "go test")
    assert approach.failure == "load.go:9: panic: loadConfig: no home"
    assert approach.family.startswith("go test: ")
    assert found(*errored("load.go:9: panic: loadConfig: no home", again=True)) == []


def test_a_success_that_looks_at_something_else_confirms_nothing() -> None:
    message = "load.go:9: panic: loadConfig: no home"
    begin = [
        *edit("load.go", "", LOADED),
        *run("go test ./load", message, failed=True),
        Say(text="The issue is that `loadConfig` runs before the home is known."),
        *edit("load.go", LOADED, "config := defaults()\nstart(config)"),
    ]
    assert found(*begin, *run("go test ./view")) == []
    assert len(found(*begin, *run("go vet ./... && go test ./..."))) == 1


def test_a_pipe_that_hides_that_the_command_failed_again_confirms_nothing() -> None:
    message = "--- FAIL: TestLoad (0.00s)\nload_test.go:9: loadConfig: no home"
    assert found(*errored(message, again=True, hidden=True)) == []
    assert len(found(*errored(message, again=False, hidden=True))) == 1


@pytest.mark.parametrize(
    "message",
    [
        'view.go:3:2: "os" imported and not used',
        "view.go:9:1: undefined: loadConfig",
        "view.go:9:1: result is not checked (errcheck)",
    ],
)
def test_mending_a_slip_that_a_compiler_or_linter_named_abandons_nothing(message: str) -> None:
    assert found(*errored(message, again=False)) == []


def test_the_agent_taking_its_own_change_back_says_why() -> None:
    (approach,) = found(
        *edit("view.go", "old := width", GUARD),
        Say(text="The layout must not depend on the limit. Let me revert that."),
        *edit("view.go", GUARD, "old := width"),
    )
    assert (approach.ended_by, approach.failure) == ("agent", "")
    assert approach.because == "The layout must not depend on the limit."
    assert approach.replacement == "old := width"


@pytest.mark.parametrize("command", ["git checkout -- view.go", "git restore view.go", "git reset --hard"])
def test_what_git_puts_back_is_undone(command: str) -> None:
    (approach,) = found(
        *edit("view.go", "", GUARD),
        Prompt(text="no, do not limit the width at all"),
        *run(command),
    )
    assert (approach.kind, approach.paths, approach.replacement) == ("undone", ("view.go",), "")


def test_a_stash_is_undone_when_dropped_and_nothing_when_popped() -> None:
    begin = [*edit("view.go", "", GUARD), Prompt(text="no, do not limit the width"), *run("git stash")]
    assert found(*begin, *run("git stash pop")) == []
    (approach,) = found(*begin, *run("git stash drop"))
    assert approach.kind == "undone"


def test_edits_that_were_committed_are_not_put_back_by_a_checkout() -> None:
    events = [
        *edit("view.go", "", GUARD),
        *run("git commit -am limit"),
        Prompt(text="no, do not limit the width at all"),
        *run("git checkout -- view.go"),
    ]
    assert found(*events) == []
    (approach,) = found(*events[:-2], *run("git reset --hard HEAD~1"))
    assert approach.kind == "undone"


def test_another_library_in_its_place_is_a_switch() -> None:
    old = 'import dayjs from "dayjs"\nconst shown = dayjs(at).format(pattern)'
    new = 'import { format } from "date-fns"\nconst text = format(at, pattern)'
    (approach,) = found(
        *edit("at.ts", "", old),
        Prompt(text="no, we should not bring in a second date library"),
        *edit("at.ts", old, new),
    )
    assert (approach.kind, approach.approach, approach.replacement) == ("switched", "dayjs", "date-fns")


def test_a_library_in_the_place_of_own_code_is_named_instead() -> None:
    new = 'import { format } from "date-fns"\nconst text = format(at, pattern)'
    (approach,) = found(
        *edit("at.ts", "", "const padded = padStart(month)\nconst shown = padded + separator"),
        Prompt(text="is there no library that does this?"),
        *edit("at.ts", "const padded = padStart(month)\nconst shown = padded + separator", new),
    )
    assert (approach.kind, approach.replacement) == ("rewritten", "date-fns")


def test_all_that_one_long_edit_takes_out_is_gone() -> None:
    rest = "\n".join(f"row{number} := {number}" for number in range(40))
    (approach,) = found(
        *edit("view.go", "", rest),
        *edit("view.go", "", GUARD),
        Prompt(text="no, we should not limit the width"),
        *edit("view.go", f"{rest}\n{GUARD}", OTHER),
    )
    assert (approach.line, approach.approach) == (2, "limit := computeLimit(width)")


def test_a_command_given_up_for_another_on_the_same_file_is_a_switch() -> None:
    (approach,) = found(
        *run("bun --check scripts/publish.ts", "error: not logged in to the registry", failed=True),
        *run("bun build scripts/publish.ts --target=bun"),
    )
    assert approach.kind == "switched"
    assert approach.approach == "bun --check scripts/publish.ts"
    assert approach.replacement == "bun build scripts/publish.ts --target=bun"
    assert (approach.ended_by, approach.failure) == ("error", "error: not logged in to the registry")


def test_a_command_that_works_in_the_end_was_not_given_up() -> None:
    begin = run("bun --check scripts/publish.ts", "error: not logged in", failed=True)
    instead = run("bun build scripts/publish.ts")
    assert found(*begin, *instead, *run("bun --check scripts/publish.ts")) == []
    assert found(*begin, *run("biome check scripts/publish.ts scripts/release.ts")) == []
    assert found(*begin, *run("rm scripts/publish.ts")) == []


def test_what_one_ending_took_out_is_told_once_wherever_the_transcript_is_read_on() -> None:
    begin = [
        *edit("view.go", "", GUARD),
        *edit("load.go", "", LOADED),
        Prompt(text="no, we should not limit it and not load anything"),
        *edit("view.go", GUARD, OTHER),
    ]
    tracker = ApproachTracker()
    for line, event in enumerate([*begin, *edit("load.go", LOADED, "start(defaults)")], start=1):
        tracker.feed(event, line)
        tracker.finish()
    assert [approach.paths for approach in tracker.found] == [("view.go",)]


def test_what_is_carried_over_is_bounded() -> None:
    tracker = ApproachTracker()
    line = 0
    for number in range(400):
        text = "\n".join(f"call{number}x{row}(argument)" for row in range(60))
        for event in [
            Say(text="s" * 9000),
            Prompt(text="no, not so " * 900),
            *edit(f"f{number}.go", "", text),
        ]:
            line += 1
            tracker.feed(event, line)
        for event in edit(f"f{number}.go", text, ""):
            line += 1
            tracker.feed(event, line)
    state = tracker.state
    assert len(state.waiting) <= MAX_WAITING
    assert len(state.said) <= 2 * MAX_SAID
    assert sum(len(hunk.added) + len(hunk.removed) for hunk in state.hunks) <= MAX_TOTAL
    assert len(msgspec.json.encode(state)) < 1_000_000


_texts_given = st.sampled_from([GUARD, OTHER, "", "old := width", "a\nb", "import os\nimport sys"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(edit, st.sampled_from(["a.go", "b.py"]), _texts_given, _texts_given),
            st.builds(run, st.sampled_from(["git stash", "git stash drop", "go test", "git reset --hard"])),
            st.sampled_from(
                [[Prompt(text="no, not like this please")], [Say(text="It must not be so. Reverting.")]]
            ),
        ),
        max_size=14,
    )
)
def test_any_session_is_read_and_an_approach_has_a_place_and_an_end(parts: list[list[AnyEvent]]) -> None:
    for approach in found(*(event for part in parts for event in part)):
        assert approach.paths
        assert 0 < approach.line < approach.end_line
        assert approach.failure or approach.because
