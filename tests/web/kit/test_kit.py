"""What every form does alike: a refusal gives the page back, and a question is asked once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import render_template_string, request
from werkzeug.wrappers import Response

from coord.domain.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    InvalidInput,
    NotFound,
    NotPermitted,
    Stale,
    Unavailable,
)
from coord.domain.input import Input
from coord.web.kit.asking import confirmed
from coord.web.kit.sent import Refusal, sent
from tests.house import House, open_house

FORM = """{% from "_macros/kit.html" import questions with context %}
<h1>{{ refusal.title }}</h1>{{ refusal.explained.message if refusal.explained }}
<form>{{ typed }}{{ questions(refusal.asked, given) }}</form>"""


@pytest.fixture
def house(data_folder: Path) -> Iterator[House]:
    with open_house(data_folder) as house:
        yield house


def again(refusal: Refusal) -> Response:
    page = render_template_string(FORM, refusal=refusal, typed=request.form["word"], given=confirmed())
    return Response(page)


def answer(house: House, act: Callable[[], Response], **form: object) -> Response:
    with house.app.test_request_context("/", method="POST", data={"word": "otter", **form}):
        return sent(act, again)


def refusing(error: DomainError) -> Callable[[], Response]:
    def act() -> Response:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput([FieldProblem("/word", "missing")]), 422),
        (Conflict("case-closed"), 409),
        (Stale(3), 412),
        (NotPermitted(), 403),
        (Unavailable(), 503),
    ],
)
def test_whatever_is_refused_the_words_are_still_there(house: House, error: DomainError, status: int):
    page = answer(house, refusing(error))
    assert page.status_code == status
    assert "otter" in page.get_data(as_text=True)


def test_what_nobody_may_know_of_gets_no_page(house: House):
    with pytest.raises(NotFound):
        answer(house, refusing(NotFound()))


def test_what_is_done_is_done(house: House):
    assert answer(house, lambda: Response("done")).get_data() == b"done"


def test_a_question_is_asked_with_a_tick_and_its_answer_comes_with_the_form(house: House):
    def act() -> Response:
        check = Input(confirmed())
        check.ask("/word", "too-long-ago", request.form["word"])
        check.refuse_if_any()
        return Response("done")

    page = answer(house, act)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "There is a problem" not in text
    tick = text.split('type="checkbox" value="')[1].split('"')[0]
    assert answer(house, act, confirmed=tick).get_data() == b"done"
    other = answer(house, act, word="heron", confirmed=tick)
    assert other.status_code == 422
    assert f'type="hidden" name="confirmed" value="{tick}"' in other.get_data(as_text=True)  # not asked again for it
