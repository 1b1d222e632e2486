"""The lean app's pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup
from sqlalchemy import Row, Text, bindparam, case, cast, func, insert, select, update

from bench.lean import goals as reckoned
from bench.lean.app import asking, signed_in
from bench.lean.notes import NEWEST, is_late, newest
from bench.lean.tables import CHILDREN, ENTRIES, GOALS, PEOPLE, RATINGS, SUMMARIES, TEAM, VISITS
from bench.lean.words import CONTEXTS, FORMATS, RELATIONS, age, day, local, month, until_today

pages = Blueprint("pages", __name__)

MOST = 90
"""Letters of a headline."""
SEARCHABLE = 8
"""With more children than this, there is a search."""
LATEST = (
    select(SUMMARIES.c.child, func.max(SUMMARIES.c.version).label("version")).group_by(SUMMARIES.c.child).subquery()
)
NEWS = (
    select(func.count())
    .select_from(ENTRIES)
    .where(
        ENTRIES.c.child == CHILDREN.c.id,
        ENTRIES.c.author != bindparam("me"),
        ENTRIES.c.position > func.coalesce(VISITS.c.position, 0),
    )
    .correlate(CHILDREN, VISITS)
    .scalar_subquery()
)
MY_CHILDREN = (
    select(CHILDREN, VISITS.c.at.label("visited"), SUMMARIES.c.review_date, NEWS.label("new"))
    .select_from(TEAM)
    .join(CHILDREN, CHILDREN.c.id == TEAM.c.child)
    .outerjoin(VISITS, (VISITS.c.child == CHILDREN.c.id) & (VISITS.c.person == TEAM.c.person))
    .outerjoin(LATEST, LATEST.c.child == CHILDREN.c.id)
    .outerjoin(SUMMARIES, (SUMMARIES.c.child == CHILDREN.c.id) & (SUMMARIES.c.version == LATEST.c.version))
    .where(TEAM.c.person == bindparam("me"))
    .order_by(case((NEWS > 0, 0), else_=1), CHILDREN.c.name, CHILDREN.c.id)
)
MEMBERS = (
    select(PEOPLE.c.id, PEOPLE.c.name, TEAM.c.relation)
    .join_from(TEAM, PEOPLE)
    .where(TEAM.c.child == bindparam("child"))
    .order_by(PEOPLE.c.name)
)
VISIT: dict[str, Any] = {
    "person": bindparam("me"),
    "child": bindparam("whose"),
    "position": bindparam("seen"),
    "at": bindparam("now"),
}
VISITED = update(VISITS).where(VISITS.c.person == bindparam("me"), VISITS.c.child == bindparam("whose")).values(VISIT)
FIRST_VISIT = insert(VISITS).values(VISIT)
OF_CHILD = (
    select(SUMMARIES, PEOPLE.c.name.label("author_name"), PEOPLE.c.discipline)
    .join_from(SUMMARIES, PEOPLE)
    .where(SUMMARIES.c.child == bindparam("child"))
    .order_by(SUMMARIES.c.version.desc())
)
SOURCES = (
    select(ENTRIES.c.id, ENTRIES.c.format, ENTRIES.c.observed_from, PEOPLE.c.name.label("author_name"))
    .join_from(ENTRIES, PEOPLE)
    .where(ENTRIES.c.child == bindparam("child"), ENTRIES.c.id.in_(bindparam("ids", expanding=True)))
)
LINK = Markup('<br><a href="/children/{}/notes/{}">{}</a>')
ENDED = ("achieved", "maintained", "stopped")
ALL_GOALS = select(GOALS).where(GOALS.c.child == bindparam("child")).order_by(GOALS.c.position)
PRESENT_GOALS = ALL_GOALS.where(GOALS.c.status.not_in(ENDED))
OF_GOALS = (
    select(RATINGS, PEOPLE.c.name.label("observer_name"))
    .join_from(RATINGS, PEOPLE)
    .where(RATINGS.c.goal.in_(select(GOALS.c.id).where(GOALS.c.child == bindparam("child"))))
    .order_by(RATINGS.c.observed_at, RATINGS.c.position)
)


def around(me: Row[Any], current: str = "") -> dict[str, Any]:
    """What every page says: who reads it, whose it is, and up to which change."""
    now = datetime.now(UTC)
    shown, entry = f"Up to date, {until_today(me.at, now)}", f"with entry {me.position:,} of the record"
    today = local(now).date()
    years = age(me.born, today) if current else 0
    return {"me": me, "shown": shown, "entry": entry, "today": today, "years": years, "current": current}


@pages.get("/")
def home() -> str:
    """My children, and what is new with each."""
    with asking() as connection:
        me = signed_in(connection)
        children = connection.execute(MY_CHILDREN, {"me": me.id}).all()
    text = request.args.get("q", "").strip()
    namesakes = Counter(child.full_name for child in children)
    found = [c for c in children if text.casefold() in f"{c.name} {c.full_name}".casefold()]
    searchable = len(children) > SEARCHABLE
    return render_template(
        "home.html", children=found, namesakes=namesakes, text=text, searchable=searchable, **around(me)
    )


@pages.get("/children/<uuid:child>")
def timeline(child: UUID) -> str:
    """The newest entries, or those that are searched for."""
    asked = {name: request.args.get(name, "").strip() for name in ("q", "kind", "author", "discipline", "setting")}
    wanted = NEWEST
    for name, column in (
        ("kind", ENTRIES.c.kind),
        ("author", ENTRIES.c.author),
        ("discipline", PEOPLE.c.discipline),
        ("setting", ENTRIES.c.setting),
    ):
        if asked[name]:
            wanted = wanted.where(column == asked[name])
    for word in asked["q"].split():
        wanted = wanted.where(cast(ENTRIES.c.sections, Text).icontains(word, autoescape=True))
    with asking() as connection:
        me = signed_in(connection, child)
        rows, older = newest(connection, me.child, wanted)
        members = connection.execute(MEMBERS, {"child": me.child}).all()
    if not request.args:
        visited(me)
    return render_template(
        "timeline.html",
        months=[(on, list(group)) for on, group in groupby(rows, key=lambda row: month(row.observed_from))],
        older=older,
        asked=asked,
        members=members,
        heading=heading,
        headline=headline,
        is_late=is_late,
        **around(me, "Timeline"),
    )


def visited(me: Row[Any]) -> None:
    """Keep when they were here, to say later what is new."""
    visit = {"me": me.id, "whose": me.child, "seen": me.position, "now": datetime.now(UTC)}
    with current_app.extensions["lean"].begin() as connection:
        if not connection.execute(VISITED, visit).rowcount:
            connection.execute(FIRST_VISIT, visit)


def heading(row: Row[Any]) -> str:
    """What an entry that is no note tells."""
    detail: Mapping[str, Any] = row.detail
    if row.kind == "summary":
        return f"School summary published, version {detail['version']}"
    if row.kind == "team":
        since = day(datetime.fromisoformat(detail["since"]).date())
        return f"{detail['name']} joined the care team: {RELATIONS[detail['relation']]}, from {since}"
    return "Case opened"


def headline(sections: Mapping[str, str]) -> str:
    """The first sentence of a note's assessment, or else of its first section."""
    text = sections.get("assessment") or next(iter(sections.values()))
    end = text.find(". ") + 1 or len(text)
    return text[:end] if end <= MOST else f"{text[:MOST].rpartition(' ')[0]}…"


