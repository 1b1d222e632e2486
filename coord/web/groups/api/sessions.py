"""Sessions of a course: planned, cancelled, recorded, corrected; and those that one runs oneself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from flask import Response

from coord.application.groups.commands import (
    CancelSession,
    ChildRecord,
    CorrectSession,
    HandedOver,
    MoveSession,
    NameStandIns,
    PlanSession,
    Rating,
    RecordSession,
    ReinstateSession,
    SettleAttendance,
)
from coord.application.groups.questions import MySessionsAnswer, ReadMySessions, ReadSession, SessionAnswer
from coord.domain.case.groups import LineContent
from coord.web.api import answers, schemas
from coord.web.api.fields import Day, Strict, answers_in
from coord.web.api.intake import expected_version
from coord.web.api.operations import ApiBlueprint, actor, new_id, operation, services
from coord.web.api.routes import reads, sends
from coord.web.groups.api import schemas as shapes

blueprint = ApiBlueprint(
    "sessions",
    "Sessions of a course. One recording writes into the record of each child; a child's record holds nothing of the "
    "others.",
)
SESSION = "/courses/<uuid:course>/sessions/<int:number>"
RECORDINGS = f"{SESSION}/recordings"
_CHILD = "00000000-0000-4000-8000-000000000002"
_GOAL = "00000000-0000-4000-8000-000000000003"


class MySessionsQuery(Strict):
    """From which day to which, both included; at most 400 days."""

    start = Day(required=True, data_key="from")
    end = Day(required=True, data_key="to")


reads(
    blueprint,
    "/me/sessions",
    ReadMySessions,
    MySessionsAnswer,
    query=MySessionsQuery,
    about="""Read the sessions of the courses that you run

    From day to day on the clinic's calendar, with those for which you stand in. No child is named. Beside them,
    whatever the days, those that wait for you.
    """,
)


reads(
    blueprint,
    SESSION,
    ReadSession,
    SessionAnswer,
    etag="course.version",
    about="""Read one session (the staff of the course, and the team lead)

    Its plan, its children, and what was recorded.
    """,
)


sends(
    blueprint,
    "PUT",
    f"{SESSION}/plan",
    PlanSession,
    if_match="required",
    example={
        "aims": "Taking turns",
        "steps": [
            {"step": "welcome", "minutes": 10},
            {"step": "main", "minutes": 40, "note": "Build a bridge in pairs."},
            {"step": "reflection", "minutes": 10, "note": "What went well today?"},
        ],
        "children": [{"case": _CHILD, "grading": "down", "how": "With a picture card", "goals": [_GOAL]}],
    },
    about="""Plan a session, or plan it otherwise (the course's therapists, and the team lead)

    The version is that of the course: it is refused only if this session changed since.
    """,
)


sends(
    blueprint,
    "POST",
    f"{SESSION}/cancellation",
    CancelSession,
    example={"reason": "The room is flooded"},
    about="""Say that a session does not take place (the course's therapists, and the team lead)

    The whole service team can read the reason: no names.
    """,
)


sends(
    blueprint,
    "POST",
    f"{SESSION}/reinstatement",
    ReinstateSession,
    example={"reason": "Cancelled by mistake"},
    about="""Say that a cancelled session takes place after all (the course's therapists, and the team lead)

    Before its day or after it; each child's record has the date again. That children have another group then is asked
    about (`another-group-then`).
    """,
)


sends(
    blueprint,
    "POST",
    f"{SESSION}/move",
    MoveSession,
    example={"day": "2026-09-17", "start_time": "15:00", "reason": "The school's feast"},
    about="""Move one session to another day or time (the course's therapists, and the team lead)

    Each child's record and every calendar follow. A session that was recorded or cancelled is not moved. A day off, and
    children who have another group then, are asked about (`on-a-day-off`, `another-group-then`).
    """,
)


sends(
    blueprint,
    "PUT",
    f"{SESSION}/stand-ins",
    NameStandIns,
    if_match="required",
    example={"people": ["00000000-0000-4000-8000-000000000001"], "reason": "Ada is ill this week"},
    about="""Name who runs one session for once (the course's therapists, and the team lead)

    The whole list. They read this session with its children, and record it; of the rest of the course they learn
    nothing. Who is on the list no more reads it no more.
    """,
)


sends(
    blueprint,
    "POST",
    f"{SESSION}/settlements",
    SettleAttendance,
    older=True,
    example={
        "case": _CHILD,
        "line": "00000000-0000-4000-8000-000000000004",
        "reason": "The child came late; the other list was written before.",
    },
    about="""Settle whether a child was in a session (who made one of the recordings, and the team lead)

    Where recordings disagree: the line named holds, those that tell the contrary are marked as entered in error, with
    their ratings. The reason goes into the child's record.
    """,
)


@operation(
    blueprint,
    "POST",
    RECORDINGS,
    body=shapes.NewRecording,
    answer=schemas.Receipt,
    status=201,
    example={
        "started_at": "2026-09-15T15:00:00+02:00",
        "ended_at": "2026-09-15T16:00:00+02:00",
        "note": {"delivered": "As planned.", "environment": "Quiet.", "dynamics": "", "next_plan": "Pairs again."},
        "children": [
            {
                "case": _CHILD,
                "attendance": "present",
                "arrival": "settled",
                "response": "Waited for a turn twice, unasked.",
                "message_school": "Praise for waiting helps.",
                "ratings": [{"goal": _GOAL, "level": 1, "support": "verbal"}],
            }
        ],
    },
)
def record_session(course: UUID, number: int, body: dict[str, Any]) -> Response:
    """Record a session (the course's therapists, and the team lead)

    All in one: the note about the group, and a line into the record of each child. Where two record the same session,
    both stay. Before the session's day, of the clinic's calendar, it is refused (`before-its-day`). A text that
    seems to name another child of the group is asked about (`names-another-child`). The version in the answer is the
    recording's.
    """
    recording, confirmed = new_id(body.pop("id", None)), answers_in(body)
    children = _children(body.pop("children"), recording, 1)
    command = RecordSession(course, number, recording, children=children, confirmed=confirmed, **body)
    return answers.receipt(services().doors.execute(actor(), command), 201)


@operation(
    blueprint,
    "POST",
    f"{RECORDINGS}/<uuid:recording>/corrections",
    body=shapes.NewCorrection,
    answer=schemas.Receipt,
    status=201,
    if_match="required",
    example={
        "reason": "Came later than I wrote",
        "children": [{"case": _CHILD, "line": "00000000-0000-4000-8000-000000000004", "attendance": "late"}],
    },
)
def correct_session(course: UUID, number: int, recording: UUID, body: dict[str, Any]) -> Response:
    """Correct a recording (who made it, and the team lead)

    It reaches the record of each child whom it concerns, as a new version of the line. What it said before stays
    readable. The version is the recording's.
    """
    version, confirmed = expected_version() or 0, answers_in(body)
    children = _children(body.pop("children", ()), recording, version + 1)
    command = CorrectSession(course, number, recording, version, children=children, confirmed=confirmed, **body)
    return answers.receipt(services().doors.execute(actor(), command), 201)


# ---- what is sent of each child ----------------------------------------------------------------------------------


def _children(sent: Sequence[Mapping[str, Any]], recording: UUID, version: int) -> list[ChildRecord]:
    """The lines that are sent, with ids for what has none: the same ones when the same is sent again.

    They come from the recording's id, which is in the course's stream alone: they lead nobody from child to child.
    """
    return [_child(child, recording, version) for child in sent]


def _child(sent: Mapping[str, Any], recording: UUID, version: int) -> ChildRecord:
    case = sent["case"]
    content = LineContent(**{name: value for name, value in sent.items() if name in LineContent.__annotations__})
    ratings = [
        Rating(
            observation_id=rating.get("id") or uuid5(recording, f"{case}/{version}/rating/{j}"),
            goal_id=rating["goal"],
            **{name: value for name, value in rating.items() if name not in ("id", "goal")},
        )
        for j, rating in enumerate(sent.get("ratings", ()))
    ]
    strategies = [
        HandedOver(s.get("id") or uuid5(recording, f"{case}/{version}/strategy/{j}"), s["text"])
        for j, s in enumerate(sent.get("strategies", ()))
    ]
    return ChildRecord(case, sent.get("line") or uuid5(recording, f"{case}/line"), content, ratings, strategies)
