"""What can be wrong with a request about goals, measures and strategies; `test_bad_input` sends each."""

import json
from typing import Any

from tests.web.api.test_goals import COPM, GOAL, INSTRUMENT, STRATEGY

Row = tuple[str, str, Any, int, str, tuple[str, str] | None]
C = "/cases/{case}"
LEVELS: list[dict[str, Any]] = GOAL["scale"]["levels"]
BY_NAME: dict[str, str] = {str(one["level"]): one["text"] for one in LEVELS}
SEEN: dict[str, Any] = {"context": "home", "level": 1}


def _wrong(path: str, good: dict[str, Any], pointer: str, code: str, **changes: Any) -> Row:
    """A POST of which one field cannot be accepted; `...` leaves a field out."""
    body = {k: v for k, v in {**good, **changes}.items() if v is not ...}
    return ("POST", C + path, json.dumps(body), 422, "invalid-input", (pointer, code))


def _goal(pointer: str, code: str, **changes: Any) -> Row:
    return _wrong("/goals", GOAL, pointer, code, **changes)


def _scale(pointer: str, code: str, **changes: Any) -> Row:
    scale = {k: v for k, v in {**GOAL["scale"], **changes}.items() if v is not ...}
    return _goal(f"/scale{pointer}", code, scale=scale)


def _seen(pointer: str, code: str, **changes: Any) -> Row:
    return _wrong("/goals/{goal}/observations", SEEN, pointer, code, **changes)


def _copm(pointer: str, code: str, **changes: Any) -> Row:
    return _wrong("/measures/copm", COPM, pointer, code, **changes)


def _problem(name: str, code: str, **changes: Any) -> Row:
    problem = {k: v for k, v in {**COPM["problems"][0], **changes}.items() if v is not ...}
    return _copm(f"/problems/1/{name}", code, problems=[COPM["problems"][1], problem])


def _instrument(pointer: str, code: str, **changes: Any) -> Row:
    return _wrong("/measures/instrument", INSTRUMENT, pointer, code, **changes)


def _score(name: str, code: str, **score: Any) -> Row:
    return _instrument(f"/scores/0/{name}", code, scores=[{"scale": "Dexterity", "raw": 1, **score}])


def _refused(path: str, body: Any, status: int, code: str, method: str = "POST") -> Row:
    return (method, C + path, json.dumps(body), status, code, None)


WHY = {"reason": "x"}
PARTY = {"name": "Zig", "party": "child"}

