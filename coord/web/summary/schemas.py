"""The shapes of requests about the school summary."""

from __future__ import annotations

from coord.domain.case.summary import DEFAULT_LIMIT, LIMITS, SECTIONS
from coord.domain.input import SHORT, STATEMENT
from coord.web.api.fields import (
    Day,
    Id,
    Items,
    Part,
    Strict,
    Whole,
    WholeNumber,
    Words,
    id_,
    number,
    words,
)
from coord.web.api.schemas import Reason


class NewStatement(Strict):
    """A sentence or two for the teacher, and the notes, strategies and goals that it rests on."""

    text = words(required=True, limit=STATEMENT)
    sources = Items(Id(), metadata={"description": "Ids of signed notes, strategies and goals of the child"})


NewStatements = Strict.from_dict(
    {name: Items(Part(NewStatement), metadata={"maxItems": LIMITS.get(name, DEFAULT_LIMIT)}) for name in SECTIONS},
    name="NewStatements",
)
"""By section, in order."""


class Recall(Reason):
    """Why, and which version: without one, the one that the school reads, or where it never had one, the latest."""

    version = number(1, 2**31 - 1)


class NewSummary(Strict):
    """A version of the school summary."""

    statements = Part(NewStatements, required=True)
    contact = words("Whom the school may ask, and how", required=True, limit=STATEMENT)
    valid_from = Day(required=True)
    review_date = Day(required=True)
    draft = id_("The draft that it uses up")
    seen = WholeNumber(
        0,
        10**15,
        metadata={
            "description": "The `position` of the answer in which you read the entries that it cites: one whose text "
            "was corrected since is refused (`source-corrected`). Not asked, if left out"
        },
    )


class SummaryQuery(Strict):
    """Which version."""

    version = Whole(1, 1_000_000, metadata={"description": "An earlier version; the latest, if left out"})


class SourcesQuery(Strict):
    """Which entries."""

    text = Words(most=SHORT, data_key="q", metadata={"description": "Words that the entry has"})
