"""The two doors and what passes through them: `Doors.execute` for commands, `Doors.ask` for questions.

What answers is behind the doors once its module is imported, which is done here for all areas.
"""

import coord.application.activities.handlers
import coord.application.case.alerts
import coord.application.case.circle
import coord.application.case.handlers
import coord.application.case.left_behind
import coord.application.complaint_file.handlers
import coord.application.find.handlers
import coord.application.goals.reading
import coord.application.goals.writing
import coord.application.groups.correcting
import coord.application.groups.planning
import coord.application.groups.reading
import coord.application.groups.reading_lines
import coord.application.groups.reading_sessions
import coord.application.groups.recording
import coord.application.groups.settling
import coord.application.groups.writing
import coord.application.history.handlers
import coord.application.home.handlers
import coord.application.note_templates.handlers
import coord.application.notes.beside
import coord.application.notes.cosigning
import coord.application.notes.drafts
import coord.application.notes.reading
import coord.application.notes.writing
import coord.application.overview.handlers
import coord.application.people.handlers
import coord.application.phrases.handlers
import coord.application.policies.handlers
import coord.application.summary.handlers
import coord.application.timeline.handlers
import coord.application.waiting.handlers  # noqa: F401 - all for what they put behind the doors
from coord.application.carrying import carry_out_what_is_declared
from coord.application.doors import COMMANDS, QUESTIONS, Doors, utc_now
from coord.application.record import Record

__all__ = ["COMMANDS", "QUESTIONS", "Doors", "Record", "utc_now"]

carry_out_what_is_declared()
