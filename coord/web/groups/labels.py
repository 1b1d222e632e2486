"""What the parts of therapeutic groups are called; see `coord.web.labels`, which holds all tables together."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

ATTENDANCES: dict[str, LazyString] = {
    "present": lazy_pgettext("attendance", "Present"),
    "late": _l("Came late"),
    "left-early": _l("Left early"),
    "absent": _l("Absent"),
}
ARRIVALS: dict[str, LazyString] = {
    "settled": _l("Settled"),
    "excited": _l("Excited"),
    "tired": _l("Tired"),
    "upset": _l("Upset"),
    "withdrawn": _l("Withdrawn"),
}
GRADINGS: dict[str, LazyString] = {
    "down": _l("Graded down"),
    "as-written": _l("As written"),
    "up": _l("Graded up"),
}
GUARDIANS: dict[str, LazyString] = {
    "present": _l("A parent or guardian was there"),
    "absent": _l("No parent or guardian was there"),
}
PLACES: dict[str, LazyString] = {
    "enrolled": _l("Has a place"),
    "waiting": _l("Waiting for a place"),
    "left": _l("Has left"),
    "revised": _l("Dates or aims changed"),
}
SESSION_STATUSES: dict[str, LazyString] = {
    "planned": _l("To come"),
    "recorded": _l("Recorded"),
    "cancelled": _l("Cancelled"),
}
DEMANDS: dict[str, LazyString] = {
    "cognitive": _l("Thinking and understanding"),
    "motor": _l("Movement"),
    "communication": _l("Communication"),
    "sensory": _l("Sensory impressions"),
    "attention": _l("Attention"),
}
LINE_PARTS: dict[str, LazyString] = {
    "attendance": _l("Attendance"),
    "absence_reason": _l("Why absent"),
    "arrival": _l("On arrival"),
    "grading": _l("Grading used"),
    "support": _l("Help needed"),
    "response": _l("How it went"),
    "incident": _l("Incident"),
    "message_home": _l("Message for home"),
    "message_school": _l("Message for school"),
    "guardian": _l("Parent or guardian"),
    "practice": _l("Practice agreed for home"),
    "ratings": _l("Goals rated"),
    "strategies": _l("Strategies handed over"),
    "goals": _l("Goals worked on"),
    "aims": _l("Aims"),
    "remark": _l("Remark"),
    "message": _l("Message"),
}
NOTE_PARTS: dict[str, LazyString] = {
    "delivered": _l("What was done of the plan"),
    "environment": _l("The room and its noise"),
    "dynamics": _l("How the children were with each other"),
    "next_plan": _l("What to do next time"),
}
COURSE_PARTS: dict[str, LazyString] = {
    "title": _l("Name of the course, for the staff"),
    "kind": _l("Kind of group"),
    "aims": _l("Aims, in plain words"),
    "room": _l("Room"),
    "first_date": _l("First session"),
    "start_time": _l("Begins at"),
    "minutes": _l("Minutes"),
    "sessions": _l("Number of sessions"),
    "holidays": _l("Days without a session"),
    "capacity": _l("Places"),
    "staff": _l("Staff"),
}
GROUP_ACCESSES: dict[str, LazyString] = {
    "calendar-made": _l("Made an address for a calendar feed"),
    "calendar-revoked": _l("Revoked the address of a calendar feed"),
    "calendar-refused": _l("Calendar feed refused"),
}
