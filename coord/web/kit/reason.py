"""One page for whatever is not done by a button alone: what it means for people, why, and at times a word more.

An area says what its acts are about in an `Asks`, and declares each act under it: a function that gives an `Act`.
Whatever the doors refuse, the page comes again with every word (`coord.web.kit.sent`); where what it is about cannot be
shown any more, or just now, it comes without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, make_response, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.application.shown import Shown
from coord.domain.errors import DomainError, FieldProblem, InvalidInput, NotFound, NotPermitted, Unavailable
from coord.domain.permissions import leads_service_team, refuse_unless_permitted
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.done import Done
from coord.web.kit.sent import NOTHING, Refusal, sent
from coord.web.local_time import NotADate, read_day
from coord.web.messages import Explanation, explanation, field_message
from coord.web.visit import require_actor, see_other

REASON_PAGES: list[str] = []
"""The endpoint of every act that was declared."""


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked for. ``kind`` is text (several lines), line, day, choice, select or ticks (of ``items``: value,
    text and perhaps a hint), or folded (more ticks of the same name, out of the way).

    ``value`` is what stands there to begin with; of ticks, the values. ``also`` is another name for it in a pointer.
    """

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    value: str | Sequence[str] = ""
    items: Sequence[Mapping[str, Any]] = ()
    rows: int = 3
    also: str = ""

    def has(self, problem: FieldProblem) -> bool:
        """Whether a problem is one of this field; of a list, of any part of it."""
        if self.kind == "folded":
            return False
        parts = problem.pointer.strip("/").split("/")
        return parts[0] == self.name or (parts[-1] == self.also and bool(self.also))

    def stands(self) -> str | Sequence[str]:
        """What stands in it: as it was typed, once it was."""
        if request.method != "POST":
            return self.value
        return written(self.name) if isinstance(self.value, str) else request.form.getlist(self.name)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what stands on its page, in words for people, and what follows from it.

    ``command`` is made of what was typed. ``back`` is where one came from, as address and words; one goes on to ``to``
    (there, if it is empty), where ``said`` is said. ``about`` is what the act means: sentences, or what `told` gives;
    with a ``tab`` the child's pages stand above; ``seen`` is what one decides on, and goes along with the form.

    Nobody fills in a form in vain: where ``may`` is False as things stand, one is led back (or it raises why not);
    ``ahead`` is what will be asked about, said beforehand. A refusal whose code is in ``already`` means that what was
    wanted is so; ``meanwhile`` shows what has changed since one looked.
    """

    title: str
    button: str
    command: Callable[[], Command]
    fields: Sequence[Field]
    back: tuple[str, str]
    said: str
    to: str = ""
    about: Sequence[str | Callable[[], str]] = ()
    caption: str = ""
    tab: str = ""
    leave: str = ""
    dangerous: bool = False
    seen: Mapping[str, object] = field(default_factory=dict)
    may: Callable[[], object] = lambda: True
    ahead: Callable[[], Sequence[FieldProblem]] = tuple
    meanwhile: Callable[[], str] = str
    already: Sequence[str] = ()
    explained: Callable[[DomainError], Explanation] = lambda error: explanation(error.code)
    after: Callable[[], Response] | None = None


Declared = Callable[..., Act]
"""What an act is, from what it is about (None where a store is down) and from its address."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The acts of an area: declared under ``pages``, said by ``done``; ``look`` asks, by the address, for what each is
    about."""

    pages: Blueprint
    done: Done
    look: Callable[..., Any]

    def __call__(self, rule: str, needs: str = "") -> Callable[[Declared], Declared]:
        """Declare an act at this address, for who may carry out the command ``needs``; its endpoint is called as the
        function."""

        def declared(act: Declared) -> Declared:
            @wraps(act)
            def view(**address: Any) -> Response:
                return self._sent(act, address) if request.method == "POST" else self._opened(act, address, needs)

            self.pages.add_url_rule(rule, act.__name__, view, methods=["GET", "POST"])
            REASON_PAGES.append(f"{self.pages.name}.{act.__name__}")
            return act

        return declared

    def _opened(self, act: Declared, address: Mapping[str, Any], needs: str) -> Response:
        answer = self.look(**address)
        if needs:
            refuse_unless_permitted(needs, require_actor(), getattr(answer, "relationship", None))
        asked = act(answer, **address)
        if asked.may() is False:
            return see_other(asked.back[0])
        return _shown(asked, answer, NOTHING, questions(asked.ahead()))

    def _sent(self, act: Declared, address: Mapping[str, Any]) -> Response:
        actor, meant = require_actor(), act(None, **address)

        def done() -> Response:
            try:
                current_app.extensions["coord"].doors.execute(actor, meant.command())
            except DomainError as error:
                if error.code not in meant.already:
                    raise
            return meant.after() if meant.after else self.done.then(meant.said, meant.to or meant.back[0])

        def again(refusal: Refusal) -> Response:
            try:
                answer = self.look(**address)
                asked = act(answer, **address)
            except (Unavailable, NotPermitted):
                answer, asked = None, meant
            return _shown(asked, answer, refusal, refusal.asked)

        return sent(done, again)


def one_of(things: Iterable[Any], id: UUID, code: str) -> Any:
    """The one with this id. Raises `NotFound`."""
    found = next((thing for thing in things if thing.id == id), None)
    if found is None:
        raise NotFound(code)
    return found


def told(template: str, **context: Any) -> Callable[[], str]:
    """More than a sentence of what an act means, by a template of the area."""
    return lambda: Markup(render_template(template, **context))  # noqa: S704 - a template's


def what_is_wrong(rows: int = 3) -> Field:
    """Why something is marked as entered in error."""
    return Field("reason", _("What is wrong with it"), _("Do not name another child here"), rows=rows)


def day(name: str) -> date | None:
    """The day that was typed into a field; None for nothing. Raises `InvalidInput` for what is none."""
    try:
        return read_day(written(name)) if written(name).strip() else None
    except NotADate:
        raise InvalidInput([FieldProblem(f"/{name}", "not-a-date")]) from None


def written(name: str) -> str:
    """What was typed into a field, with line ends of one kind."""
    return request.form.get(name, "").replace("\r\n", "\n").replace("\r", "\n")


def seen(name: str = "version") -> int | None:
    """The number that the page showed, and one decided on."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _shown(act: Act, answer: Any, refusal: Refusal, asked: Sequence[Asked]) -> Response:
    # A new decision is made on what stands now, where the page shows it; one begun before, on what stood then.
    stale = refusal.status == 412
    kept = request.method == "POST" and (answer is None or not stale)
    wrong = _wrong(act, refusal)
    shown: Shown | None = answer and answer.shown
    why = act.explained(refusal.error) if refusal.error and refusal.explained else None
    return make_response(
        render_template(
            "kit/reason.html",
            act=act,
            alone=answer is None,
            shown=shown,
            child=shown.child.preferred_name if shown and shown.child else "",
            about=[one() if callable(one) else one for one in act.about],
            nav=_nav(act, answer) if act.tab and answer else (),
            fields=[(one, one.stands(), wrong.get(one.name)) for one in act.fields],
            seen={name: request.form.get(name, value) if kept else value for name, value in act.seen.items()},
            errors=_summary(act, refusal, wrong),
            title=why.title if why else refusal.title,
            description=_description(why, kept=bool(act.fields)) if why else "",
            meanwhile=act.meanwhile() if stale and answer else "",
            asked=asked,
            given=confirmed() if kept else (),
            action=request.path,
        )
    )


