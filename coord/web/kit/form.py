"""One form: its fields are declared once, and whatever is refused, it comes back with every word as it was typed.

An area declares the fields of a form (`declared`). `Form.of` begins it with what stands, `Form.sent` is what the
browser sent, `Form.values` what that means for the command. `Form.send` carries it out; what the doors refuse is taken
over, field by field by JSON pointer, and the page is made again. Where the page around the form cannot be shown any
more (the right to it was lost, a store does not answer), the form stands alone. The macros are in `_macros/form.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.domain.errors import DomainError, FieldProblem, InvalidInput, NotPermitted, Unavailable
from coord.web.kit.asking import Asked, confirmed, questions
from coord.web.kit.field import MANY, UNSEEN, Field, Kind, Text, Unread
from coord.web.kit.sent import Refusal, sent
from coord.web.local_time import typed_day
from coord.web.messages import Explanation, field_message

_SMALL_CHOICES = {Kind.RADIOS: "nhsuk-radios--small", Kind.SEVERAL: "nhsuk-checkboxes--small"}


@dataclass(slots=True)
class Form:
    """A form on its way: what was typed, and why it came back. ``name`` is what it was declared as. ``at`` goes before
    the ids of its elements, where a page has several forms; ``under`` before the pointers of its fields; ``taken`` is
    what to say when its id was used for something else, and a new one was given to it; ``small`` ones have small
    choices and labels."""

    fields: dict[str, Field]
    typed: dict[str, Any]
    name: str = ""
    under: str = ""
    taken: Text = ""
    small: bool = False
    at: str = ""
    status: int = 200
    title: str | None = None
    notice: Explanation | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field."""
    elsewhere: list[str] = field(default_factory=list)
    """What is wrong with no field of it."""
    questions: Sequence[FieldProblem] = ()
    """Of all that is wrong, what may yet be meant."""
    where: Callable[[FieldProblem], str] = lambda _problem: ""
    """The address of what a question is about; "" where that has none."""
    error: DomainError | None = None
    """Why it was refused."""
    given: Sequence[str] = ()
    """The answers that came with it."""
    offered: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    stands_now: list[tuple[str, str]] | None = None
    """What stands otherwise than it was typed, where somebody else was faster."""
    counted: dict[str, str] = field(default_factory=dict)
    """Where the domain counts otherwise than the page, for rows of nothing are left out: fields by its pointers."""
    unread: list[FieldProblem] = field(default_factory=list)
    """What was typed and cannot be read, be it one field or several that mean something together."""

    def __getitem__(self, name: str) -> Any:
        """What a field means, on its own. Raises `Unread`."""
        return self.fields[name].read(self.typed[name])

    @property
    def id(self) -> UUID:
        """What makes a form that is sent twice one."""
        return next(UUID(self.typed[name]) for name, one in self.fields.items() if one.kind is Kind.ID)

    @property
    def version(self) -> int:
        """Of what it was decided on; 0, which nothing ever has, where there is none."""
        return next((int(self[name]) for name, one in self.fields.items() if one.kind is Kind.VERSION), 0)

    def values(self) -> dict[str, Any]:
        """What was typed, for the command; what cannot be read is left out.

        Raises `InvalidInput` where the command would be carried out without it: then what is missing is said at the
        same time.
        """
        found: dict[str, Any] = {}
        lost = False
        for name, one in self._seen():
            try:
                found[name] = one.read(self.typed[name])
            except Unread as unread:
                pointer = self.under + one.at + ("" if unread.line is None else f"/{unread.line}")
                self.unread.append(FieldProblem(pointer, unread.code))
                lost = lost or one.optional or one.becomes is not None
                found[name] = "" if one.kind is Kind.TIME else None
        if lost:
            empty = [one for name, one in self._seen() if not one.optional and _nothing(found[name])]
            raise InvalidInput([*self.unread, *(FieldProblem(self.under + one.at, "missing") for one in empty)])
        return found

    def refuse_unread(self) -> None:
        """Raise `InvalidInput` with what could not be read."""
        if self.unread:
            raise InvalidInput(self.unread)

    def counts(self, pointer: str, names: Mapping[str, str]) -> None:
        """A row of the domain's: which field has which part of it."""
        self.counted |= {f"{pointer}/{part}" if part else pointer: name for part, name in names.items()}

    def _seen(self) -> list[tuple[str, Field]]:
        return [(name, one) for name, one in self.fields.items() if one.kind not in UNSEEN]

    def send(
        self,
        act: Callable[[], Response],
        again: Callable[[], Response],
        explained: Callable[[DomainError], Explanation] | None = None,
    ) -> Response:
        """What ``act`` answers; or, whatever is refused, the page ``again``. ``explained`` has an area's own words for
        what is wrong with no field. Raises `NotFound` as it comes."""

        def once_more(refusal: Refusal) -> Response:
            self.take(refusal)
            if explained and self.notice and refusal.error:
                self.notice = explained(refusal.error)
            try:
                return again()
            except (NotPermitted, Unavailable):
                return make_response(render_template("kit/form_alone.html", form=self))

        return sent(act, once_more)

    def take(self, refusal: Refusal) -> None:
        """Take over why it was refused: at each field, or on top."""
        self.status, self.notice = refusal.status, refusal.explained
        self.title = refusal.title if refusal.problems else None
        self.questions = [problem for problem in refusal.problems if problem.answer]
        self.error = refusal.error
        half_read = {problem.pointer.rpartition("/")[0] for problem in self.unread}
        for problem in (*self.unread, *refusal.problems):
            if not problem.answer and (problem.code != "missing" or problem.pointer not in half_read):
                self.say(problem)

    @property
    def asked(self) -> list[Asked]:
        """What is asked, each with the field that it is about where that has a name of its own."""
        return questions(self.questions, self._question, self.where)

    def _question(self, problem: FieldProblem) -> str:
        one, _rest = self._field_at(problem.pointer)
        words = field_message(problem)
        return f"{one.called}: {words}" if one and one.called else words

    def say(self, problem: FieldProblem) -> None:
        """One sentence for a field, the first one counts; of a list of lines, with the line."""
        one, rest = self._field_at(problem.pointer)
        if one is None or one.kind is Kind.ID or (one.kind is Kind.HIDDEN and not one.called):
            self.elsewhere.append(self._renewed() if problem.code == "id-taken" else field_message(problem))
            return
        words = str(one.says.get(problem.code) or field_message(problem))
        if rest.isdigit() and (one.kind is Kind.LINES or (one.kind is Kind.DAYS and problem in self.unread)):
            words = _("Line %(number)s: %(problem)s", number=int(rest) + 1, problem=words)
        self.wrong.setdefault(one.name, words)

    def _field_at(self, pointer: str) -> tuple[Field | None, str]:
        """The field at a pointer, or in which that is; and the rest of the pointer."""
        pointer, rest = pointer.removeprefix(self.under), ""
        by_pointer = {one.at: one for one in self.fields.values()}
        by_pointer |= {at: self.fields[name] for at, name in self.counted.items()}
        while pointer and pointer not in by_pointer:
            pointer, _slash, rest = pointer.rpartition("/")
        return by_pointer.get(pointer), rest

    def become(self, other: Form) -> None:
        """Go on with the fields and the words of another, and with what was said of this one."""
        self.fields, self.typed = other.fields, other.typed

    def renew(self) -> None:
        """Its id was used: from now on it is a form of its own."""
        self.typed |= {name: str(uuid4()) for name, one in self.fields.items() if one.kind is Kind.ID}

    def _renewed(self) -> str:
        self.renew()
        return str(self.taken) or field_message(FieldProblem("/id", "id-taken"))

    def beside(self, version: int, content: Mapping[str, Any]) -> None:
        """What stands by now, to be shown beside what was typed where somebody else was faster: one decides on that."""
        if self.status != 412:
            return
        self.typed |= {name: str(version) for name, one in self.fields.items() if one.kind is Kind.VERSION}
        self.stands_now = []
        for name, one in self._seen():
            stands = one.as_typed(content.get(name))
            if name in content and not one.alike(stands, self.typed[name]):
                self.stands_now.append((str(one.called or one.label), self.in_words(name, stands) or "–"))

    def in_words(self, name: str, typed: Any) -> str:
        """What could be typed into a field, as a text to be read."""
        known = {str(item["value"]): str(item["text"]) for item in self.offered.get(name, ())}
        return self.fields[name].in_words(typed, known)

    def offer(self, name: str, items: Iterable[Mapping[str, Any]]) -> None:
        """What can be chosen in a field, as the macros take it: value, text, and a hint."""
        self.offered[name] = list(items)

    def items(self, name: str) -> list[dict[str, Any]]:
        """What can be chosen, with what was. A choice that was made and is not offered any more can be unmade."""
        one, typed = self.fields[name], self.typed[name]
        chosen = typed if one.kind in MANY else [typed]
        items = self.offered.get(name)
        if items is None:
            items = [{"value": value, "text": str(text)} for value, text in one.words().items()]
        if one.options is None:
            known = {str(item["value"]) for item in items}
            lost = [value for value in chosen if value and value not in known]
            items = [
                *items,
                *({"value": value, "text": str(one.before) or _("What you chose before")} for value in lost),
            ]
        first = [{"value": "", "text": str(one.first)}] if one.first else []
        mark = "selected" if one.kind is Kind.CHOICE else "checked"
        return [{**item, mark: item["value"] in chosen} for item in (*first, *items)]

    def look(self, name: str) -> dict[str, Any]:
        """What the macro of a field is given, beside its words and its value."""
        one = self.fields[name]
        look: dict[str, Any] = {"name": name, "hint": str(one.hint), "wrong": self.wrong.get(name)}
        if one.kind in _SMALL_CHOICES and self.small:
            look |= {"classes": _SMALL_CHOICES[one.kind], "legend_class": "nhsuk-fieldset__legend--s"}
        elif self.small:
            look["label_class"] = "nhsuk-label--s"
        if one.kind is Kind.DAY:
            look |= {"classes": "nhsuk-input--width-10", "autocomplete": "off"}
        elif one.kind is Kind.WHOLE:
            look["inputmode"] = "numeric"
        look |= {"classes": f"nhsuk-input--width-{one.width}"} if one.width else {}
        return look | ({"rows": one.rows} if one.rows else {}) | dict(one.look)

    def shown(self, name: str) -> str:
        """What a field of one line or of several shows."""
        one = self.fields[name]
        return typed_day(self.typed[name]) if one.kind is Kind.DAY else str(self.typed[name])

    @property
    def problems(self) -> Sequence[FieldProblem]:
        """All that is wrong with what was typed."""
        return self.error.problems if isinstance(self.error, InvalidInput) else ()

    @property
    def codes(self) -> set[str]:
        """Of all that is wrong."""
        return {problem.code for problem in self.problems}

    @property
    def came_back(self) -> bool:
        """Whether it was refused."""
        return self.status != 200

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it to be typed or chosen."""
        return bool(self._seen())

    @property
    def errors(self) -> list[dict[str, str]]:
        """The summary on top, in the order of the page."""
        found = [{"text": text} for text in self.elsewhere]
        for name, text in sorted(self.wrong.items(), key=lambda said: list(self.fields).index(said[0])):
            one = self.fields[name]
            called = one.called or one.label
            target = f"{self.at}{one.target or name}"
            found.append({"text": f"{called}: {text}" if called else text, "href": f"#{target}"})
        said, ticks = {one["text"] for one in found}, enumerate(self.asked if self.came_back else (), 1)
        asked = [{"text": one.text, "href": f"#{self.at}asked-{number}"} for number, one in ticks]
        return found + [one for one in asked if one["text"] not in said]


def _nothing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Declared:
    """The fields of a form, in the order of the page; with what `Form` says of ``name``, ``under``, ``taken`` and
    ``small``. One that was declared has any number of rows with `dataclasses.replace`."""

    fields: Sequence[Field]
    name: str = ""
    under: str = ""
    taken: Text = ""
    small: bool = False

    def of(self, stands: Mapping[str, Any] | None = None, *, at: str = "") -> Form:
        """To begin with: what stands, or nothing."""
        typed = {one.name: one.as_typed((stands or {}).get(one.name)) for one in self.fields}
        return self._form(typed, at)

    def sent(self, *, at: str = "") -> Form:
        """What came with the request."""
        return self._form({one.name: one.from_browser(request.form) for one in self.fields}, at, confirmed())

    def asked(self) -> Form:
        """What the address of a list asks for: see `coord.web.kit.listed`."""
        typed = ((one.name, one.from_browser(request.args)) for one in self.fields)
        return self._form({name: text.strip() if isinstance(text, str) else text for name, text in typed}, "")

    def _form(self, typed: dict[str, Any], at: str, given: Sequence[str] = ()) -> Form:
        fields = {one.name: one for one in self.fields}
        return Form(fields, typed, self.name, self.under, self.taken, self.small, at, given=given)


DECLARED: dict[str, Declared] = {}
"""Every form, by a name of its own, which goes along with it (see `coord.web.unsent`); an act that asks why is called
as its endpoint. The tests walk over it."""


def declared(name: str, *fields: Field, under: str = "", taken: Text = "", small: bool = False) -> Declared:
    """Declare a form."""
    DECLARED[name] = found = Declared(fields, name, under, taken, small)
    return found
