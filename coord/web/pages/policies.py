"""What a service team works by: the values in force beside the defaults, who changed them, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import PoliciesAnswer, ReadPolicies
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import Conflict, DomainError, FieldProblem, InvalidInput, NotFound, Stale, Unavailable
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.policy import MOST_STEPS, POLICIES, Chosen, Part, Whole, Words
from coord.web.errors import RETRY_AFTER, status_of
from coord.web.group_words import suits_whom
from coord.web.kit.done import Done
from coord.web.labels import RECORDED, SESSION_STEPS, SUITS_BY_DEFAULT, label
from coord.web.messages import Explanation, explanation, field_message
from coord.web.visit import require_actor, see_other

pages = Blueprint("policies", __name__)

DONE = Done("policy")
"""Which policy was just changed, said once."""
PLACES = 8
"""Steps of a session that the form offers; more than anybody has."""
ON_THE_FORM = (InvalidInput, Stale, Conflict, Unavailable)


def _services() -> Services:
    return cast("Services", current_app.extensions["coord"])


def _read(actor: Actor) -> PoliciesAnswer:
    return cast("PoliciesAnswer", _services().doors.ask(actor, ReadPolicies()))


@pages.get("/policies")
def index() -> Response:
    """Every policy of one's own team."""
    answer = _read(require_actor())
    policies = [
        {
            "name": policy["name"],
            "rows": _rows(policy["name"], policy["values"], policy["defaults"]),
            "changes": [_change(change) for change in policy["changes"]],
        }
        for policy in answer.policies
    ]
    page = render_template("policies/index.html", answer=answer, policies=policies, done=DONE.once())
    return make_response(page)


