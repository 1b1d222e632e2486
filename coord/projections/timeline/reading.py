"""What is asked of the timeline: pages, news, and single entries, for somebody's eyes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Select,
    Uuid,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
)

from coord.columns import InOrder, OfMany, as_mappings, each_as, given
from coord.domain.actors import Actor, Relationship
from coord.domain.case.notes import is_late
from coord.domain.permissions import may_read_addendum
from coord.projections.engine import FOREVER
from coord.projections.timeline.entries import Entries
from coord.projections.timeline.standing import Standing, standing_of
from coord.projections.timeline.standing import alike as _alike
from coord.words import words_wanted

NEWS_AT_MOST = 100
"""More news than this is "many": counting on would take longer the longer somebody was away."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a timeline is asked for; see `TimelineFilter` for the meaning of the parts."""

    discipline: str | None = None
    setting: str | None = None
    kind: str | None = None
    author: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""
    gathered: bool = False
    """Ratings that were made in a group session are no entries of their own: see `ratings_within`."""


LATEST = 100
"""Entries of a child among which the latest note is looked for: what is asked at each form stays quick."""
_FOR_QUERIES = (
    *("search_text", "unattested_text", "narrow_text"),
    *("report_id", "owner_id", "owner_discipline"),
)
"""Columns that no answer shows."""
_CASE, _READER = bindparam("case", type_=Uuid()), bindparam("reader", type_=Uuid())
_DAY, _POSITION = bindparam("day", type_=Date()), bindparam("since", type_=BigInteger())
"""What differs from one asking to the next of a statement that is put together once."""


class PageEnd(NamedTuple):
    """The last row of a page, by what pages are in order of. One event may enter several entries: see `MESSAGES`."""

    observed_from: datetime
    entered_position: int
    kind: str
    entry_id: UUID


def _telling(row: dict[str, Any], words: Mapping[UUID, str]) -> dict[str, Any]:
    """The row with the ``words`` of the goals that it worked on without rating them, as far as there are any."""
    row["worked_on"] = {goal: words[goal] for goal in map(UUID, row.pop("unrated")) if goal in words}
    return row


