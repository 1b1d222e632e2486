"""The shapes of requests about notes."""

from __future__ import annotations

from coord.application.notes.commands import MOST_RATINGS, RatingInNote
from coord.domain import case
from coord.web.api.fields import Flag, Items, Part, Strict, confirmed, id_
from coord.web.api.routes import content
from coord.web.api.schemas import NEW_ID

RATED = "Goals rated in the same signature: each is an observation of its own from then on, and corrected apart"


class NewRatingInNote(content(RatingInNote)):  # type: ignore[misc]  # made from its type
    """A goal rated in the signature of a note: `level`, `support`, or both."""


class NoteWords(content(case.NoteWords)):  # type: ignore[misc]  # made from its type
    """What an author writes, and the goals rated with it. A draft may lack any of it."""

    ratings = Items(Part(NewRatingInNote), metadata={"maxItems": MOST_RATINGS, "description": RATED})


class NewNote(NoteWords):
    """A draft (private to you), or a note that you sign with this request.

    To sign, `format`, `sections`, `observed_from`, `setting` and `audience` are needed. The note and its `ratings` are
    recorded together, or not at all.
    """

    id = id_(NEW_ID)
    sign = Flag(required=True)
    confirmed = confirmed()


class Signing(Strict):
    """The signature under one's own draft."""

    confirmed = confirmed()
