"""The words come back whatever was refused: a form that is sent is done, or it is the same page again.

`sent` carries a form out. Whatever the doors refuse (a field that is wrong, a question to be answered, something that
changed meanwhile, a right that was lost, a store that does not answer) becomes a `Refusal`, and the page is made again
with it and with what was typed. Only what the person may not know of stays "not found".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotPermitted, Stale, Unavailable
from coord.web.errors import status_of
from coord.web.kit.asking import Asked, questions
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
        return act()
    except (InvalidInput, Conflict, Stale, NotPermitted, Unavailable) as error:
        refusal = refused(error)
    response = again(refusal)
    response.status_code = refusal.status
    return response


def refused(error: DomainError) -> Refusal:
    """The refusal in words."""
    problems = tuple(error.problems) if isinstance(error, InvalidInput) else ()
    explained = None if problems else explanation(error.code)
    return Refusal(status_of(error), problems, tuple(questions(problems)), explained, error)