def _rows(name: str, values: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What it is, what is in force, and the default where it is another; two numbers of one range in one row."""
    ranges = {
        "age_from": ("age_to", _("Age in years")),
        "size_least": ("size_most", _("Children in a group")),
        "minutes_from": ("minutes_to", _("Minutes of a session")),
        "sessions_from": ("sessions_to", _("Sessions of a course")),
    }
    upper = {to for to, _heading in ranges.values()}
    found = []
    for part in values:
        if part in upper:
            continue
        if part in ranges:
            to, heading = ranges[part]
            now, default = (
                _("%(least)s to %(most)s", least=of[part], most=of[to]) if of[part] != of[to] else str(of[part])
                for of in (values, defaults)
            )
        else:
            heading = label("policy-part", part)
            now, default = (in_words(name, part, of[part]) for of in (values, defaults))
        found.append((heading, now, default if default != now else ""))
    return found


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        (part, in_words(change["name"], part, change["before"].get(part)), in_words(change["name"], part, value))
        for part, value in change["values"].items()
        if change["before"].get(part) != value
    ]
    return {**change, "rows": rows}


def in_words(name: str, part: str, value: Any) -> str:
    """A value as one text."""
    if part == "suits" and value is not None:
        return suits_whom(name, str(value))
    if isinstance(value, list):
        table = "session-step" if part == "shape" else "recorded"
        return "; ".join(label(table, code) for code in value)
    return "" if value is None else str(value)


# ---- changing one ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class PolicyForm:
    """What was typed, as it was typed: a text for each number and sentence, a list for what is chosen."""

    name: str
    typed: dict[str, Any]
    reason: str = ""
    version: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    notice: Explanation | None = None
    status: int = 200

    @classmethod
    def of(cls, policy: Mapping[str, Any], version: int) -> Self:
        """What is in force, to begin with."""
        name = policy["name"]
        typed = {
            part: list(value) if isinstance(value, list) else in_words(name, part, value)
            for part, value in policy["values"].items()
        }
        return cls(name, typed, version=version)

    @classmethod
    def sent(cls, name: str, form: MultiDict[str, str]) -> Self:
        """What came with a request."""
        typed: dict[str, Any] = {}
        for part, kind in POLICIES[name].items():
            chosen = [code for code in form.getlist(part) if code]
            typed[part] = chosen if isinstance(kind, Chosen) else form.get(part, "")
        version = form.get("expected_version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        return cls(name, typed, form.get("reason", ""), number)

    def values(self) -> dict[str, object]:
        """What it means. A number that is none is left missing, and the command with it is refused."""
        return {part: self._value(part, kind) for part, kind in POLICIES[self.name].items()}

    def _value(self, part: str, kind: Part) -> object:
        typed = self.typed[part]
        if isinstance(kind, Whole):
            text = typed.strip()
            if text.isascii() and text.isdigit() and len(text) < 6:
                return int(text)
            if text:
                self._wrong_in(part, field_message(FieldProblem(f"/{part}", "not-a-number")))
            return None
        if isinstance(kind, Words) and typed.strip() == str(SUITS_BY_DEFAULT[self.name]):
            return kind.default  # the default words stay the default, in whatever language they were shown
        return typed

    def refuse(self, error: DomainError) -> None:
        """Take over a refusal: at each field, or as a notice on top."""
        self.status = status_of(error)
        if isinstance(error, InvalidInput):
            self._problems(error.problems)
        else:
            self.notice = explanation(error.code)

    def _problems(self, problems: Iterable[FieldProblem]) -> None:
        for problem in problems:
            self._wrong_in(problem.pointer.removeprefix("/values").split("/")[1], field_message(problem))

    def _wrong_in(self, part: str, message: str) -> None:
        self.status = 422
        if part in self.wrong:  # the first counts
            return
        self.wrong[part] = message
        called = _("Why it is changed") if part == "reason" else label("policy-part", part)
        target = f"{part}-1" if part == "shape" else part
        self.errors.append({"text": f"{called}: {message}", "href": f"#{target}"})


@pages.get("/policies/<name>")
def edit(name: str) -> Response:
    """The form of one policy, with what is in force."""
    actor = require_actor()
    _refuse_unknown(actor, name)
    answer = _read(actor)
    return _form_page(PolicyForm.of(_one(answer, name), answer.version), answer)


@pages.post("/policies/<name>", endpoint="change")
def change(name: str) -> Response:
    """Back to the policies; or the form again, with everything typed."""
    actor = require_actor()
    _refuse_unknown(actor, name)
    form = PolicyForm.sent(name, request.form)
    try:
        _services().doors.execute(actor, ChangePolicy(name, form.version, form.values(), form.reason))
    except ON_THE_FORM as refusal:
        form.refuse(refusal)
        return _refused_page(form, actor)
    DONE.say(name)
    return see_other(url_for("policies.index", _anchor=name))


def _refused_page(form: PolicyForm, actor: Actor) -> Response:
    try:
        answer = _read(actor)
    except Unavailable as unavailable:  # the form stands alone, so that nothing typed is lost
        form.refuse(unavailable)
        return _form_page(form, None)
    if form.status == 412:
        form.version = answer.version  # they see what stands now, and decide on that
    return _form_page(form, answer)


def _refuse_unknown(actor: Actor, name: str) -> None:
    refuse_unless_permitted("ChangePolicy", actor, None)
    if name not in POLICIES:
        raise NotFound


def _one(answer: PoliciesAnswer, name: str) -> Mapping[str, Any]:
    return next(policy for policy in answer.policies if policy["name"] == name)


def _form_page(form: PolicyForm, answer: PoliciesAnswer | None) -> Response:
    stands_now = []
    if answer is not None and form.status == 412:
        values, typed = _one(answer, form.name)["values"], form.values()
        stands_now = [(part, in_words(form.name, part, v)) for part, v in values.items() if typed[part] != v]
    page = render_template(
        "policies/form.html",
        form=form,
        answer=answer,
        parts=[_field(form.name, part, kind) for part, kind in POLICIES[form.name].items()],
        places=min(MOST_STEPS, PLACES),
        steps=SESSION_STEPS,
        recorded=RECORDED,
        stands_now=stands_now,
    )
    response = make_response(page, form.status)
    if form.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _field(name: str, part: str, kind: Part) -> dict[str, Any]:
    default = list(kind.default) if isinstance(kind, Chosen) else kind.default
    found: dict[str, Any] = {"part": part, "default": in_words(name, part, default)}
    if isinstance(kind, Whole):
        return {**found, "sort": "number", "least": kind.least, "most": kind.most}
    if isinstance(kind, Words):
        return {**found, "sort": "words"}
    return {**found, "sort": "steps" if kind.ordered else "ticks"}
