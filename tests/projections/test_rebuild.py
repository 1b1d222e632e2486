"""A view is disposable: made anew from the record it is the same, row for row."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, inspect, select, update

from coord.application.case.commands import NameInCircle
from coord.application.goals import commands as g
from coord.application.policies.commands import ChangePolicy
from coord.application.timeline.questions import ReadTimeline
from coord.domain.case import GoalContent
from coord.domain.case.measures import CopmContent
from coord.follower import Follower
from coord.persistence import Stores
from coord.projections import ALL_VIEWS
from coord.projections.engine import View
from tests.group_story import a_group
from tests.house import House
from tests.projections.life import Life


def rows(engine: Engine, view: View) -> dict[str, list[str]]:
    """Every row of every table of a generation, by table."""
    with engine.connect() as connection:
        return {
            table.name.rpartition("_g")[0]: sorted(map(repr, connection.execute(select(table))))
            for table in view.metadata.sorted_tables
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_rebuilt_view_equals_the_live_one_row_for_row(house: House, stores: Stores, seed: int):
    life, views = Life(house, seed), house.services.views
    house.services.doors.execute(house.ot, NameInCircle(house.child, uuid4(), "Mia", "mother"))  # seldom by chance
    for step in life.live(400):
        if step % 7 == 0:  # the live views follow in batches of every size
            views.catch_up()
    views.catch_up()
    assert life.done > 100
    assert [s for s in views.states() if s.error] == []
    generations = views.rebuild(swap=False)
    for kind in ALL_VIEWS:
        live, anew = rows(stores.views, kind(1)), rows(stores.views, kind(generations[kind.NAME]))
        assert live == anew
        assert sum(map(len, live.values())) > 0, kind
    assert {d.rows for d in views.differences(generations).values()} == {0}


def test_a_difference_would_be_found(house: House, stores: Stores):
    views = house.services.views
    house.summary(sources=[house.note(house.ot)])
    house.activity("Rain on the roof")
    house.template()
    house.services.doors.execute(house.lead, ChangePolicy("generalisation", 0, {"occasions": 4}, "x"))
    do, today = house.services.doors.execute, house.clock.now.date()
    do(house.ot, g.ProposeGoal(house.child, uuid4(), GoalContent("Ties", ["home"], review_date=today)))
    do(house.ot, g.OfferStrategy(house.child, uuid4(), "One step at a time", "school"))
    do(
        house.ot,
        g.RecordCopm(house.child, uuid4(), CopmContent([("Tying", 9, 2, 2)], "guardian", "Mother", measured_on=today)),
    )
    do(house.ot, NameInCircle(house.child, uuid4(), "Mia", "mother"))
    a_group(house, 1)
    views.catch_up()
    generations = views.rebuild(swap=False)
    for kind in ALL_VIEWS:
        table, column = next(
            (t, c)
            for t in kind(1).metadata.sorted_tables
            for c in t.columns
            if rows(stores.views, kind(1))[t.name.removesuffix("_g1")]
            and c.type.python_type is str
            and not c.primary_key
        )
        with stores.views.execution_options(write=True).begin() as connection:
            connection.execute(update(table).values({column.name: "tampered"}))
        assert views.differences(generations)[table.name].rows > 0, table


def test_views_are_compared_at_one_position_though_others_write_meanwhile(house: House):
    views = house.services.views
    house.note(house.ot, "before")
    generations = views.rebuild(swap=False)
    house.note(house.ot, "since it was built")
    written: list[int] = []

    def write(progress: Any) -> None:
        if len(written) < 3:
            house.note(house.ot, "during")
            views.catch_up()
            written.append(house.services.record.head())

    assert {d.rows for d in views.differences(generations, progress=write).values()} == {0}
    assert len(written) == 3
    assert {s.position for s in views.states()} == {written[-1]}


def test_answers_stay_the_same_over_a_rebuild_and_follow_what_came_meanwhile(house: House):
    house.note(house.ot, "before")
    ask = house.services.doors.ask
    before = ask(house.ot, ReadTimeline(house.child)).items
    done: list[int] = []

    def write_during_the_build(progress: Any) -> None:
        if not done:
            done.append(progress.done)
            house.note(house.ot, "during")

    house.services.views.rebuild(progress=write_during_the_build, grace=0)
    after = ask(house.ot, ReadTimeline(house.child)).items
    assert done
    assert sorted(i["sections"]["text"] for i in after if i["kind"] == "note") == ["before", "during"]
    assert {i["entry_id"] for i in before} < {i["entry_id"] for i in after}
    assert {s.generation for s in house.services.views.states()} == {2}
    house.services.views.rebuild(["timeline"], grace=0)
    assert {s.view: s.generation for s in house.services.views.states()}["timeline"] == 3
    assert ask(house.ot, ReadTimeline(house.child)).items == after


def test_an_interrupted_rebuild_leaves_the_live_views_alone_and_can_be_started_again(house: House):
    house.note(house.ot)

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.services.views.rebuild(progress=interrupt)
    items = house.services.doors.ask(house.ot, ReadTimeline(house.child)).items
    assert len([i for i in items if i["kind"] == "note"]) == 1
    house.services.views.rebuild(grace=0)
    assert house.services.doors.ask(house.ot, ReadTimeline(house.child)).items == items


def counted(stores: Stores) -> set[str]:
    """The tables of views that the database has counted."""
    sqlite = "SELECT DISTINCT tbl FROM sqlite_stat1"
    with stores.views.begin() as connection:
        if stores.kind == "sqlite" and not inspect(connection).has_table("sqlite_stat1"):
            return set()
        asked = sqlite if stores.kind == "sqlite" else "SELECT DISTINCT tablename FROM pg_stats"
        return set(connection.exec_driver_sql(asked).scalars())


def test_a_new_view_is_counted_before_anybody_asks_it(house: House, stores: Stores):
    house.note(house.ot)
    house.services.views.rebuild(grace=0)
    assert {"timeline_entries_g2", "changes_g2", "cases_g2"} <= counted(stores)


def test_the_follower_has_sqlite_count_what_it_holds_and_postgresql_does_it_by_itself(house: House, stores: Stores):
    house.note(house.ot)
    assert "timeline_entries_g1" not in counted(stores)
    Follower(house.services)._turn()
    assert ("timeline_entries_g1" in counted(stores)) is (stores.kind == "sqlite")


def test_a_release_gives_the_views_their_indexes_and_takes_those_of_before(house: House, stores: Stores):
    with stores.views.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("DROP INDEX timeline_pages_g1")
        connection.exec_driver_sql("CREATE INDEX timeline_page_g1 ON timeline_entries_g1 (case_id, observed_from)")
    house.services.views.add_missing_indexes()
    with stores.views.begin() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("timeline_entries_g1")}
    assert names == {"timeline_pages_g1", "timeline_news_g1", "timeline_subject_g1", "timeline_within_g1"}
