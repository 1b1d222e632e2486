"""How much the complaint file of one child takes: ``python -m bench.complaint_file``, on stores of `coord generate`.

It asks for the file as the lead of the service team, makes it as the worker does, and prints what it took."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

from coord.application.complaint_file.questions import AskForComplaintFile
from coord.application.people.handlers import actor_of
from coord.bootstrap import build
from coord.domain.actors import Actor, Role
from coord.office.access import Look
from coord.office.complaint_files import ComplaintFiles
from coord.projections import Caseload, People
from coord.settings import Settings
from coord.web import create_app
from coord.web.complaint_file.making import make_next
from coord.web.complaint_file.ordering import order


def main(looks: int) -> None:
    """With so many looks at the child made up beforehand."""
    services = build(Settings.from_env())
    with services.views.reading(services.record.head()) as snapshot:
        people = snapshot.view(People).all(snapshot.connection)
        lead = actor_of(services.record.person(next(p["person_id"] for p in people if p["role"] == Role.TEAM_LEAD)))
        (child, *_) = snapshot.view(Caseload).cases_of_team(snapshot.connection, lead.team)
    _look(services, lead, child["case_id"], looks - services.access.count(child["case_id"]))
    asked = AskForComplaintFile(child["case_id"], "To see what it takes")
    file = order(services, replace(lead, channel="page"), asked, "en")
    app = create_app(services)
    before, began, cpu = _peak(), time.monotonic(), time.process_time()
    make_next(app, services)
    took, used = time.monotonic() - began, time.process_time() - cpu
    made = ComplaintFiles(services.office).one(file.id, lead.person_id, services.clock())
    if made is None or made.status != "ready":
        sys.exit(f"not made: {made}")
    print(f"{made.done:,} rows ({made.looks:,} looks) in {took:.0f} s ({used:.0f} s of a processor)")
    print(f"{made.pages:,} pages, PDF {made.pdf_size / 1e6:.1f} MB, data {made.data_size / 1e6:.1f} MB")
    print(f"peak {_peak():.0f} MB, before {before:.0f} MB")


def _look(services: object, lead: Actor, case_id: object, more: int) -> None:
    """So many more looks at the child."""
    access, clock = services.access, services.clock  # type: ignore[attr-defined]
    one = Look(clock(), "ReadTimeline", "shown", lead.person_id, lead.name, lead.role.value, case_id=case_id)  # type: ignore[arg-type]
    for start in range(0, more, 1000):
        access.record(*[one] * min(1000, more - start))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
