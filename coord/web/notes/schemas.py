"""The shapes of requests about notes."""

from __future__ import annotations

from coord.domain import case
from coord.web.api.fields import Flag, Strict, confirmed, id_
from coord.web.api.routes import content
from coord.web.api.schemas import NEW_ID

NoteWords = content(case.NoteWords)


class NewNote(NoteWords):  # type: ignore[valid-type,misc]  # made from its type
    """A draft (private to you), or a note that you sign with this request.

    To sign, `format`, `sections`, `observed_from`, `setting` and `audience` are needed.
    """

    id = id_(NEW_ID)
    sign = Flag(required=True)
    confirmed = confirmed()


class Signing(Strict):
    """The signature under one's own draft."""

    confirmed = confirmed()
