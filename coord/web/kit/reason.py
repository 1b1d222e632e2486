"""One page for whatever is not done by a button alone: what it means for people, why, and at times a word more.

An area says what its acts are about in an `Asks`, and declares each act under it: a function that gives an `Act`, with
the fields of its form. Whatever the doors refuse, the page comes again with every word (`coord.web.kit.form`); where
what it is about cannot be shown any more, or just now, it comes without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.domain.errors import DomainError, FieldProblem, NotFound, NotPermitted, Unavailable
from coord.domain.permissions import leads_service_team, refuse_unless_permitted
from coord.web.kit import form as forms
from coord.web.kit.done import Done
from coord.web.kit.form import Field, Form, Kind, Text, number_of
from coord.web.messages import Explanation, explanation
from coord.web.visit import require_actor, see_other

REASON_PAGES: list[str] = []
"""The endpoint of every act that was declared."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what stands on its page, in words for people, and what follows from it.

    ``command`` is made of the form. ``stands`` is what its ``fields`` hold to begin with, ``offers`` what can be chosen
    in them; what of that is ``folded``, as it is seldom meant, is so under this heading. ``back`` is where one came
    from, as address and words; one goes on to ``to`` (there, if it is empty), where ``said`` is said. ``about`` is what
    the act means: sentences, or what `told` gives; with a ``tab`` the child's pages stand above; ``seen`` is what one
    decides on, and goes along with the form.

    Nobody fills in a form in vain: where ``may`` is False as things stand, one is led back (or it raises why not);
    ``ahead`` is what will be asked about, said beforehand. A refusal whose code is in ``already`` means that what was
    wanted is so; ``meanwhile`` shows what has changed since one looked.
    """

    title: str
    button: str
    command: Callable[[Form], Command]
    fields: Sequence[Field]
    back: tuple[str, str]
    said: str
    to: str = ""
    stands: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    folded: str = ""
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

    @property
    def form(self) -> forms.Declared:
        """Its form: what is seen, and what goes along with it."""
        return forms.Declared([*(Field(name, Kind.HIDDEN) for name in self.seen), *self.fields], small=True)


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
        form = asked.form.of({**asked.stands, **asked.seen})
        form.questions = list(asked.ahead())
        return _shown(asked, answer, form)

    def _sent(self, act: Declared, address: Mapping[str, Any]) -> Response:
        actor, meant = require_actor(), act(None, **address)
        form = meant.form.sent()

        def done() -> Response:
            try:
                current_app.extensions["coord"].doors.execute(actor, meant.command(form))
            except DomainError as error:
                if error.code not in meant.already:
                    raise
            return meant.after() if meant.after else self.done.then(meant.said, meant.to or meant.back[0])

        def again() -> Response:
            try:
                answer = self.look(**address)
                asked = act(answer, **address)
            except (Unavailable, NotPermitted):
                answer, asked = None, meant
            return _shown(asked, answer, form)

        return form.send(done, again, meant.explained)


def one_of(things: Iterable[Any], id: UUID, code: str) -> Any:
    """The one with this id. Raises `NotFound`."""
    found = next((thing for thing in things if thing.id == id), None)
    if found is None:
        raise NotFound(code)
    return found


def told(template: str, **context: Any) -> Callable[[], str]:
    """More than a sentence of what an act means, by a template of the area."""
    return lambda: Markup(render_template(template, **context))  # noqa: S704 - a template's


def why(hint: Text = "", label: Text = "", rows: int = 3) -> Field:
    """Why it is done."""
    return Field("reason", Kind.LONG, label or _l("Reason"), hint, rows=rows)


def what_is_wrong(rows: int = 3) -> Field:
    """Why something is marked as entered in error."""
    return why(_l("Do not name another child here"), _l("What is wrong with it"), rows)


def seen(name: str = "version") -> int:
    """The number that the page showed, and one decided on; 0, which nothing ever has, where there is none."""
    return number_of(request.form.get(name, "")) or 0


def _shown(act: Act, answer: Any, form: Form) -> Response:
    stale, shown = form.status == 412, answer and answer.shown
    stands = act.form.of({**act.stands, **act.seen})
    form.fields, form.typed = {**form.fields, **stands.fields}, {**stands.typed, **form.typed}
    if stale and answer:  # one decides anew, on what stands now, where the page shows it; else on what stood then
        form.typed |= {name: stands.typed[name] for name in act.seen}
        form.given = ()
    for name, items in act.offers.items():
        form.offer(name, items)
    page = render_template(
        "kit/reason.html",
        act=act,
        form=form,
        shown=shown,
        child=shown.child.preferred_name if shown and shown.child else "",
        about=[one() if callable(one) else one for one in act.about],
        nav=_nav(act, answer) if act.tab and answer else (),
        meanwhile=act.meanwhile() if stale and answer else "",
    )
    return make_response(page)


def _nav(act: Act, answer: Any) -> tuple[Any, ...]:
    actor, case_id, name = require_actor(), (request.view_args or {})["case_id"], answer.shown.child.preferred_name
    return case_id, name, act.tab, actor.role.value, leads_service_team(actor, answer.relationship)
