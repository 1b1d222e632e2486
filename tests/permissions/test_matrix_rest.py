"""The permission matrix: every cell of all but notes and goals. See `matrix`."""

from coord.application.declared import Command
from coord.domain.errors import InvalidInput, Stale
from tests.permissions.cast import Cast
from tests.permissions.matrix import agree
from tests.permissions.table import ABOUT_A_COURSE


def test_the_doors_agree_with_the_table_in_every_cell(cast: Cast):
    agree(cast, "rest")


def test_no_trial_about_a_course_stops_at_a_version_that_may_be_left_out(cast: Cast):
    for name in ABOUT_A_COURSE:
        wish = cast.about_a_course(name, cast.course)
        if isinstance(wish, Command):
            errors = [cast.error(viewer, wish) for viewer in cast.viewers]
            assert not [error for error in errors if isinstance(error, Stale)], name


def test_who_may_name_stand_ins_is_told_that_nobody_is_called_so(cast: Cast):
    wish = cast.about_a_course("NameStandIns", cast.course)
    errors = [error for viewer in cast.viewers if isinstance(error := cast.error(viewer, wish), InvalidInput)]
    assert {(p.pointer, p.code) for error in errors for p in error.problems} == {("/people/0", "no-such-person")}
