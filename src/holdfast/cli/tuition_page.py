"""The tuition report as one page: HTML with its style and its charts inside, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from holdfast.cli.output import count, plain, thousands
from holdfast.cli.tuition_sections import duration, nothing_to_do, sections, way_out, where_from
from holdfast.measure.tuition.findings import MOST

if TYPE_CHECKING:
    from holdfast.measure.tuition.findings import Finding
    from holdfast.measure.tuition.repeated import RepeatedFailure
    from holdfast.measure.tuition.report import Tuition
    from holdfast.measure.tuition.weeks import Week

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
BARS = 12
"""Repeated failures that the chart shows."""
LISTED = 30
"""Entries of a section that the page shows."""
MOST_WEEKS = 104
"""Weeks that the chart shows: the last ones."""

_STYLE = """
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --paper: #ffffff; --card: #f6f8fa;
        --main: #2563a8; --pale: #b9cfe6; --good: #1f7a4d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #313a46; --paper: #12161c; --card: #1a2028;
          --main: #6ea8e6; --pale: #2f4a68; --good: #58c491; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper);
       color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: .4rem 0; } .soft, figcaption { color: var(--soft); font-size: .9rem; }
ol.findings { list-style: none; padding: 0; counter-reset: n; }
ol.findings > li { counter-increment: n; background: var(--card); border-left: 4px solid var(--main);
  border-radius: 4px; padding: .9rem 1.1rem; margin: .75rem 0; }
ol.findings > li::before { content: counter(n) ". "; font-weight: 600; }
.cure { margin-top: .4rem; } .cure b { color: var(--good); }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .6rem .8rem;
      overflow-x: auto; font: 13px/1.45 ui-monospace, monospace; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
