"""What is shown: one file a view, with its tables, its handlers and its queries."""

from coord.projections.activities import Activities
from coord.projections.caseload import Caseload
from coord.projections.engine import Snapshot, View, Views
from coord.projections.history import History
from coord.projections.people import People
from coord.projections.policies import Policies
from coord.projections.summary import Summaries
from coord.projections.timeline import Timeline

ALL_VIEWS: tuple[type[View], ...] = (People, Caseload, Timeline, Summaries, History, Activities, Policies)

__all__ = [
    "ALL_VIEWS",
    "Activities",
    "Caseload",
    "History",
    "People",
    "Policies",
    "Snapshot",
    "Summaries",
    "Timeline",
    "View",
    "Views",
]
