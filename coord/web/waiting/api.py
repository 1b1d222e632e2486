"""What waits for you."""

from __future__ import annotations

from coord.application.waiting.handlers import MOST_ROWS
from coord.application.waiting.questions import ReadWaiting, WaitingAnswer, WaitingKind
from coord.domain.input import SHORT
from coord.web.api.fields import Strict, Whole, Words, choice, id_
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads
from coord.web.api.schemas import CURSOR

blueprint = ApiBlueprint("waiting", "What waits for you: one list, whatever it comes from.")


class WaitingQuery(Strict):
    """What to narrow it to, and where to go on."""

    kind = choice(WaitingKind, about="One kind alone")
    child = id_("About one child alone")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, MOST_ROWS, load_default=50)


reads(
    blueprint,
    "/waiting",
    ReadWaiting,
    WaitingAnswer,
    query=WaitingQuery,
    about="""List what waits for you, the most urgent first

    Notes to co-sign, drafts, goals and summaries whose review day has come, alerts to look at again, sessions that
    nobody recorded, changes of accounts that you may confirm, and more: each with its `kind`, how soon it is
    (`urgency`), and the id of what it is about. Kinds are added. Apart are notes of yours that await somebody else.
    """,
)