figure { margin: 0; } svg { width: 100%; height: auto; display: block; } svg text { fill: var(--ink); }
svg .quiet { fill: var(--soft); }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1.25rem 0; }
.numbers b { display: block; font-size: 1.5rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th { text-align: left; color: var(--soft); font-weight: 500; }
td.n, th.n { text-align: right; white-space: nowrap; }
th, td { padding: .45rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
ul { padding-left: 1.2rem; } li { margin: .3rem 0; overflow-wrap: anywhere; } h2 .soft { font-weight: 400; }
@media (max-width: 40rem) {
  th { display: none; } td, tr { display: block; border: 0; padding: .1rem 0; }
  tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
  td.n { display: inline; text-align: left; margin-right: .9rem; color: var(--soft); }
  td.n::before { content: attr(data-name) " "; } .bars { display: none; } .wide { overflow: visible; }
  td { overflow-wrap: anywhere; } svg text { font-size: 26px; } }
"""


def page(report: Tuition) -> str:
    """Return the whole page."""
    title = f"What {report.repository or 'all of it'} keeps paying for"
    body = "\n".join(part for section in _SECTIONS for part in section(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{_text(title)}</h1>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """Return text for HTML; what stands between backquotes as code."""
    parts = escape(plain(text), quote=True).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _summary(report: Tuition) -> Iterator[str]:
    agents = ", ".join(f"{number:,} {name}" for name, number in report.agents.items())
    span = f", {report.first} to {report.last}" if report.first else ""
    told = f"{count(report.sessions, 'session')} ({agents}){span}. {where_from(report)}"
    yield f'<p class="soft">{_text(told)}</p>'
    cost = report.cost
    numbers = [
        (duration(report.hours * 60), "of agent work"),
        (
            f"{cost.sessions_with_repeats}/{report.sessions}",
            "sessions met a failure that an earlier one had met",
        ),
        (f"≤ {duration(cost.repeated_minutes)}", "spent getting past those again"),
        (f"≈ {thousands(cost.repeated_tokens)}", "tokens spent on it"),
    ]
    cells = "".join(f"<div><b>{_text(number)}</b> {_text(what)}</div>" for number, what in numbers)
    yield f'<div class="numbers">{cells}</div>'


def _findings(report: Tuition) -> Iterator[str]:
    if not report.findings:
        yield f"<p>{nothing_to_do(report)}</p>"
        return
    yield "<h2>Act on this first</h2>"
    yield f'<ol class="findings">{"".join(map(_finding, report.findings[:MOST]))}</ol>'


def _finding(finding: Finding) -> str:
    change = finding.cure.change
    patch = f"<pre>{escape(plain(change.diff))}</pre>" if change is not None else ""
    return (
        f'<li>{_text(finding.text)}<div class="cure"><b>{_text(finding.cure.form)}</b> '
        f"{_text(finding.cure.text)}{patch}</div></li>"
    )


def _over_time(report: Tuition) -> Iterator[str]:
    shown = report.weeks[-MOST_WEEKS:]
    if len(shown) > 1:
        yield "<h2>Week by week</h2>"
        yield (
            f"<figure>{_columns(shown)}<figcaption>Sessions a week; the dark part met a failure that an "
            "earlier session had met.</figcaption></figure>"
        )


def _columns(weeks: Sequence[Week]) -> str:
    width, height, low = 900, 200, 24
    most = max(week.sessions for week in weeks) or 1
    step = (width - 40) / len(weeks)
    bar = max(2.0, min(48.0, step * 0.8))
    parts = [_label(34, 14, str(most), "end", quiet=True), _label(34, height - low, "0", "end", quiet=True)]
    every = max(1, len(weeks) // 10)
    for place, week in enumerate(weeks):
        left = 40 + place * step + (step - bar) / 2
        tall = (height - low - 10) * week.sessions / most
        dark = (height - low - 10) * week.with_repeats / most
        told = f"Week of {week.day}: {week.with_repeats} of {count(week.sessions, 'session')}"
        parts.append(
            f"<g><title>{told}</title>{_rect(left, height - low - tall, bar, tall, 'pale')}"
            f"{_rect(left, height - low - dark, bar, dark, 'main')}</g>"
        )
        if place % every == 0:
            parts.append(_label(left + bar / 2, height - 6, week.day[5:], "middle", quiet=True))
    return _svg(width, height, "Sessions a week, and those that met a known failure", parts)


def _dearest(report: Tuition) -> Iterator[str]:
    dearest = sorted(report.repeated, key=lambda failure: -failure.minutes)
    shown = [failure for failure in dearest[:BARS] if failure.minutes]
    if shown:
        yield '<div class="bars"><h2>What repeats cost</h2>'
        caption = (
            "Minutes from failure to the next success in all sessions after the first: upper bounds, since a "
            "session may do other things meanwhile."
        )
        yield f"<figure>{_bars(shown)}<figcaption>{caption}</figcaption></figure></div>"


def _bars(failures: Sequence[RepeatedFailure]) -> str:
    width, row = 900, 44
    most = max(failure.minutes for failure in failures)
    parts = []
    for place, failure in enumerate(failures):
        top = place * row
        told = f"{failure.command}: {failure.message}"
        told = told if len(told) <= 108 else told[:107] + "…"
        long = 760 * failure.minutes / most
        spent = f"{duration(failure.minutes)}, {failure.sessions} sessions"
        parts += [
            _label(0, top + 15, told, "start"),
            _rect(0, top + 21, max(long, 2), 12, "main"),
            _label(max(long, 2) + 8, top + 31, spent, "start", quiet=True),
        ]
    return _svg(width, len(failures) * row, "Minutes that repeated failures cost", parts)


def _table(report: Tuition) -> Iterator[str]:
    if not report.repeated:
        return
    yield "<h2>Paid for again</h2>"
    numbers = "".join(f'<th class="n">{name}</th>' for name in ("Sessions", "Times", "Time", "Tokens"))
    head = f"<tr>{numbers}<th>Failure</th><th>Cheapest cure that lasts</th></tr>"
    rows = "".join(map(_row, report.repeated[:40]))
    yield f'<div class="wide"><table>{head}{rows}</table></div>'


def _row(failure: RepeatedFailure) -> str:
    numbers = (
        f"{failure.sessions}/{failure.ran}",
        str(failure.times),
        duration(failure.minutes),
        thousands(failure.tokens),
    )
    named = zip(("sessions", "times", "time", "tokens"), numbers, strict=True)
    cells = "".join(f'<td class="n" data-name="{name}">{number}</td>' for name, number in named)
    told = _text(f"{failure.command}: {failure.message}")
    return f"<tr>{cells}<td>{told}</td><td>{_text(way_out(failure))}</td></tr>"


def _lesser(report: Tuition) -> Iterator[str]:
    for section in sections(report):
        aside = f' <span class="soft">{_text(section.aside)}</span>' if section.aside else ""
        entries = "".join(f"<li>{_text(entry)}</li>" for entry in section.entries[:LISTED])
        yield f"<h2>{_text(section.title)}{aside}</h2>\n<ul>{entries}</ul>"


def _unreadable(report: Tuition) -> Iterator[str]:
    if report.unreadable:
        entries = "".join(
            f"<li>{_text(f'{one.name}: {one.reason}')}</li>" for one in report.unreadable[:LISTED]
        )
        yield f"<h2>Not read</h2>\n<ul>{entries}</ul>"


def _rect(left: float, top: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" '
        f'fill="var(--{colour})"/>'
    )


def _label(left: float, top: float, text: str, anchor: str, *, quiet: bool = False) -> str:
    kind = ' class="quiet"' if quiet else ""
    place = f'x="{left:.1f}" y="{top:.1f}" font-size="13" text-anchor="{anchor}"'
    return f"<text {place}{kind}>{escape(plain(text))}</text>"


def _svg(width: int, height: int, label: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


_SECTIONS = (_summary, _findings, _over_time, _dearest, _table, _lesser, _unreadable)