@pages.get("/children/<uuid:child>/summary")
def summary(child: UUID) -> str:
    """What the school may know."""
    with asking() as connection:
        me = signed_in(connection, child)
        versions = connection.execute(OF_CHILD, {"child": me.child}).all()
        latest = versions[0] if versions else None
        statements = latest.statements.values() if latest else ()
        ids = {source["entry"] for said in statements for row in said for source in row["sources"]}
        found = connection.execute(SOURCES, {"child": me.child, "ids": sorted(ids)}) if ids else ()
        sources = {
            s.id: LINK.format(me.child, s.id, f"{day(s.observed_from)}, {FORMATS[s.format]}, {s.author_name}")
            for s in found
        }
    page = around(me, "School summary")
    return render_template("summary.html", summary=latest, versions=versions, sources=sources, **page)


@pages.get("/children/<uuid:child>/goals")
def goals(child: UUID) -> str:
    """Goals, where each holds, and the score."""
    with asking() as connection:
        me = signed_in(connection, child)
        ended = "ended" in request.args
        found = connection.execute(ALL_GOALS if ended else PRESENT_GOALS, {"child": me.child}).all()
        ratings: dict[str, list[Row[Any]]] = {goal.id: [] for goal in found}
        for rating in connection.execute(OF_GOALS, {"child": me.child}):
            if rating.goal in ratings:
                ratings[rating.goal].append(rating)
    page = around(me, "Goals")
    lines = [reckoned.line(goal, ratings[goal.id], page["today"]) for goal in found]
    contexts = [c for c in CONTEXTS if any(c in line.cells for line in lines)]
    scores = [score for c in contexts if (score := reckoned.score(lines, c))]
    return render_template("goals.html", lines=lines, contexts=contexts, scores=scores, ended=ended, **page)