def shown_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row with what is found out from it: who wrote it, whether it was written late, and when its addenda were
    signed."""
    row["author"] = {
        "person": row["author_id"],
        "name": row["author_name"],
        "role": row["role"],
        "discipline": row["discipline"],
    }
    after_closing = bool(row["detail"].get("after_closing"))
    row["late"] = row["kind"] == "note" and is_late(row["observed_to"], row["signed_at"], after_closing=after_closing)
    if row["kind"] == "summary":  # it is about the child itself
        row["subject_id"] = None
    row["addenda"] = [{**one, "at": datetime.fromisoformat(one["at"])} for one in row["addenda"]]
    return row


def with_readable_addenda(row: Mapping[str, Any], actor: Actor, child: Relationship) -> dict[str, Any]:
    """A row with those addenda alone that the actor, who may read the note, may read too."""
    mine = [
        a
        for a in row["addenda"]
        if may_read_addendum(
            actor,
            child,
            author=a["person"],
            audience=a["audience"],
            attested=a["attested"],
            note_author=str(row["author_id"]),
            note_discipline=row["discipline"],
        )
    ]
    return {**row, "addenda": mine}


def _order(row: Mapping[str, Any]) -> tuple[float, int, str, UUID]:
    """What pages are in order of: see `PageEnd`."""
    return -row["observed_from"].timestamp(), -row["entered_position"], row["kind"], row["entry_id"]


class ReadingTimeline(Entries):
    """The questions."""

    def readable(self, standing: Standing, reader: Any, table: Any = None) -> ColumnElement[bool]:
        """`may_read_entry` in SQL, over ``table`` (the entries, or an alias of them), for the ``reader`` of this id, or
        the parameter that it is."""
        t = self.entries if table is None else table
        if not standing.knows:
            return false()
        own = t.c.author_id == reader
        if standing.as_school:
            others: ColumnElement[bool] = and_(
                t.c.audience == "care-team-and-school", t.c.status != "awaiting-cosignature"
            )
        else:
            others = or_(t.c.audience != "own-discipline", t.c.owner_id == reader)
            if standing.discipline is not None:
                others = or_(others, t.c.owner_discipline == standing.discipline.value)
        if not standing.leads:
            others = and_(others, t.c.status != "entered-in-error")
        return or_(own, others)

    def _by(self, standing: Standing, day: Any) -> ColumnElement[bool]:
        """What is for the school from a day on only, is for the school by this day."""
        t = self.entries
        return or_(t.c.school_from.is_(None), t.c.school_from <= day) if standing.as_school else true()

    def page(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        day: date,
        selection: Selection,
        limit: int,
        after: PageEnd | None = None,
        as_of: int | None = None,
        present_rights_too: bool = True,
        hide_errors: bool = True,
    ) -> tuple[list[dict[str, Any]], PageEnd | None]:
        """A page of entries, newest observation first, and where it ends if there are more.

        ``day`` is that of the reading, or of the past that is read.

        Of the same moment what was entered last stands first; and of what one event entered, a session before what is
        said of it.

        With ``as_of`` the rows are those of that position. ``present_rights_too`` demands that the reader may see the
        entry now as well (a note that was taken from the school since is not shown to the teacher by asking for last
        week), and has been allowed to ever since: other words that they were given later do not give those back.
        """
        told: dict[str, Any] = {"limit": limit + 1}
        standing, reader = standing_of(actor, child), actor.person_id
        gathered = selection.gathered and not standing.as_school  # a session is none of the school's
        selection = replace(selection, gathered=gathered)
        if as_of is None and after is None and selection == Selection(gathered=gathered):
            told |= {"case": case_id, "day": day, "reader": reader}
            found = self.asked.all(connection, self._first_page, standing, hide_errors, gathered, **told)
        else:
            where = self._stands(case_id, standing, reader, day, as_of=as_of, hide_errors=hide_errors)
            if as_of is not None and present_rights_too:
                where += self._read_ever_since(standing, reader, hide_errors=hide_errors)
            where += self._selected(selection, actor)
            if after is not None:
                where.append(self._below(after))
            found = as_mappings(connection.execute(self._newest_first(where), told))
        more, rows = len(found) > limit, [shown_row(row) for row in found[:limit]]
        end = PageEnd(*(rows[-1][name] for name in PageEnd._fields)) if more else None
        goals = {UUID(goal) for row in rows for goal in row["unrated"]}
        words = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=goals, as_of=as_of)
        if as_of is not None and present_rights_too:
            still = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=words)
            words = {goal: text for goal, text in words.items() if goal in still}
        return [with_readable_addenda(_telling(row, words), actor, child) for row in rows], end

    def _first_page(self, standing: Standing, hide_errors: bool, gathered: bool) -> Select[Any]:
        """The newest entries of all that stand now."""
        where = self._stands(_CASE, standing, _READER, _DAY, hide_errors=hide_errors)
        return self._newest_first([*where, self.entries.c.within.is_(None)] if gathered else where)

    def _stands(
        self, case_id: Any, standing: Standing, reader: Any, day: Any, *, as_of: int | None = None, hide_errors: bool
    ) -> list[ColumnElement[bool]]:
        """That an entry of the child stands, now or at a position, for the reader to read."""
        t = self.entries
        where = [OfMany(t.c.case_id == case_id), self.readable(standing, reader), self._by(standing, day)]
        if as_of is None:
            where.append(t.c.to_position == FOREVER)
        else:
            where += [InOrder(t.c.from_position) <= as_of, t.c.to_position > as_of, self._reached(case_id, as_of)]
        if hide_errors:
            where.append(t.c.status != "entered-in-error")
        return where

    def _reached(self, case_id: UUID, as_of: int) -> ColumnElement[bool]:
        """That an entry was not observed later than all that was known of the child then: a page of the past begins
        there, and not at what was entered since."""
        r = self.reach
        until = select(r.c.until).where(r.c.case_id == case_id, r.c.from_position <= as_of)
        return self.entries.c.observed_from <= until.order_by(r.c.from_position.desc()).limit(1).scalar_subquery()

    def _read_ever_since(self, standing: Standing, reader: Any, *, hide_errors: bool) -> list[ColumnElement[bool]]:
        """That the reader may read an entry of the past now, and could in each of its states in between.

        Each is looked up by the key, a few states of one entry at a time: the child is not asked for, for the position
        at which an entry was entered says whose it is, and with the child a database takes its index of all of a
        child's entries, once for each of them. OFFSET keeps PostgreSQL from joining the whole table instead.
        """
        t, now, since = self.entries, self.entries.alias("now"), self.entries.alias("since")

        def states(of: Any) -> Select[Any]:
            one = (of.c.entry_id == t.c.entry_id, of.c.entered_position == t.c.entered_position)
            return select(literal(1)).select_from(of).where(*one).correlate(t).offset(0)

        stands = states(now).where(now.c.to_position == FOREVER, self.readable(standing, reader, now))
        if hide_errors:
            stands = stands.where(now.c.status != "entered-in-error")
        taken = states(since).where(
            since.c.from_position > t.c.from_position, self.readable(standing, reader, since).is_not(true())
        )
        return [stands.exists(), ~taken.exists()]

    def _below(self, end: PageEnd) -> ColumnElement[bool]:
        t = self.entries
        same = and_(t.c.entered_position == end.entered_position, tuple_(t.c.kind, t.c.entry_id) > end[2:])
        # The first half lets the index start at the place; the rest settles entries of the same moment.
        return and_(
            t.c.observed_from <= end.observed_from,
            or_(t.c.observed_from < end.observed_from, t.c.entered_position < end.entered_position, same),
        )

    def _newest_first(self, where: Sequence[ColumnElement[bool]]) -> Select[Any]:
        """So many entries, newest observation first."""
        t = self.entries
        newest_first = (t.c.observed_from.desc(), t.c.entered_position.desc(), t.c.kind, t.c.entry_id)
        return select(*self._told).where(*where).order_by(*newest_first).limit(bindparam("limit"))

    @cached_property
    def _told(self) -> list[Column[Any]]:
        """What answers show of an entry: what is there for queries alone is not read either."""
        return [column for column in self.entries.c if column.name not in _FOR_QUERIES]

    def taken_since(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        eyes: Sequence[tuple[Actor, Relationship]],
        since: int,
        mistakes_too: bool,
    ) -> tuple[set[UUID], set[UUID]]:
        """The entries of a child of which a state after position ``since`` may not be read by each of these people (or
        with ``mistakes_too`` says that it is a mistake), among them some that they never could; and the goals that such
        entries tell of. Those are only to be looked at: of a goal that somebody may read, not every step is theirs."""
        t = self.entries
        mine = [self.readable(standing_of(actor, child), actor.person_id) for actor, child in eyes]
        if mistakes_too:
            mine.append(t.c.status != "entered-in-error")
        taken = and_(*mine).is_not(true())
        query = select(t.c.entry_id, t.c.subject_id, t.c.kind).where(
            OfMany(t.c.case_id == case_id), t.c.from_position > since, taken
        )
        rows = connection.execute(query).all()
        return {row.entry_id for row in rows}, {row.subject_id for row in rows if row.kind == "goal"}

    def goal_words(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        goals: Collection[UUID],
        as_of: int | None = None,
    ) -> dict[UUID, str]:
        """What those of these goals say that the actor may read of, in the words of position ``as_of`` (or now's)."""
        if not goals:
            return {}
        t = self.entries
        then = t.c.to_position == FOREVER
        if as_of is not None:
            then = and_(t.c.from_position <= as_of, t.c.to_position > as_of)
        query = (
            select(t.c.subject_id, t.c.sections)
            .where(
                t.c.subject_id.in_(list(goals)),
                InOrder(t.c.case_id) == case_id,
                t.c.kind == "goal",
                then,
                t.c.status != "entered-in-error",
                self.readable(standing_of(actor, child), actor.person_id),
            )
            .order_by(t.c.entered_position)  # what was entered last has the words that stand
        )
        return {row.subject_id: row.sections["goal"] for row in connection.execute(query)}

    def _selected(self, s: Selection, actor: Actor) -> list[ColumnElement[bool]]:
        t = self.entries
        where: list[ColumnElement[bool]] = [t.c.within.is_(None)] if s.gathered else []
        for name in ("discipline", "setting", "kind"):
            value = getattr(s, name)
            if value:
                where.append(t.c[name] == value)
        if s.author:
            where.append(t.c.author_id == s.author)
        if s.start:
            where.append(t.c.observed_to >= s.start)
        if s.end:
            where.append(t.c.observed_from < s.end)
        for word in words_wanted(s.text):
            found = t.c.search_text.contains(word, autoescape=True)
            if not actor.sight.as_school:  # nobody learns by searching what they may not read
                mine = t.c.owner_id == actor.person_id
                if actor.discipline is not None:
                    mine = or_(mine, t.c.owner_discipline == actor.discipline.value)
                found = or_(
                    found,
                    t.c.unattested_text.contains(word, autoescape=True),
                    and_(mine, t.c.narrow_text.contains(word, autoescape=True)),
                )
            where.append(found)
        return where

    def news(
        self,
        connection: Connection,
        *,
        actor: Actor,
        since: Mapping[UUID, int],
        visited: Mapping[UUID, date],
        children: Mapping[UUID, Relationship],
        today: date,
    ) -> dict[UUID, tuple[int, datetime | None]]:
        """For each child: how many entries, readable to the actor, others made or changed since a position (at most
        `NEWS_AT_MOST`), or the school may read since the day ``visited``, and when the latest of them was received."""
        found: dict[UUID, tuple[int, datetime | None]] = dict.fromkeys(children, (0, None))
        for standing, cases in _alike(actor, children).items():
            rows = [(case_id, since.get(case_id, 0), visited.get(case_id)) for case_id in cases]
            told = {"asked": rows, "reader": actor.person_id, "day": today}
            for row in self.asked.all(connection, self._counted, standing, **told):
                latest = row["received_at"] or row["come_at"]
                found[row["case_id"]] = (min(row["changed"] + row["come"], NEWS_AT_MOST), latest)
        return found

    def _counted(self, standing: Standing) -> Select[Any]:
        """Of children whom the reader knows alike, each with a position and a day: how much is `_new`, and when
        the latest of it was received."""
        t = self.entries
        asked = given("asked", *(Column(n, k) for n, k in (("id", Uuid), ("since", BigInteger), ("day", Date))))

        def of(*where: ColumnElement[bool]) -> tuple[Any, Any]:
            latest = select(t.c.received_at).where(*where).order_by(t.c.from_position.desc())
            some = latest.limit(NEWS_AT_MOST).correlate(asked).subquery()
            return select(func.count()).select_from(some).scalar_subquery(), latest.limit(1).scalar_subquery()

        news = self._news(standing, _READER, _DAY)
        count, latest = of(*news, *self._since(asked.c.id, asked.c.since))
        come: tuple[Any, Any] = literal(0), cast(null(), t.c.received_at.type)
        if standing.as_school:
            come = of(*news, *self._come(asked.c.id, asked.c.day, asked.c.since))
        return select(
            asked.c.id.label("case_id"),
            count.label("changed"),
            latest.label("received_at"),
            come[0].label("come"),
            come[1].label("come_at"),
        )

    def news_below(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        since: int,
        visited: date,
        today: date,
        end: PageEnd,
    ) -> list[dict[str, Any]]:
        """What of a child's `news` stands below the end of a page: a late entry, or an old one changed."""
        new = self._new(connection, case_id, actor, child, since, visited, today)
        rows = sorted((row for row in new if _order(row) > _order(end._asdict())), key=_order)
        goals = {UUID(goal) for row in rows for goal in row["unrated"]}
        words = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=goals)
        return [with_readable_addenda(_telling(shown_row(row), words), actor, child) for row in rows]

    def _new(
        self,
        connection: Connection,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        since: int,
        visited: date | None,
        today: date,
    ) -> list[dict[str, Any]]:
        """The latest `NEWS_AT_MOST` of a child's news, the latest first."""
        standing, reader = standing_of(actor, child), actor.person_id
        told = {"case": case_id, "since": since, "day": today, "reader": reader}
        rows = self.asked.all(connection, self._changed, standing, **told)
        if standing.as_school and visited is not None:
            come = self._latest(standing, reader, today, self._come(case_id, visited, since))
            rows += as_mappings(connection.execute(come))
        return rows[:NEWS_AT_MOST]

    def _changed(self, standing: Standing) -> Select[Any]:
        """The latest of a child's news that others made or changed."""
        return self._latest(standing, _READER, _DAY, self._since(_CASE, _POSITION))

    def _latest(self, standing: Standing, reader: Any, today: Any, where: Sequence[ColumnElement[bool]]) -> Select[Any]:
        t = self.entries
        news = (*self._news(standing, reader, today), *where)
        return select(*self._told).where(*news).order_by(t.c.from_position.desc()).limit(NEWS_AT_MOST)

    def _news(self, standing: Standing, reader: Any, today: Any) -> list[ColumnElement[bool]]:
        """What of a child's entries can be news to the reader."""
        t = self.entries
        return [
            t.c.to_position == FOREVER,
            t.c.changed_by != reader,
            t.c.kind.not_in(("team", "case")),
            t.c.status != "entered-in-error",
            self.readable(standing, reader),
            self._by(standing, today),
        ]

    def _since(self, case_id: Any, position: Any) -> list[ColumnElement[bool]]:
        """A child's entries that were made or changed since. To be asked for in the order of positions: then SQLite
        takes the index of these, and not the one of days, which would read the whole child."""
        return [OfMany(self.entries.c.case_id == case_id), self.entries.c.from_position > position]

    def _come(self, case_id: Any, visited: Any, since: Any) -> list[ColumnElement[bool]]:
        """A summary whose day has come since the school's last visit: of all entries those about summaries are about
        the child, and are found by that."""
        t = self.entries
        child = (t.c.subject_id == case_id, InOrder(t.c.case_id) == case_id)
        return [*child, t.c.school_from > visited, InOrder(t.c.from_position) <= since]

    def citable(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        day: date,
        text: str,
        limit: int = 60,
    ) -> list[dict[str, Any]]:
        """The newest signed notes that a summary by this actor may rest on."""
        rows, _ = self.page(
            connection,
            case_id=case_id,
            actor=actor,
            child=child,
            day=day,
            selection=Selection(kind="note", text=text),
            limit=limit,
        )
        return rows

    def present(
        self, connection: Connection, *, case_id: UUID, actor: Actor, child: Relationship, entries: Sequence[UUID]
    ) -> dict[UUID, dict[str, Any]]:
        """Those of these entries of the child that the actor may open now, as they stand; newest observation first."""
        if not entries:
            return {}
        t = self.entries
        query = (
            select(*self._told)
            .where(*self._now_of(actor, {case_id: child}), t.c.entry_id.in_(list(entries)))
            .order_by(t.c.observed_from.desc(), t.c.entry_id)
        )
        rows = map(shown_row, as_mappings(connection.execute(query)))
        return {row["entry_id"]: with_readable_addenda(row, actor, child) for row in rows}

    def lately(
        self, connection: Connection, *, case_id: UUID, actor: Actor, child: Relationship, every: bool = False
    ) -> list[dict[str, Any]]:
        """The actor's own notes among the latest entries of the child, and those of their discipline (or of ``every``
        one) that they may read, newest observation first; without words."""
        standing, reader = standing_of(actor, child), actor.person_id
        return self.asked.all(connection, self._lately, standing, every, case=case_id, reader=reader)

    def _lately(self, standing: Standing, every: bool) -> Select[Any]:
        t = self.entries
        newest_first = ("observed_from", "entered_position")
        latest = (
            select(t)
            .where(OfMany(t.c.case_id == _CASE), t.c.to_position == FOREVER)
            .order_by(*(t.c[name].desc() for name in newest_first))
            .limit(LATEST)
            .subquery()
        )
        told = ("entry_id", "author_id", "discipline", "setting", "audience", "observed_from", "observed_to")
        alike = latest.c.author_id == _READER
        if standing.discipline is not None:
            alike = or_(alike, latest.c.discipline == standing.discipline.value)
        return (
            select(*(latest.c[name] for name in told))
            .where(latest.c.kind == "note", latest.c.status != "entered-in-error", true() if every else alike)
            .where(self.readable(standing, _READER, latest))
            .order_by(*(latest.c[name].desc() for name in newest_first))
        )

    def written_of(
        self, connection: Connection, *, author: UUID, children: Collection[UUID], since: datetime
    ) -> set[UUID]:
        """Of which of these children somebody wrote a note that was observed since."""
        t = self.entries
        query = select(t.c.case_id).where(
            t.c.case_id.in_(sorted(children)),
            t.c.observed_from >= since,
            t.c.to_position == FOREVER,
            t.c.kind == "note",
            t.c.status != "entered-in-error",
            t.c.author_id == author,
        )
        return set(connection.execute(query.distinct()).scalars()) if children else set()

    def readable_ids(
        self,
        connection: Connection,
        *,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        entries: Collection[UUID],
    ) -> set[tuple[UUID, UUID]]:
        """Which of these entries of these children the actor, by what they are to each, may open now: pairs of child
        and entry."""
        return set(self.readable_kinds(connection, actor=actor, children=children, entries=entries))

    def readable_then(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        entries: Collection[UUID],
        as_of: int,
    ) -> set[UUID]:
        """Which of these entries of a child the actor could open at a position, in a state of then."""
        t = self.entries
        then = and_(t.c.from_position <= as_of, t.c.to_position > as_of)
        mine = self.readable(standing_of(actor, child), actor.person_id)
        query = select(t.c.entry_id).where(
            t.c.entry_id.in_(sorted(entries)), InOrder(t.c.case_id) == case_id, then, mine
        )
        return set(connection.execute(query).scalars()) if entries else set()

    def readable_kinds(
        self,
        connection: Connection,
        *,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        entries: Collection[UUID],
    ) -> dict[tuple[UUID, UUID], str]:
        """The same, each with what it is: a note, or what a group session was for the child."""
        if not entries:
            return {}
        t = self.entries
        columns = (t.c.case_id, t.c.entry_id, t.c.kind)
        query = select(*columns).where(*self._now_of(actor, children), t.c.entry_id.in_(sorted(entries)))
        return {(row.case_id, row.entry_id): row.kind for row in connection.execute(query)}

    def named(
        self,
        connection: Connection,
        *,
        actor: Actor,
        children: Mapping[UUID, Relationship],
        entries: Collection[UUID],
        words: bool = False,
    ) -> dict[tuple[UUID, UUID], dict[str, Any]]:
        """The same, each with what one knows it by: kind, the time observed, who wrote it, the format of a note and the
        version of a template that it was written in. Its ``words`` only if they are asked for."""
        found: dict[tuple[UUID, UUID], dict[str, Any]] = {}
        wanted = [(entry_id,) for entry_id in sorted(entries)]
        for standing, cases in _alike(actor, children).items() if wanted else ():
            told = {"cases": [(case_id,) for case_id in cases], "entries": wanted, "reader": actor.person_id}
            for row in self.asked.all(connection, self._named, standing, words, **told):
                row["written_in"] = row.pop("detail").get("written_in")
                found[row.pop("case_id"), row.pop("entry_id")] = row
        return found

    def _named(self, standing: Standing, words: bool) -> Select[Any]:
        """What some entries of children whom the reader knows alike are known by: looked up by the entries' ids, for
        a child has more of them than are asked for."""
        t = self.entries
        cases, entries = (given(name, Column("id", Uuid)) for name in ("cases", "entries"))
        known_by = (t.c.case_id, t.c.entry_id, t.c.kind, t.c.observed_from, t.c.author_name, t.c.format, t.c.detail)
        return select(*known_by, *((t.c.sections,) if words else ())).where(
            t.c.entry_id.in_(select(entries.c.id)),
            InOrder(t.c.case_id).in_(select(cases.c.id)),
            t.c.to_position == FOREVER,
            self.readable(standing, _READER),
        )

    def _now_of(self, actor: Actor, children: Mapping[UUID, Relationship]) -> list[ColumnElement[bool]]:
        """That an entry is one of these children's as it stands, and the actor may open it. For a look by the entries'
        ids: a child has more of them than are asked for."""
        t = self.entries
        standings = {case_id: standing_of(actor, child) for case_id, child in children.items()}
        return [
            t.c.to_position == FOREVER,
            each_as(InOrder(t.c.case_id), standings, lambda standing: self.readable(standing, actor.person_id)),
        ]
