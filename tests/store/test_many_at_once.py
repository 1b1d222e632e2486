"""Two hundred notes to one child at once, from two processes of many threads: all kept, in order, none refused."""

import json
import subprocess
import sys
from uuid import UUID

from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from tests.house import House

WRITER = """
import json, sys, threading
from itertools import count
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4
from coord.application.notes.commands import SignNote
from coord.bootstrap import build
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case import NoteContent
from coord.settings import Settings

folder, url, child, person, many, which = sys.argv[1:]
services = build(Settings(data=Path(folder), database_url=url or None))
actor = Actor(UUID(person), "Ada", Role.THERAPIST, Discipline.OT, "North")
answers, minutes = [], count(60 + int(which), 2)

def write():
    for _ in range(int(many)):
        note = uuid4()
        begun = services.clock() - timedelta(minutes=next(minutes))  # a note of its own, at a time of its own
        content = NoteContent("narrative", {"text": note.hex}, begun)
        try:
            receipt = services.doors.execute(actor, SignNote(UUID(child), note, content))
            answers.append([note.hex, receipt.position])
        except Exception as error:
            answers.append([note.hex, repr(error)])

threads = [threading.Thread(target=write) for _ in range(5)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
services.close()
print(json.dumps(answers))
"""


def test_two_hundred_posts_to_one_child_are_all_kept_in_order(house: House):
    settings, child = house.services.settings, house.child
    house.clock.turn(days=3650)  # this process asks later than the writers wrote
    arguments = [str(settings.data), settings.database_url or "", str(child), str(house.ot.person_id), "20"]
    before = house.services.record.head()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, *arguments, str(which)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for which in "01"
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    answers = [pair for writer in writers for pair in json.loads(writer.communicate()[0])]

    assert len(answers) == 200
    assert [a for a in answers if not isinstance(a[1], int)] == []
    stream = [r for r in house.services.record.stream(child) if r.position > before]
    assert {(r.event.entry_id.hex, r.position) for r in stream if r.event.entry_id} == {(n, p) for n, p in answers}
    assert len(stream) == 200
    versions = [r.event.originator_version for r in stream]
    assert versions == list(range(versions[0], versions[0] + 200))
    positions = [r.position for r in stream]
    assert positions == sorted(set(positions))

    cursor, shown = "", list[UUID]()
    while True:
        page = ReadTimeline(child, TimelineFilter(kind="note"), cursor=cursor, limit=100)
        answer = house.services.doors.ask(house.slt, page)
        shown += [i["entry_id"] for i in answer.items]
        cursor = answer.next
        if not cursor:
            break
    assert len(shown) == 200
    assert {i.hex for i in shown} == {n for n, _ in answers}
