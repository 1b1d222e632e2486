"""The school summary: publishing, recalling, reading, and what it may rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.goals.reading import goals_for_school, strategies_for_school, words_to_cite
from coord.application.rights import details_for, goal_readable, known_case, readable
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import (
    OutOfDate,
    ReadSummary,
    ReadSummarySources,
    Statement,
    SummaryAnswer,
    SummaryDraft,
    SummarySourcesAnswer,
    SummaryVersion,
)
from coord.application.timeline.questions import TimelineEntry
from coord.domain.case import (
    Goal,
    GoalRevised,
    Note,
    NoteAmended,
    NoteCircumstancesCorrected,
    Strategy,
    summary,
)
from coord.domain.case.aggregate import SummaryState
from coord.domain.case.summary import Citable, of_day, standing, states_of
from coord.domain.errors import NotFound
from coord.domain.input import Input
from coord.projections import Strategies, Summaries, Timeline
from coord.words import spelled_alike

MOST_SOURCES = 60
"""Entries offered at once to rest a summary on."""


@answers(PublishSummary)
def publish_summary(work: Work, command: PublishSummary) -> Receipt:
    """Publish a version that rests on entries its publisher may read, as they read them."""
    case = work.the_case
    cited = {i for section in command.content.statements.values() for _, sources in section for i in sources}
    entries: dict[UUID, Citable] = {}
    for entry_id, (of_case, entry) in (work.record.entries(list(cited)) if cited else {}).items():
        if of_case == case.id and isinstance(entry, Note | Goal | Strategy) and _may_cite(work, entry):
            entries[entry_id] = entry
    corrected = set() if command.seen is None else {i for i in entries if _corrected_since(work, i, command.seen)}
    decide(work, summary.publish, command, case, entries=entries, corrected=corrected)
    position = work.record.append(case)
    if command.draft_id is not None:
        work.drafts.discard(command.draft_id, work.actor.person_id)
    return Receipt(case.id, case.summary_version, position, case.summary_status)


def _may_cite(work: Work, entry: Citable) -> bool:
    if isinstance(entry, Note):
        return readable(work.actor, work.child, entry)
    if isinstance(entry, Goal):
        return goal_readable(work.actor, work.child, entry)
    return True  # whoever publishes for the school reads every strategy of the child


def _corrected_since(work: Work, entry_id: UUID, position: int) -> bool:
    history = work.record.entry_history(entry_id)
    corrections = (NoteAmended, NoteCircumstancesCorrected, GoalRevised)
    return any(isinstance(told.event, corrections) and told.position > position for told in history)


@answers(RecallSummary)
def recall_summary(work: Work, command: RecallSummary) -> Receipt:
    """Take the published summary back."""
    case = work.the_case
    decide(work, summary.recall, command, case)
    position = work.record.append(case)
    return Receipt(case.id, case.summary_version, position, "recalled")


@answers(ReadSummary)
def read_summary(reading: Reading, question: ReadSummary) -> SummaryAnswer:
    """The summary for this reader."""
    answer = summary_for(reading, question.case_id, question.version)
    reading.detail["version"] = answer.version
    if question.export:
        # What left is what counts: a child without a summary in force gives no file.
        reading.detail["export"] = question.export if answer.status == "published" else ""
    return answer


@answers(ReadSummarySources)
def read_summary_sources(reading: Reading, question: ReadSummarySources) -> SummarySourcesAnswer:
    """The summary, one's own draft of the next version, and the entries it may rest on."""
    check = Input()
    text = check.text("/text", question.text, required=False)
    check.refuse_if_any()
    summary = summary_for(reading, question.case_id, latest=True)
    drafts = reading.drafts.of(reading.actor.person_id, question.case_id, "summary")
    draft: SummaryDraft | None = None
    if drafts:
        d = drafts[0]
        draft = {"id": d.draft_id, "revision": d.revision, "body": d.body, "updated_at": d.updated_at}
    view, connection = reading.snapshot.view(Timeline), reading.snapshot.connection
    sources = view.citable(
        connection,
        case_id=question.case_id,
        actor=reading.actor,
        child=reading.child,
        day=reading.today,
        text=text,
        limit=max(1, min(question.limit, MOST_SOURCES)),
    )
    found = {row["entry_id"] for row in sources}
    cited = {s["entry"] for x in summary.statements.values() for y in x for s in y["sources"] if s["entry"]}
    cited |= set(question.cited) | (_cited_in(draft["body"]) if draft else set())
    sources += view.present(
        connection,
        case_id=question.case_id,
        actor=reading.actor,
        child=reading.child,
        entries=[entry for entry in cited if entry not in found],
    ).values()
    strategies = strategies_for_school(reading, question.case_id)
    goals = goals_for_school(reading, question.case_id)
    reading.entries.extend([s["entry_id"] for s in sources] + [s.id for s in strategies] + [g["id"] for g in goals])
    return SummarySourcesAnswer(summary, draft, cast("list[TimelineEntry]", sources), strategies, goals)


