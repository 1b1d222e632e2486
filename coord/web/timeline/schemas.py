"""The shape of what is asked of timelines."""

from __future__ import annotations

from coord.application.timeline.questions import EntryKind
from coord.domain.actors import Discipline
from coord.domain.case import Setting
from coord.domain.input import SHORT
from coord.web.api.fields import PlaceOrMoment, Strict, Whole, Words, choice, id_, time_
from coord.web.api.schemas import CURSOR


class TimelineQuery(Strict):
    """What to leave out of a timeline."""

    discipline = choice(Discipline)
    setting = choice(Setting)
    kind = choice(EntryKind)
    author = id_()
    start = time_("Observed at this time or later", key="from")
    end = time_("Observed before this time", key="to")
    q = Words(most=SHORT, metadata={"description": "Words that the text has, in any order", "maxLength": SHORT})
    as_of = PlaceOrMoment(metadata={"description": "As the record stood then: a position, or a time"})
    reader = id_("As this person could see it (team lead only)")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, 100, load_default=20)
