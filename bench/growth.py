"""`python -m bench.growth FOLDER`: what a page costs when a child's entries, the events or the looks are many.

The large stores are made once, in FOLDER, and found there again. Each question is then asked of the small and of the
large in turn, and the medians of the processor time are compared: on SQLite that of this process, on PostgreSQL also
that of the server's processes.

Options: --store sqlite|postgres|both; --entries, --events, --looks FEW MANY (more than before makes a store anew);
--rounds of each question.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from bench import postgres
from bench.growth_data import Place, large_store
from coord.application.case.questions import ReadCase, ReadCircle, ReadLeftBehind, ReadLeftBehindBy
from coord.application.declared import Question
from coord.application.goals import questions as goals
from coord.application.groups import questions as groups
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.notes.questions import ReadBeside, ReadNote, ReadNoteReaders
from coord.application.summary.questions import ReadSummary, ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.domain.actors import Actor

WHAT_GROWS = {"entries": "entries of a child", "events": "events", "looks": "looks"}
Asked = Callable[[Place], tuple[Actor, Question]]


def _middle(place: Place) -> int:
    """Half way through the child's entries."""
    return place.positions[len(place.positions) // 2]


def ready(place: Place) -> Place:
    """With where the second page begins, and when half of the entries were there."""
    page = place.services.doors.ask(place.reader, ReadTimeline(place.child))
    half = place.services.doors.ask(place.reader, ReadTimeline(place.child, as_of=_middle(place)))
    return replace(place, cursor=page.next, time=max(item["received_at"] for item in half.items))


QUESTIONS: dict[str, Asked] = {
    "timeline": lambda p: (p.reader, ReadTimeline(p.child)),
    "timeline, second page": lambda p: (p.reader, ReadTimeline(p.child, cursor=p.cursor)),
    "timeline, notes of one author": lambda p: (
        p.reader,
        ReadTimeline(p.child, TimelineFilter(kind="note", author=p.writer.person_id)),
    ),
    "timeline of a teacher": lambda p: (p.teacher, ReadTimeline(p.child)),
    "as known on, the day before yesterday": lambda p: (p.reader, ReadTimeline(p.child, as_of=p.positions[-20])),
    "as known on, half way": lambda p: (p.reader, ReadTimeline(p.child, as_of=_middle(p))),
    "as known at a time, half way": lambda p: (p.reader, ReadTimeline(p.child, as_of=p.time)),
    "as known on, at the beginning": lambda p: (p.reader, ReadTimeline(p.child, as_of=p.positions[40])),
    "as known on, of a teacher": lambda p: (p.teacher, ReadTimeline(p.child, as_of=_middle(p))),
    "as somebody else saw it": lambda p: (p.lead, ReadTimelineAs(p.child, p.reader.person_id, as_of=_middle(p))),
    "search, a word of every note": lambda p: (p.reader, ReadTimeline(p.child, TimelineFilter(text="laces"))),
    "search, a word of the oldest": lambda p: (
        p.reader,
        ReadTimeline(p.child, TimelineFilter(text="beginnings")),
    ),
    "home": lambda p: (p.reader, ReadCaseload()),
    "home of a teacher": lambda p: (p.teacher, ReadCaseload()),
    "home of a lead": lambda p: (p.lead, ReadCaseload()),
    "child": lambda p: (p.reader, ReadCase(p.child)),
    "what a note is written beside": lambda p: (p.reader, ReadBeside(p.child)),
    "note": lambda p: (p.reader, ReadNote(p.child, p.note)),
    "who read a note": lambda p: (p.lead, ReadNoteReaders(p.child, p.note)),
    "goals": lambda p: (p.reader, goals.ReadGoals(p.child)),
    "a goal": lambda p: (p.reader, goals.ReadGoal(p.child, p.goal)),
    "measures": lambda p: (p.reader, goals.ReadMeasures(p.child)),
    "summary": lambda p: (p.reader, ReadSummary(p.child)),
    "what a summary can rest on": lambda p: (p.writer, ReadSummarySources(p.child)),
    "groups of a child": lambda p: (p.reader, groups.ReadGroups(p.child)),
    "circle": lambda p: (p.reader, ReadCircle(p.child)),
    "left behind with a child": lambda p: (p.lead, ReadLeftBehind(p.child)),
    "left behind by a person": lambda p: (p.admin, ReadLeftBehindBy(p.writer.person_id)),
    "history": lambda p: (p.lead, ReadHistory(p.child)),
    "history, changes by a person": lambda p: (
        p.lead,
        ReadHistory(p.child, HistoryFilter(person=p.writer.person_id, kind="changes")),
    ),
    "history, and who saw the child": lambda p: (p.lead, ReadHistory(p.child, grouped=True)),
    "audit": lambda p: (p.lead, ReadAudit()),
    "audit, and who may be chosen": lambda p: (p.lead, ReadAudit(choices=True)),
    "audit of a person": lambda p: (p.lead, ReadAudit(HistoryFilter(person=p.reader.person_id))),
    "audit of a child, and who saw it": lambda p: (p.lead, ReadAudit(HistoryFilter(case=p.child), grouped=True)),
}


@dataclass(frozen=True)
class Measured:
    """Milliseconds of processor time, at the small and at the large end."""

    name: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def compared(few: Place, many: Place, clock: Callable[[], float], rounds: int) -> list[Measured]:
    """Every question, at both ends in turn."""
    found = []
    for name, question in QUESTIONS.items():
        asked = [(place, *question(place)) for place in (few, many)]
        times: list[list[float]] = [[], []]
        for number in range(rounds + 2):
            for end, (place, who, what) in enumerate(asked):
                begun = clock()
                place.services.doors.ask(who, what)
                took = clock() - begun
                if number >= 2:  # the first two make what is kept in memory
                    times[end].append(took * 1e3)
                if sum(times[end]) > 20_000:  # slow enough to be sure of it
                    break
        one, other = (statistics.median(of) for of in times)
        found.append(Measured(name, one, other))
        print(f"  {name:42} {one:9.2f} {other:9.2f} ms  {other / one:8.2f}", flush=True)
    return found


def processor_time(url: str | None) -> Callable[[], float]:
    """Seconds of processor time used so far: by us, and by the server if there is one."""
    if url is None:
        return time.process_time
    with psycopg.connect(url) as connection:
        server = psutil.Process(connection.info.backend_pid).parent()
    assert server is not None

    def clock() -> float:
        of_server = 0
        for process in server.children():
            try:
                of_server += int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
            except OSError:  # it has just ended
                continue
        return time.process_time() + of_server / 1e9

    return clock


def both_ends(grows: str, folder: Path, url: str | None, a: argparse.Namespace) -> tuple[Place, Place]:
    """Where there is little, and where there is much of what grows; nothing else is made."""
    few = {"entries": (a.entries[0],), "events": a.events[0], "looks": a.looks[0]}
    if grows == "entries":  # two children of one store
        wide = large_store(folder / grows, url, **few | {grows: tuple(a.entries)})
        return wide.of(0), wide.of(1)
    small = large_store(folder / "few", url, **few)
    return small.of(0), large_store(folder / grows, url, **few | {grows: getattr(a, grows)[1]}).of(0)


def measure(store: str, a: argparse.Namespace) -> list[str]:
    """Everything on one store; lines of a table."""
    lines = []
    with ExitStack() as stack:
        url = stack.enter_context(postgres.running(a.folder / "pg")).url() if store == "postgres" else None
        clock = processor_time(url)
        for grows in a.only:
            what, (few_of_it, many_of_it) = WHAT_GROWS[grows], getattr(a, grows)
            print(f"{store}: {few_of_it:,} and {many_of_it:,} {what}", flush=True)
            ends = both_ends(grows, a.folder / store, url, a)
            try:
                few, many = map(ready, ends)
                for m in compared(few, many, clock, a.rounds):
                    lines.append(f"| {store} | {what} | {m.name} | {m.few:.2f} | {m.many:.2f} | {m.ratio:.2f} |")
            finally:
                for end in ends:
                    end.services.close()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("folder", type=Path, help="where the large stores are kept; outside of the repository")
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--entries", type=int, nargs=2, default=(300, 50_000))
    parser.add_argument("--events", type=int, nargs=2, default=(10_000, 1_000_000))
    parser.add_argument("--looks", type=int, nargs=2, default=(100_000, 10_000_000))
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", nargs="+", choices=WHAT_GROWS, default=list(WHAT_GROWS))
    a = parser.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    lines = ["| store | what grows | question | few, ms | many, ms | ratio |", "|---|---|---|---|---|---|"]
    for store in ("sqlite", "postgres") if a.store == "both" else (a.store,):
        lines += measure(store, a)
    (a.folder / "growth.md").write_text("\n".join(lines) + "\n")
    print(f"{datetime.now(UTC):%Y-%m-%d}: {a.folder / 'growth.md'}")


if __name__ == "__main__":
    main()