def _cited_in(body: Any) -> set[UUID]:
    """The entries that a draft rests on. Its body is whatever a page or client kept: nothing of its shape is sure."""
    found: set[UUID] = set()
    waiting: list[Any] = [body]
    while waiting and len(found) < MOST_SOURCES:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, str) and len(part) == 36:
            with suppress(ValueError):
                found.add(UUID(part))
    return found


def summary_for(reading: Reading, case_id: UUID, version: int | None = None, *, latest: bool = False) -> SummaryAnswer:
    """The summary (the version of today, a given or the ``latest`` one) as this reader may see it.

    A teacher reads the version in force only; a recalled one tells them that it was recalled, and no more; of one for
    a later day they hear nothing. Who works with the child sees the latest where the school has none. Raises
    `NotFound` for a version that never was.
    """
    connection = reading.snapshot.connection
    view = reading.snapshot.view(Summaries)
    row = known_case(reading, case_id)
    teacher = reading.actor.sight.as_school
    versions = view.versions_of(connection, case_id)
    if version is not None and version not in {v["version"] for v in versions}:
        raise NotFound("no-such-version")
    states = _states(reading, case_id, versions)
    stands = standing(states.items(), reading.today)
    versions = [{**v, "status": stands[v["version"]]} for v in versions]
    number = None if latest or teacher else version
    if number is None and not latest:
        number = of_day(((v["version"], states[v["version"]]) for v in versions), reading.today)
    if number is None and versions and not teacher:
        number = versions[0]["version"]
    if number is None:
        return _none_yet(reading, case_id, row)
    found = {**view.version(connection, case_id, number), "status": stands[number]}
    hidden = teacher and found["status"] != "published"
    problems = [] if hidden else view.problems(connection, case_id, found["version"])
    advice = {} if hidden else advice_ended(reading, [case_id])[case_id]
    ended = withdrawn(found["statements"], advice)
    out_of_date: list[dict[str, Any]] = [
        {"why": p["problem"], "kind": p["kind"], "entry": p["entry_id"], "since": p["problem_at"], "text": ""}
        for p in problems
        if p["entry_id"] not in advice
    ]
    out_of_date += [
        {"why": "advice-ended", "kind": "strategy", "entry": strategy, "since": since, "text": text}
        for text, (strategy, since) in ended.items()
    ]
    if found["status"] == "published" and found["review_date"] < reading.today:
        out_of_date.append(
            {"why": "review-date-passed", "kind": None, "entry": None, "since": found["review_date"], "text": ""}
        )
    cited = {
        UUID(source["entry"]): source["kind"]
        for statements in found["statements"].values()
        for statement in statements
        for source in statement["sources"]
    }
    no_notes = {entry for entry, kind in cited.items() if kind != "note"}
    named = reading.snapshot.view(Timeline).named(
        connection, actor=reading.actor, children={case_id: reading.child}, entries=cited
    )
    visible: dict[UUID, Mapping[str, Any]] = {
        **words_to_cite(reading, case_id, no_notes.union(strategy for strategy, _ in ended.values())),
        **{entry: row for (_, entry), row in named.items()},
    }
    for entry in out_of_date:
        entry["visible"] = entry["entry"] in visible
        if not entry["visible"]:
            entry["entry"] = None
        if teacher:  # advice that is no longer given is not given again by saying so
            entry["text"] = ""
    statements = {
        section: [
            {
                "text": s["text"],
                "sources": [_source(x, visible) for x in s["sources"]],
                "withdrawn_at": ended[s["text"]][1] if s["text"] in ended else None,
            }
            for s in found["statements"][section]
            if not (teacher and s["text"] in ended)
        ]
        for section in found["statements"]
    }
    return SummaryAnswer(
        case_id=case_id,
        details=details_for(reading, row),
        version=found["version"],
        status=found["status"],
        statements={} if hidden else cast("dict[str, list[Statement]]", statements),
        contact="" if hidden else found["contact"],
        valid_from=found["valid_from"],
        review_date=found["review_date"],
        published_by=found["published_by"],
        published_at=found["published_at"],
        recalled_by=found["recalled_by"],
        recalled_at=found["recalled_at"],
        recall_reason="" if teacher else found["recall_reason"],
        out_of_date=cast("list[OutOfDate]", out_of_date),
        versions=[] if teacher else cast("list[SummaryVersion]", versions),
        relationship=reading.child,
        shown=reading.shown,
    )


