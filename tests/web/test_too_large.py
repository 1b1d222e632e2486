"""A form that is too large is refused with 413 whoever sends it, and its words are given back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coord.web import MOST_BYTES, SECURITY_HEADERS
from coord.web.errors import MOST_GIVEN_BACK
from tests.house import House, open_house


@pytest.fixture
def house(data_folder: Path) -> Iterator[House]:
    with open_house(data_folder) as house:
        yield house


WORDS = "He waited for his turn. "


@pytest.mark.parametrize("who", ["nobody", "ot"])
@pytest.mark.parametrize("where", ["/sign-in", "/account/password", "/children/{child}/drafts/{child}"])
def test_its_words_are_given_back(house: House, who: str, where: str):
    browser = house.browser_of(getattr(house, who, None))
    many = MOST_BYTES // len(WORDS) + 1
    typed: dict[str, Any] = {
        "section-text": WORDS * many,
        "password": "not to be shown again",
        "recovery_code": "not to be shown again",
    }
    answer = browser.client.post(where.format(child=house.child), data=typed)
    assert answer.status_code == 413
    assert answer.text.count(WORDS.strip()) == many
    assert "not to be shown again" not in answer.text
    assert "your browser still has your words" in answer.text
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


def test_what_is_far_too_large_is_left_to_the_browser(house: House):
    browser = house.browser_of(house.ot)
    answer = browser.client.post("/sign-in", data={"text": "x" * (MOST_GIVEN_BACK + 1)})
    assert answer.status_code == 413
    assert "Content-Security-Policy" in answer.headers
    assert "x" * 30 not in answer.text
    assert "your browser still has your words" in answer.text
    assert browser.get("/").status_code == 200
