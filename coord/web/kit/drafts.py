"""Words that are kept while they are typed, for their author alone; another tab's words are never overwritten.

A form that is kept has the fields `KEPT`: the draft's revision that the page knows, and by what a page's own later
words are told from another tab's (``tab``, ``turn``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.notes.commands import DiscardDraft, SaveDraft
from coord.application.notes.questions import ReadDraft
from coord.domain.errors import DomainError, NotFound, Stale, Unavailable
from coord.web.errors import status_of
from coord.web.kit.field import Field, Kind, number_of
from coord.web.kit.form import Form
from coord.web.messages import explanation
from coord.web.spelling import format_time
from coord.web.visit import here

KEPT = tuple(Field(name, Kind.HIDDEN) for name in ("revision", "tab", "turn"))
_BURSTS = 5


def another_tab(revision: int = 0) -> dict[str, object]:
    """What `KEPT` begins with: a page that is opened goes on with a draft as a tab of its own."""
    return {"revision": revision, "tab": uuid4().hex, "turn": 0}


def number_in(form: Form, name: str) -> int:
    """A number that a page put into its form; 0 for anything else."""
    return max(number_of(form.typed[name]) or 0, 0)


def tab_of(form: Form) -> dict[str, object]:
    """What a draft keeps of the tab that its words came from."""
    return {"tab": form.typed["tab"][:64], "turn": number_in(form, "turn")}


def keep(
    case_id: UUID, draft_id: UUID, kind: str, form: Form, body: Mapping[str, Any], *, has_words: bool = True
) -> int:
    """Keep a form; its new revision, which the form takes over.

    Without a word it is 0: an empty draft is none, and one that was emptied goes. Raises `Stale` where another tab
    kept other words.
    """
    services, actor = here()
    revision = number_in(form, "revision")
    if not has_words:
        if revision:
            _let_go(case_id, draft_id, revision, body)
        form.typed["revision"] = "0"
        return 0
    for _attempt in range(_BURSTS):
        try:
            kept = services.doors.execute(actor, SaveDraft(case_id, draft_id, kind, body, revision)).version
        except Stale:
            present: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
            if not _follows(body, present["body"]):
                raise
            revision = present["revision"]
        else:
            form.typed["revision"] = str(kept)
            return kept
    raise Unavailable("too-busy")


def _follows(body: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    """Whether words may take the place of the kept ones: they say the same, or came later from the same tab.

    A page that is closed sends its last words without waiting for the answer to those before.
    """
    if body["tab"] and body["tab"] == kept.get("tab") and body["turn"] > int(kept.get("turn") or 0):
        return True
    own = {"tab": None, "turn": None}
    return {**body, **own} == {**kept, **own}


def _let_go(case_id: UUID, draft_id: UUID, revision: int, body: Mapping[str, Any]) -> None:
    """Throw an emptied draft away, unless another tab has kept words in it since (`Stale`)."""
    services, actor = here()
    try:
        present: Mapping[str, Any] = services.doors.ask(actor, ReadDraft(case_id, draft_id))
    except NotFound as gone:
        if gone.code != "no-such-draft":
            raise
        return
    if present["revision"] != revision and not _follows(body, present["body"]):
        raise Stale(present["revision"], ["draft"])
    discard(case_id, draft_id)


def discard(case_id: UUID, draft_id: UUID) -> None:
    """Throw a draft away, if there is one."""
    services, actor = here()
    try:
        services.doors.execute(actor, DiscardDraft(case_id, draft_id))
    except NotFound as gone:
        if gone.code != "no-such-draft":
            raise


def autosaved(save: Callable[[], int]) -> ResponseReturnValue:
    """What became of it, for the page's status line; ``save`` gives the draft's new revision."""
    try:
        revision = save()
    except DomainError as error:
        states = {"stale": "stale", "already-signed": "signed"}
        state = states.get(error.code, "failed")
        words = {
            "stale": _("This draft was changed in another tab or window since. Nothing was overwritten."),
            "signed": _("This note was signed in another tab or window. What you type here is not kept any more."),
            "failed": _("The draft could not be kept: %(why)s", why=explanation(error.code).message),
        }
        return jsonify(state=state, message=words[state]), status_of(error)
    message = _("Draft kept, %(time)s", time=format_time(here()[0].clock(), "short")) if revision else ""
    return jsonify(state="saved", message=message, revision=revision)