def _states(reading: Reading, case_id: UUID, versions: Sequence[Mapping[str, Any]]) -> dict[int, SummaryState]:
    """What is known of each version. Where the view has stopped, one may have been recalled or replaced since: the
    record decides."""
    states: dict[int, SummaryState] = {
        v["version"]: {
            "valid_from": v["valid_from"].isoformat(),
            "recalled": v["status"] == "recalled",
            "before_its_day": v["before_its_day"],
        }
        for v in versions
    }
    if Summaries.NAME in reading.snapshot.incomplete:
        states |= {int(number): state for number, state in states_of(reading.record.case(case_id)).items()}
    return states


def _source(source: dict[str, Any], visible: Mapping[UUID, Mapping[str, Any]]) -> dict[str, Any]:
    """What is withheld shows as withheld: that there is a source, not which."""
    row = visible.get(UUID(source["entry"]))
    if row is None:
        return {"visible": False, "kind": source["kind"], "entry": None, "version": None}
    of_a_note = ("observed_from", "author_name", "format", "written_in")
    names = of_a_note if source["kind"] == "note" else ("text", "author_name")
    shown = {name: row[name] for name in names}
    return {
        "visible": True,
        "kind": source["kind"],
        "entry": UUID(source["entry"]),
        "version": source["version"],
        **shown,
    }


Ended = tuple[UUID, datetime]
"""A strategy that is no longer advised, and since when."""


def advice_ended(reading: Reading, case_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, tuple[str, datetime]]]:
    """The strategies of each child that are no longer advised, whoever may read them: words (folded) and since when.
    What has just the same words as one that is advised still is none of them."""
    rows = reading.snapshot.view(Strategies).standing(reading.snapshot.connection, case_ids)
    if Strategies.NAME in reading.snapshot.incomplete:  # the view has stopped: the record decides
        now = {row["strategy_id"]: reading.record.strategy(row["case_id"], row["strategy_id"]) for row in rows}
        rows = [{**r, "status": now[r["strategy_id"]].status, "ended_at": now[r["strategy_id"]].ended_at} for r in rows]
    words = {row["strategy_id"]: spelled_alike(row["text"]) for row in rows}
    advised = {(row["case_id"], words[row["strategy_id"]]) for row in rows if row["status"] == "offered"}
    found: dict[UUID, dict[UUID, tuple[str, datetime]]] = {case_id: {} for case_id in case_ids}
    for row in rows:
        said = words[row["strategy_id"]]
        if row["status"] == "ended" and (row["case_id"], said) not in advised:
            found[row["case_id"]][row["strategy_id"]] = (said, row["ended_at"])
    return found


def withdrawn(statements: Mapping[str, Any], advice: Mapping[UUID, tuple[str, datetime]]) -> dict[str, Ended]:
    """The statements that give advice which was ended, by their text: those that rest on it, and those that say it word
    for word (statements could not always say what they rest on)."""
    by_words = {words: (strategy, since) for strategy, (words, since) in advice.items()}
    found: dict[str, Ended] = {}
    for statement in (s for section in statements.values() for s in section):
        for source in statement["sources"]:
            if (strategy := UUID(source["entry"])) in advice:
                found[statement["text"]] = (strategy, advice[strategy][1])
        if said := by_words.get(spelled_alike(statement["text"])):
            found.setdefault(statement["text"], said)
    return found


def _none_yet(reading: Reading, case_id: UUID, row: dict[str, Any]) -> SummaryAnswer:
    return SummaryAnswer(
        case_id=case_id,
        details=details_for(reading, row),
        version=0,
        status="none",
        statements={},
        contact="",
        valid_from=None,
        review_date=None,
        published_by=None,
        published_at=None,
        recalled_by=None,
        recalled_at=None,
        recall_reason="",
        out_of_date=(),
        versions=(),
        relationship=reading.child,
        shown=reading.shown,
    )
