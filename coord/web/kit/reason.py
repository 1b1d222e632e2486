"""One page for whatever is not done by a button alone: what it means for people, why, and at times a word more.

An area says what its acts are about in an `Asks`, and declares each act under it, with the fields of its form: a
function that gives an `Act`. Whatever the doors refuse, the page comes again with every word (`coord.web.kit.form`);
where what it is about cannot be shown any more, or just now, it comes without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.domain.errors import DomainError, FieldProblem, NotFound, NotPermitted, Unavailable
from coord.domain.permissions import refuse_unless_permitted
from coord.web.kit import form as forms
from coord.web.kit.child import around
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind, Text, number_of
from coord.web.kit.form import Form, declared
from coord.web.messages import Explanation, explanation
from coord.web.visit import require_actor, see_other, the_services

REASON_PAGES: list[str] = []
"""The endpoint of every act that was declared."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what stands on its page, in words for people, and what follows from it.

    ``command`` is made of the form. ``stands`` is what its fields hold to begin with, ``offers`` what can be chosen in
    them; what of that is ``folded``, as it is seldom meant, is so under this heading; ``without`` are fields that it
    does not ask for as things stand. ``back`` is where one came from, as address and words; one goes on to ``to``
    (there, if it is empty), where ``said`` is said. ``about`` is what the act means: sentences, or what `told` gives;
    with a ``tab`` the child's pages stand above; ``seen`` is what one decides on, and goes along with the form.

    Nobody fills in a form in vain: where ``may`` is False as things stand, one is led back (or it raises why not);
    ``ahead`` is what will be asked about, said beforehand. A refusal whose code is in ``already`` means that what was
    wanted is so; ``meanwhile`` shows what has changed since one looked.
    """

    title: str
    button: str
    command: Callable[[Form], Command]
    back: tuple[str, str]
    said: str
    to: str = ""
    stands: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    folded: str = ""
    without: Sequence[str] = ()
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

    def form(self, declared: forms.Declared) -> forms.Declared:
        """Its form as things stand: what goes along with it, and what is seen of all that was ``declared``."""
        along = (Field(name, Kind.HIDDEN) for name in self.seen)
        return replace(declared, fields=[*along, *(one for one in declared.fields if one.name not in self.without)])


Declared = Callable[..., Act]
"""What an act is, from what it is about (None where a store is down) and from its address."""


@dataclass(frozen=True, slots=True)
class Asks:
    """The acts of an area: declared under ``pages``, said by ``done``; ``look`` asks, by the address, for what each is
    about."""

    pages: Blueprint
    done: Done
    look: Callable[..., Any]

    def __call__(self, rule: str, fields: Sequence[Field], needs: str = "") -> Callable[[Declared], Declared]:
        """Declare an act at this address, with these fields, for who may carry out the command ``needs``; its endpoint
        is called as the function, and its form as its endpoint."""

        def declare(act: Declared) -> Declared:
            endpoint = f"{self.pages.name}.{act.__name__}"
            form = declared(endpoint, *fields, small=True)

            @wraps(act)
            def view(**address: Any) -> Response:
                sent = request.method == "POST"
                return self._sent(act, form, address) if sent else self._opened(act, form, address, needs)

            self.pages.add_url_rule(rule, act.__name__, view, methods=["GET", "POST"])
            REASON_PAGES.append(endpoint)
            return act

        return declare

    def _opened(self, act: Declared, declared: forms.Declared, address: Mapping[str, Any], needs: str) -> Response:
        answer = self.look(**address)
        if needs:
            refuse_unless_permitted(needs, require_actor(), getattr(answer, "relationship", None))
        asked = act(answer, **address)
        if asked.may() is False:
            return see_other(asked.back[0])
        form = asked.form(declared).of({**asked.stands, **asked.seen})
        form.questions = list(asked.ahead())
        return _shown(asked, declared, answer, form)

    def _sent(self, act: Declared, declared: forms.Declared, address: Mapping[str, Any]) -> Response:
        actor, meant = require_actor(), act(None, **address)
        form = meant.form(declared).sent()

        def done() -> Response:
            try:
                the_services().doors.execute(actor, meant.command(form))
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
            return _shown(asked, declared, answer, form)

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


def _shown(act: Act, declared: forms.Declared, answer: Any, form: Form) -> Response:
    stale, shown = form.status == 412, answer and answer.shown
    stands = act.form(declared).of({**act.stands, **act.seen})
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
        **(around(answer) if act.tab and answer else {"shown": shown}),
        child=shown.child.preferred_name if shown and shown.child else "",
        about=[one() if callable(one) else one for one in act.about],
        meanwhile=act.meanwhile() if stale and answer else "",
    )
    return make_response(page)
