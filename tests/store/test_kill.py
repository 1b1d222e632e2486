"""A writer killed with -9 at any moment: what it acknowledged is there, once, and the views catch up by themselves.

COORD_KILLS sets the number of rounds (20; the long form is 1000).
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from uuid import UUID

import pytest

from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.bootstrap import build
from tests.house import House

ROUNDS = int(os.environ.get("COORD_KILLS", "20"))

WRITER = """
import itertools, os, sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4
from coord.application.notes.commands import AddAddendum, SaveDraft, SignNote
from coord.application.timeline.questions import ReadTimeline
from coord.bootstrap import build
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case import NoteContent
from coord.settings import Settings

folder, url, child, person = sys.argv[1:]
child, actor = UUID(child), Actor(UUID(person), "Ada", Role.THERAPIST, Discipline.OT, "North")
# Modules are loaded once; each round is a fork of this process, so that a round costs a connection and no more.
print("ready", flush=True)
for turn, _ in enumerate(sys.stdin):
    minutes = itertools.count(60 + 2_000 * turn)  # each note at a time of its own, or it would be asked about
    if os.fork() == 0:
        services = build(Settings(data=Path(folder), database_url=url or None))
        print("pid", os.getpid(), flush=True)
        while True:
            note = uuid4()
            services.doors.execute(actor, SaveDraft(child, note, "note", {"text": note.hex}))
            begun = services.clock() - timedelta(minutes=next(minutes))
            content = NoteContent("narrative", {"text": note.hex}, begun)
            services.doors.execute(actor, SignNote(child, note, content))
            os.write(1, f"signed {note.hex}\\n".encode())  # at once: a word cut off by the kill is no acknowledgement
            services.doors.execute(actor, AddAddendum(child, note, uuid4(), "more"))
            os.write(1, f"added {note.hex}\\n".encode())
            services.doors.ask(actor, ReadTimeline(child))
    os.wait()
    print("dead", flush=True)
"""


def test_what_was_acknowledged_before_a_kill_is_there_once_and_the_views_follow(house: House):
    settings, child, chance = house.services.settings, house.child, random.Random(9)
    house.clock.turn(days=3650)  # this process asks later than the writer wrote
    arguments = [str(settings.data), settings.database_url or "", str(child), str(house.ot.person_id)]
    signed, added = list[str](), list[str]()
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WRITER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    rounds = 0
    # On a busy machine many a writer is killed before it has written: then it takes more of them.
    while rounds < ROUNDS or (len(signed) <= ROUNDS / 2 and rounds < 10 * ROUNDS):
        rounds += 1
        writer.stdin.write("go\n")
        writer.stdin.flush()
        words = writer.stdout.readline().split()
        assert words[0] == "pid"
        time.sleep(chance.uniform(0, 0.25))  # at any moment
        os.kill(int(words[1]), signal.SIGKILL)
        for line in iter(writer.stdout.readline, "dead\n"):
            what, note = line.split()
            (signed if what == "signed" else added).append(note)
    writer.stdin.close()
    writer.wait()
    writer.stdout.close()
    assert len(signed) > ROUNDS / 2, "the writer was killed before it wrote anything"

    after = build(settings, house.clock)
    try:
        events = [r.event for r in after.record.stream(child) if r.event.entry_id]
        kinds = Counter((type(e).__name__, e.entry_id.hex) for e in events if e.entry_id)
        assert set(kinds.values()) == {1}, "twice"
        assert {("NoteSigned", n) for n in signed} <= set(kinds), "lost"
        assert {("NoteAddendumAdded", n) for n in added} <= set(kinds), "lost"
        # At most the one that was on its way in each round may be there without a word of it.
        assert len(events) - len(signed) - len(added) <= rounds
        cursor, shown = "", list[UUID]()
        while True:
            page = ReadTimeline(child, TimelineFilter(kind="note"), cursor=cursor, limit=100)
            answer = after.doors.ask(house.slt, page)
            shown += [i["entry_id"] for i in answer.items]
            cursor = answer.next
            if not cursor:
                break
        assert Counter(i.hex for i in shown) == Counter(n for kind, n in kinds if kind == "NoteSigned")
        assert {d.rows for d in after.views.differences(after.views.rebuild(swap=False)).values()} == {0}
    finally:
        after.close()


def test_the_harness_would_notice_a_loss():
    with pytest.raises(AssertionError, match="lost"):
        assert {("NoteSigned", "a")} <= set(Counter()), "lost"
