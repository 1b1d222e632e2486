"""The permission matrix: every cell of all but notes and goals. See `matrix`."""

from tests.permissions.cast import Cast
from tests.permissions.matrix import agree


def test_the_doors_agree_with_the_table_in_every_cell(cast: Cast):
    agree(cast, "rest")