BODIES: dict[str, Row] = {
    "a goal without words": _goal("/statement", "missing", statement=" "),
    "no statement": _goal("/statement", "missing", statement=...),
    "a long statement": _goal("/statement", "too-long", statement="x" * 501),
    "broken words": _goal("/condition", "broken-characters", condition="a\x1bb"),
    "number for a statement": _goal("/statement", "not-text", statement=5),
    "nowhere": _goal("/contexts", "missing", contexts=[]),
    "contexts left out": _goal("/contexts", "missing", contexts=...),
    "one context as text": _goal("/contexts", "wrong-type", contexts="home"),
    "on the moon": _goal("/contexts/1", "unknown-choice", contexts=["home", "moon"]),
    "unknown discipline": _goal("/disciplines/0", "unknown-choice", disciplines=["magic"]),
    "a chapter of another part": _goal("/icf", "unknown-choice", icf="b1"),
    "not achieved as agreed help": _goal("/support", "unknown-choice", support="not-achieved"),
    "an audience of nobody": _goal("/audience", "unknown-choice", audience="all"),
    "review in the past": _goal("/review_date", "in-the-past", review_date="2026-03-09"),
    "no review": _goal("/review_date", "missing", review_date=...),
    "no date of review": _goal("/review_date", "not-an-iso-date", review_date="soon"),
    "a status of one's own": _goal("/status", "unknown-field", status="achieved"),
    "a goal's id taken": _goal("/id", "id-taken", id="{note}"),
    "a scale as a list": _goal("/scale", "wrong-type", scale=[1]),
    "a level missing": _scale("/levels/2", "missing", levels=LEVELS[:4]),
    "an empty level": _scale("/levels/-2", "missing", levels=[{"level": -2, "text": " "}, *LEVELS[1:]]),
    "a sixth level": _scale("/levels/5/level", "out-of-range", levels=[*LEVELS, {"level": 3, "text": "Flies"}]),
    "a level twice": _scale("/levels/5/level", "given-twice", levels=[*LEVELS, LEVELS[0]]),
    "a level without its number": _scale("/levels/0/level", "missing", levels=[{"text": "Waits"}, *LEVELS[1:]]),
    "two levels alike": _scale(
        "/levels/2", "same-as-another", levels=[*LEVELS[:4], {"level": 2, "text": LEVELS[3]["text"].upper()}]
    ),
    "levels of numbers": _scale("/levels/0/text", "not-text", levels=[{"level": -2, "text": 0}, *LEVELS[1:]]),
    "levels as text": _scale("/levels", "wrong-type", levels="five"),
    "a level missing by name": _scale("/levels/2", "missing", levels={k: v for k, v in BY_NAME.items() if k != "2"}),
    "an empty level by name": _scale("/levels/0", "missing", levels={**BY_NAME, "0": " "}),
    "two levels alike by name": _scale("/levels/2", "same-as-another", levels={**BY_NAME, "2": BY_NAME["1"].upper()}),
    "a sixth level by name": _scale("/levels/3", "unknown-field", levels={**BY_NAME, "3": "Flies"}),
    "levels of numbers by name": _scale("/levels/0", "not-text", levels={**BY_NAME, "0": 0}),
    "a baseline beyond": _scale("/baseline", "out-of-range", baseline=3),
    "half a level": _scale("/baseline", "wrong-type", baseline=0.5),
    "true for a level": _scale("/baseline", "wrong-type", baseline=True),
    "importance alone": _scale("/difficulty", "missing", importance=2),
    "importance beyond": _scale("/importance", "out-of-range", importance=4, difficulty=1),
    "negative weight": _scale("/difficulty", "out-of-range", importance=1, difficulty=-1),
    "seen nowhere": _seen("/context", "missing", context=...),
    "seen on the moon": _seen("/context", "unknown-choice", context="moon"),
    "a level beyond": _seen("/level", "out-of-range", level=3),
    "text for a level": _seen("/level", "wrong-type", level="1"),
    "nothing seen": _seen("/level", "missing", level=None),
    "unknown help": _seen("/support", "unknown-choice", support="magic"),
    "seen tomorrow": _seen("/observed_at", "in-the-future", observed_at="2026-03-11T09:00:00Z"),
    "seen without a zone": _seen("/observed_at", "no-time-zone", observed_at="2026-03-10T09:00:00"),
    "another child's note seen in": _seen("/note", "no-such-note", note="{other}"),
    "an observation with a goal's version": _seen("/version", "unknown-field", version=1),
    "a level of another scale": _seen("/level", "other-scale", level=0, scale_version=7),
    "no parties": _wrong("/goals/{goal}/agreement", {"parties": []}, "/parties", "missing"),
    "thirteen parties": _wrong("/goals/{goal}/agreement", {"parties": [PARTY] * 13}, "/parties", "too-many"),
    "a party without a name": _wrong(
        "/goals/{goal}/agreement", {"parties": [PARTY, {"party": "child"}]}, "/parties/1/name", "missing"
    ),
    "a party of strangers": _wrong(
        "/goals/{goal}/agreement", {"parties": [{**PARTY, "party": "crowd"}]}, "/parties/0/party", "unknown-choice"
    ),
    "a mistake as a status": _wrong(
        "/goals/{goal}/status", {"status": "entered-in-error", **WHY}, "/status", "unknown-choice"
    ),
    "stopped without a reason": _wrong("/goals/{goal}/status", {"status": "stopped"}, "/reason", "missing"),
    "not after this status": _refused(
        "/goals/{goal}/status", {"status": "achieved", **WHY}, 409, "not-after-this-status"
    ),
    "revised without a reason": (
        "PATCH",
        C + "/goals/{goal}",
        '{"criterion": "x"}',
        422,
        "invalid-input",
        ("/reason", "missing"),
    ),
    "nothing revised": _refused("/goals/{goal}", WHY, 409, "nothing-changed", "PATCH"),
    "no such goal": _refused("/goals/{new}", {"criterion": "x", **WHY}, 404, "no-such-goal", "PATCH"),
    "a note for a goal": _refused("/goals/{note}/error", WHY, 404, "no-such-goal"),
    "another child's goal seen": _refused("/goals/{other_goal}/observations", SEEN, 404, "no-such-goal"),
    "no such observation": _refused("/goals/{goal}/observations/{new}/error", WHY, 404, "no-such-observation"),
    "nothing to score": _refused("/attainment", {}, 409, "no-score"),
    "a score of one's own": _wrong("/attainment", {"t": 80}, "/t", "unknown-field"),
    "a COPM of nothing": _copm("/problems", "missing", problems=[]),
    "six problems": _copm("/problems", "too-many", problems=COPM["problems"] * 3),
    "a problem as text": _copm("/problems/0", "wrong-type", problems=["Dressing"]),
    "eleven out of ten": _problem("performance", "out-of-range", performance=11),
    "nought out of ten": _problem("satisfaction", "out-of-range", satisfaction=0),
    "unrated importance": _problem("importance", "missing", importance=...),
    "half a point": _problem("performance", "wrong-type", performance=4.5),
    "a problem without words": _problem("activity", "missing", activity=""),
    "an informant unknown": _copm("/informant", "unknown-choice", informant="cat"),
    "measured tomorrow": _copm("/measured_on", "in-the-future", measured_on="2026-03-11"),
    "measured long ago": _copm("/measured_on", "too-long-ago", measured_on="1990-01-01"),
    "compared with a note": _copm("/earlier", "no-such-measure", earlier="{note}"),
    "no edition": _instrument("/edition", "missing", edition=...),
    "no scores": _instrument("/scores", "missing", scores=[]),
    "thirty-one scores": _instrument("/scores", "too-many", scores=[{"scale": "x", "raw": 1}] * 31),
    "items of a test": _instrument("/items", "unknown-field", items=["Thread the beads"]),
    "a score of nothing": _score("raw", "missing", raw=None),
    "text for a score": _score("raw", "wrong-type", raw="19"),
    "a score beyond": _score("standard", "out-of-range", standard=10**300),
    "a percentile beyond": _score("percentile", "out-of-range", percentile=100.5),
    "an upper end alone": _score("low", "missing", high=3),
    "ends the wrong way": _score("high", "less-than-low", low=4, high=3),
    "an unknown metric": _score("metric", "unknown-choice", metric="stars"),
    "an unsure interval": _score("interval", "out-of-range", interval=5),
    "no such measure": _refused("/measures/{goal}/error", WHY, 404, "no-such-measure"),
    "a strategy without words": _wrong("/strategies", STRATEGY, "/text", "missing", text=" "),
    "a strategy for nowhere": _wrong("/strategies", STRATEGY, "/context", "missing", context=...),
    "a strategy for another child's goal": _wrong(
        "/strategies", STRATEGY, "/goal", "no-such-goal", goal="{other_goal}"
    ),
    "no such outcome": _wrong("/strategies/{strategy}/trials", {"outcome": "maybe"}, "/outcome", "unknown-choice"),
    "tried tomorrow": _wrong(
        "/strategies/{strategy}/trials",
        {"outcome": "helped", "tried_at": "2026-03-11T09:00:00Z"},
        "/tried_at",
        "in-the-future",
    ),
    "no such strategy": _refused("/strategies/{new}/trials", {"outcome": "helped"}, 404, "no-such-strategy"),
    "ended without a reason": _wrong("/strategies/{strategy}/end", {"reason": " "}, "/reason", "missing"),
}

QUERIES: dict[str, tuple[str, str, str]] = {
    "1 for true": (C + "/goals?ended=1", "/ended", "wrong-type"),
    "True for true": (C + "/generalisation?ended=True", "/ended", "wrong-type"),
    "empty for true": (C + "/strategies?ended=", "/ended", "wrong-type"),
    "ended twice": (C + "/goals?ended=true&ended=false", "/ended", "given-twice"),
    "measures of a kind": (C + "/measures?kind=copm", "/kind", "unknown-field"),
    "unknown kind": (C + "/timeline?kind=gossip", "/kind", "unknown-choice"),
}
