"""What is shown: one file a view, with its tables, its handlers and its queries."""

from coord.projections.activities import Activities
from coord.projections.caseload import Caseload
from coord.projections.circle import Circle
from coord.projections.courses import Courses
from coord.projections.engine import Snapshot, View, Views
from coord.projections.goals import Goals
from coord.projections.history import History
from coord.projections.measures import Measures
from coord.projections.note_templates import NoteTemplates
from coord.projections.people import People
from coord.projections.policies import Policies
from coord.projections.rising import Rising
from coord.projections.strategies import Strategies
from coord.projections.summary import Summaries
from coord.projections.timeline import Timeline

ALL_VIEWS: tuple[type[View], ...] = (
    People,
    Rising,
    Caseload,
    Timeline,
    Summaries,
    Goals,
    Strategies,
    Measures,
    History,
    Activities,
    Policies,
    Courses,
    Circle,
    NoteTemplates,
)

__all__ = [
    "ALL_VIEWS",
    "Activities",
    "Caseload",
    "Circle",
    "Courses",
    "Goals",
    "History",
    "Measures",
    "NoteTemplates",
    "People",
    "Policies",
    "Rising",
    "Snapshot",
    "Strategies",
    "Summaries",
    "Timeline",
    "View",
    "Views",
]
