"""Read any agent's transcript and print what failed in it and what got past it.

python examples/read_transcript.py examples/sessions/01-claude.jsonl
"""

import sys

import holdfast
from holdfast.evidence.episodes import EpisodeTracker

if len(sys.argv) != 2:
    sys.exit(__doc__)
transcript = holdfast.open_transcript(sys.argv[1])
tracker = EpisodeTracker()
for event in transcript.events():
    tracker.feed(event, transcript.line)

session, counts = transcript.session, transcript.counts
print(f"{session.agent} {session.version}, {counts.records} records, {counts.unknown} unknown")
for episode in tracker.closed:
    assert episode.fix is not None
    print(f"line {episode.failure.line}: {episode.failure.family}")
    print(f"    got past in {episode.fix.steps} calls: {episode.fix.command}")
for episode in tracker.finish():
    print(f"line {episode.failure.line}: {episode.failure.family} (never got past)")
