"""docs/permissions.md says what the code does."""

from tools.permissions_page import PAGE, page


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "run: python -m tools.permissions_page"
