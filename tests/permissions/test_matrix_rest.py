"""The permission matrix: every cell of all but notes and goals. See `matrix`."""

from typing import get_args, get_type_hints

from coord.domain.errors import InvalidInput
from tests.permissions.cast import Cast
from tests.permissions.matrix import agree
from tests.permissions.table import ABOUT_A_COURSE


def test_the_doors_agree_with_the_table_in_every_cell(cast: Cast):
    agree(cast, "rest")


def test_a_trial_about_a_course_names_a_version_only_where_it_has_to(cast: Cast):
    """What comes after the check of the version is tried too; where one has to be named, it never was."""
    for name in ABOUT_A_COURSE:
        wish = cast.about_a_course(name, cast.course)
        hint = get_type_hints(type(wish)).get("expected_version")
        if hint is not None:
            assert wish.expected_version == (None if type(None) in get_args(hint) else -1), name


def test_who_may_name_stand_ins_is_told_that_nobody_is_called_so(cast: Cast):
    wish = cast.about_a_course("NameStandIns", cast.course)
    errors = [error for viewer in cast.viewers if isinstance(error := cast.error(viewer, wish), InvalidInput)]
    assert {(p.pointer, p.code) for error in errors for p in error.problems} == {("/people/0", "no-such-person")}
