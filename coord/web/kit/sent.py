"""The words come back whatever was refused: a form that is sent is done, or it is the same page again.

`sent` carries a form out. Whatever the doors refuse (a field that is wrong, a question to be answered, something that
changed meanwhile, a right that was lost, a store that does not answer) becomes a `Refusal`, and the page is made again
with it and with what was typed. Only what the person may not know of stays "not found".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import jsonify, make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotPermitted, Stale, Unavailable
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, questions
from coord.web.kit.device import HEADER
from coord.web.messages import Explanation, explanation


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was not taken, in words for its page.

    ``problems`` are those of single fields, ``asked`` the questions among them; ``explained`` is for what is about the
    whole (None where the fields say it all). A page that shows no form yet has a refusal of nothing: `NOTHING`.
    """

    status: int = 200
    problems: tuple[FieldProblem, ...] = ()
    asked: tuple[Asked, ...] = ()
    explained: Explanation | None = None
    error: DomainError | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """What stands over the list of problems: a question is no fault."""
        if self.problems and len(self.asked) >= len(self.problems):
            return str(_("Please look at this once more"))
        return str(_("There is a problem"))


NOTHING = Refusal()
"""Nothing was refused."""


def sent(act: Callable[[], Response], again: Callable[[Refusal], Response]) -> Response:
    """What ``act`` answers; or the page ``again``, told why not, with the status of the refusal.

    Raises `NotFound` as it comes: whoever may not know of a thing gets no page about it.
    """
    try:
        done = act()
        return _in_a_word(200, state="recorded", location=done.location) if by_a_device() else done
    except (InvalidInput, Conflict, Stale, NotPermitted, Unavailable) as error:
        code, refusal = error.code, refused(error)
    if by_a_device():
        return _in_a_word(refusal.status, state="refused", code=code)
    response = again(refusal)
    response.status_code = refusal.status
    return response


def by_a_device() -> bool:
    """Whether the queue of a device sends this form, and not a person."""
    return request.accept_mimetypes.best == "application/json"


def looked_at() -> bool:
    """Whether somebody looks at the page that follows: not if the form was sent while another page was open."""
    return request.headers.get(HEADER) != "away"


def _in_a_word(status: int, **said: str | None) -> Response:
    return make_response(jsonify(said), status)


def refused(error: DomainError) -> Refusal:
    """The refusal in words."""
    problems = tuple(error.problems) if isinstance(error, InvalidInput) else ()
    explained = None if problems else explanation(error.code)
    return Refusal(status_of(error), problems, tuple(questions(problems)), explained, error)