def _description(why: Explanation, *, kept: bool) -> str:
    said, kept_below = f"{why.message} {why.what_next}", _("What you typed is kept below.")
    return f"{said} {kept_below}" if kept and kept_below not in said else said


def _nav(act: Act, answer: Any) -> tuple[Any, ...]:
    actor, case_id, name = require_actor(), (request.view_args or {})["case_id"], answer.shown.child.preferred_name
    return case_id, name, act.tab, actor.role.value, leads_service_team(actor, answer.relationship)


def _wrong(act: Act, refusal: Refusal) -> dict[str, str]:
    """What is wrong with each field, in the order of the page; of several the first."""
    found = ((one, [p for p in refusal.problems if one.has(p) and not p.answer]) for one in act.fields)
    return {one.name: field_message(problems[0]) for one, problems in found if problems}


def _summary(act: Act, refusal: Refusal, wrong: Mapping[str, str]) -> list[dict[str, str]]:
    """What is wrong and where; what is asked and where it is answered."""
    lines = [
        {"text": f"{one.label}: {wrong[one.name]}", "href": f"#{one.name}"} for one in act.fields if one.name in wrong
    ]
    elsewhere = (p for p in refusal.problems if not p.answer and not any(one.has(p) for one in act.fields))
    lines += [{"text": field_message(problem)} for problem in elsewhere]
    return lines + [{"text": one.text, "href": f"#asked-{i}"} for i, one in enumerate(refusal.asked, 1)]
