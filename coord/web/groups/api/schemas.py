"""The shapes of what is sent when a session is recorded, and when a recording is corrected."""

from __future__ import annotations

from coord.application.groups.lines import MOST_RATINGS, MOST_STRATEGIES
from coord.domain.case.goals.wording import Support
from coord.domain.case.groups import LineContent
from coord.domain.course.sessions import NOTE_PART, NOTE_PARTS
from coord.domain.input import REASON, STATEMENT
from coord.web.api.fields import (
    Flag,
    Id,
    Items,
    Part,
    Strict,
    choice,
    confirmed,
    id_,
    names_confirmed,
    number,
    time_,
    words,
)
from coord.web.api.routes import content
from coord.web.api.schemas import NEW_ID

_MADE = "Chosen by you, a random UUID; made here, if left out"
_RAN_IT = "Who ran it. Who is not on the staff, now or then, stands in, and reads this session from then on."


class NewRating(Strict):
    """A goal rated in the session: at least one of `level`, `support` and `remark`."""

    id = id_(f"As an observation of the goal. {_MADE}")
    goal = id_(required=True)
    level = number(-2, 2, "On the goal's scale; unrated is not zero")
    support = choice(Support, null=True, about="The help that was needed")
    remark = words(limit=REASON)
    scale_version = number(1, 10_000, "Of the scale that you read the level on; refused if it is another now")


class NewHandedOver(Strict):
    """A strategy for home, handed over in the session."""

    id = id_(f"As one of the child's strategies. {_MADE}")
    text = words(required=True, limit=STATEMENT)


class ChildLine(content(LineContent)):  # type: ignore[misc]
    """What the session was for one child. No other child's name in any text: each is in this child's record alone.

    Of an absent child, only why, and the messages.
    """

    case = id_(required=True)
    line = id_(f"In the child's record. {_MADE}; in a correction that of the line as it stands")
    ratings = Items(Part(NewRating), metadata={"maxItems": MOST_RATINGS})
    strategies = Items(Part(NewHandedOver), metadata={"maxItems": MOST_STRATEGIES})


GroupNoteText = Strict.from_dict({part: words(limit=NOTE_PART) for part in NOTE_PARTS}, name="GroupNoteText")
"""What the session was for the group, without names."""


class NewRecording(Strict):
    """What a session was, for the group and for each child: saved together, or not at all.

    Every child who has a place has a line, from this recording or another of the same session; the absent one too.
    """

    id = id_(NEW_ID)
    started_at = time_(required=True)
    ended_at = time_(required=True)
    note = Part(GroupNoteText)
    children = Items(Part(ChildLine), required=True)
    staff = Items(Id(), metadata={"description": _RAN_IT + " You, if left out"})
    names_confirmed = names_confirmed()
    confirmed = confirmed()
    took_place = Flag(metadata={"description": "Although it was cancelled"})
    nobody_came = Flag(
        metadata={
            "description": "No child was there: every line says absent, and there need be none if no place is given"
        }
    )


class NewCorrection(Strict):
    """What is to be different in a recording, and why; it reaches the record of each child whom it concerns.

    A line that is sent is the whole new one, with all its ratings and strategies: a rating that is left out is marked
    as a mistake, a strategy that is left out is advised no longer, and one without an `id` is new.
    """

    reason = words("Read in each child's record: no names", required=True, limit=REASON)
    started_at = time_("As before, if left out", null=True)
    ended_at = time_("As before, if left out", null=True)
    note = Part(GroupNoteText, metadata={"description": "The whole new one; as before, if left out"})
    children = Items(Part(ChildLine), metadata={"description": "Lines that change, and lines that are new"})
    in_error = Items(Id(), metadata={"description": "Cases whose line should never have been written"})
    staff = Items(Id(), metadata={"description": f"The whole new one; as before, if left out. {_RAN_IT}"})
    names_confirmed = names_confirmed()
    confirmed = confirmed()
