"""What every version of every event says, written by hand: the frozen samples beside this file must still mean it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

CASE, PERSON, NOTE = UUID(int=0xC), UUID(int=0xA), UUID(int=0xE)
GOAL, MEASURE, STRATEGY = UUID(int=0x60), UUID(int=0x61), UUID(int=0x62)
AT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)  # half an hour into summer time, in Rome
OBSERVED = datetime(2026, 3, 28, 14, 0, tzinfo=UTC)
BY = {"person": str(UUID(int=0xA)), "name": "Ada Però", "role": "therapist", "discipline": "ot", "request": "r-1"}
MEMBER = {
    "name": "Pia",
    "role": "therapist",
    "discipline": "psychology",
    "relation": "psychologist",
    "since": "2026-03-01",
    "until": None,
}
DETAILS = {
    "preferred_name": "Zig",
    "full_name": "Zigmund Così",
    "birth_date": "2019-03-02",
    "languages": ["it", "en"],
    "school": "Pine School",
    "school_class": "2B",
    "team": "North",
}
GOAL_CONTENT = {
    "statement": "Mangia con la forchetta, seduto",
    "child_view": "“Voglio farcela da solo”",
    "icf": "d5",
    "disciplines": ["ot", "slt"],
    "contexts": ["therapy", "home", "school"],
    "condition": "at the table with the others",
    "criterion": "four of five meals",
    "support": "verbal",
    "baseline": "with his fingers",
    "review_date": "2026-09-01",
    "audience": "care-team-and-school",
    "scale": {
        "levels": {"-2": "fingers", "-1": "one bite", "0": "half", "1": "all", "2": "all, and cuts"},
        "baseline": -1,
        "importance": 3,
        "difficulty": 2,
    },
}

ACTIVITY = {
    "title": "Build a village",
    "purpose": "Hands and turns, così.",
    "kinds": ["therapeutic-play"],
    "skills": ["fine-motor", "social"],
    "icf": ["d4", "d7"],
    "age_from": 3,
    "age_to": 7,
    "cognitive": "low",
    "motor": "moderate",
    "communication": "low",
    "materials": ["Wooden blocks"],
    "contraindications": ["Small parts for children who put things into their mouths"],
    "watch": ["Pieces on the floor"],
    "steps": ["Lay out the map.", "Build a house each."],
    "grade_down": ["Large blocks"],
    "grade_up": ["A plan drawn first"],
    "at_home": ["A bridge of cushions"],
    "in_class": [],
}
GENERALISATION = {"occasions": 3, "contexts": 2, "observers": 2, "maintained_weeks": 6, "lost_after": 2}

EXPECTED: dict[str, dict[str, Any]] = {
    "case.opened.v1": {"originator_topic": "case", "details": DETAILS},
    "case.details-corrected.v1": {
        "changes": {"school": "Oak School", "languages": ["it"]},
        "before": {"school": "Pine School", "languages": ["it", "en"]},
        "reason": "moved",
    },
    "case.closed.v1": {"reason": "aims reached"},
    "case.reopened.v1": {"reason": "came back"},
    "case.team-member-joined.v1": {"person": str(UUID(int=0xB)), "member": MEMBER},
    "case.team-member-left.v1": {"person": str(UUID(int=0xB)), "name": "Pia", "relation": "psychologist"},
    "case.note-signed.v1": {
        "note_id": NOTE,
        "format": "soap",
        "sections": {"objective": "Tied one shoe “così”.", "plan": "Two."},
        "observed_from": OBSERVED,
        "observed_to": AT,
        "setting": "home",
        "present": ["mother"],
        "audience": "care-team-and-school",
        "linked": [str(UUID(int=0xF))],
        "recorded_at": OBSERVED,
        "signed_at": AT,
        "needs_cosignature": True,
    },
    "case.note-cosigned.v1": {"note_id": NOTE, "signed_at": AT},
    "case.note-addendum-added.v1": {
        "note_id": NOTE,
        "addendum_id": UUID(int=0xD),
        "text": "At home too.",
        "signed_at": AT,
    },
    "case.note-amended.v1": {
        "note_id": NOTE,
        "sections": {"objective": "Tied two shoes."},
        "reason": "miscounted",
        "version": 2,
        "signed_at": AT,
        "needs_cosignature": False,
    },
    "case.note-entered-in-error.v1": {"note_id": NOTE, "reason": "wrong child"},
    "case.note-audience-changed.v1": {"note_id": NOTE, "audience": "own-discipline", "before": "care-team"},
    "case.summary-published.v1": {
        "version": 3,
        "statements": {"strengths": [{"text": "Trains.", "sources": [{"note": str(NOTE), "text_version": 2}]}]},
        "contact": "Ada, 555",
        "valid_from": "2026-03-29",
        "review_date": "2026-09-01",
        "signed_at": AT,
    },
    "case.summary-recalled.v1": {"version": 3, "reason": "said too much"},
    "case.goal-proposed.v1": {"goal_id": GOAL, "content": GOAL_CONTENT},
    "case.goal-revised.v1": {
        "goal_id": GOAL,
        "content": {**GOAL_CONTENT, "scale": None},
        "content_version": 2,
        "scale_version": 2,
        "reason": "the scale did not fit",
    },
    "case.goal-agreed.v1": {
        "goal_id": GOAL,
        "content_version": 1,
        "parties": [{"name": "Mother", "party": "guardian"}, {"name": "Zig", "party": "child"}],
    },
    "case.goal-status-changed.v1": {
        "goal_id": GOAL,
        "status": "on-hold",
        "before": "active",
        "reason": "after the holidays",
    },
    "case.goal-observed.v1": {
        "goal_id": GOAL,
        "observation_id": UUID(int=0x63),
        "context": "home",
        "level": -1,
        "scale_version": 1,
        "support": "visual",
        "remark": "On Sunday, “da sola”.",
        "observed_at": OBSERVED,
        "reported_by": "Mother",
        "note": str(NOTE),
    },
    "case.goal-observation-entered-in-error.v1": {
        "goal_id": GOAL,
        "observation_id": UUID(int=0x63),
        "reason": "a slip of the finger",
    },
    "case.attainment-scored.v1": {
        "score_id": UUID(int=0x64),
        "goals": [{"goal": str(GOAL), "weight": 6, "level": 1, "baseline": -1, "scale_version": 1}],
        "rated": 1,
        "scaled": 2,
        "rho": 0.3,
        "t": 60.0,
        "baseline_t": None,
        "signed_at": AT,
    },
    "case.copm-recorded.v1": {
        "measure_id": MEASURE,
        "problems": [{"activity": "Eating with a fork", "importance": 8, "performance": 3, "satisfaction": 2}],
        "informant": "guardian",
        "informant_name": "Mother",
        "measured_on": "2026-03-27",
        "earlier": str(UUID(int=0x65)),
        "remark": "At the kitchen table.",
    },
    "case.instrument-recorded.v1": {
        "measure_id": MEASURE,
        "instrument": "MABC",
        "edition": "3",
        "norm_set": "Italian 2024",
        "language": "it",
        "informant": "professional",
        "informant_name": "",
        "measured_on": "2026-03-27",
        "scores": [
            {
                "scale": "Manual dexterity",
                "raw": 21,
                "standard": 7.5,
                "metric": "scaled-10-3",
                "percentile": 16,
                "low": 5,
                "high": 9,
                "interval": 90,
                "direction": "higher-is-better",
                "band": "at risk",
            }
        ],
        "validity": "Tired at the end.",
        "summary": "Hands more than legs.",
    },
    "case.measure-entered-in-error.v1": {"measure_id": MEASURE, "reason": "wrong child"},
    "case.strategy-offered.v1": {
        "strategy_id": STRATEGY,
        "text": "Feet on the box, then the fork.",
        "context": "school",
        "goal": str(GOAL),
        "audience": "care-team-and-school",
    },
    "case.strategy-tried.v1": {
        "strategy_id": STRATEGY,
        "trial_id": UUID(int=0x66),
        "outcome": "not-yet",
        "remark": "The box is missing.",
        "tried_at": OBSERVED,
        "reported_by": "the assistant",
    },
    "case.strategy-ended.v1": {"strategy_id": STRATEGY, "reason": "he reaches the floor now"},
    "person.registered.v1": {
        "originator_topic": "person",
        "name": "Ada Però",
        "email": "ada@example.org",
        "role": "therapist",
        "discipline": "ot",
        "team": "North",
    },
    "person.role-changed.v1": {"role": "teacher", "discipline": "school"},
    "person.moved.v1": {"team": "South"},
    "person.disabled.v1": {"reason": "left the service"},
    "person.enabled.v1": {"reason": "came back"},
    "activity.written.v1": {"originator_topic": "activity", "content": ACTIVITY},
    "activity.revised.v1": {
        "content": {**ACTIVITY, "age_from": 4},
        "reason": "too hard for three-year-olds",
        "version": 2,
    },
    "activity.retired.v1": {"reason": "nobody has the blocks any more"},
    "activity.restored.v1": {"reason": "new blocks"},
    "policy.changed.v1": {
        "team": "North",
        "name": "generalisation",
        "values": {**GENERALISATION, "occasions": 4},
        "before": GENERALISATION,
        "reason": "three were too few",
    },
}


def stream_of(topic: str) -> UUID:
    return CASE if topic.startswith("case.") else PERSON  # whatever is no case has a stream of its own kind
