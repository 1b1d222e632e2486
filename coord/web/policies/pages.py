"""What a service team works by: the values in force beside the defaults, who changed them, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import PoliciesAnswer, ReadPolicies
from coord.domain.actors import Actor
from coord.domain.errors import NotFound
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.policy import MOST_STEPS, POLICIES, Chosen, Part, Whole, Words
from coord.web.groups.words import suits_whom
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Declared, Form, declared
from coord.web.labels import POLICY_PARTS, RECORDED, ROLES, SESSION_STEPS, SUITS_BY_DEFAULT, label
from coord.web.visit import require_actor, see_other, the_services

pages = Blueprint("policies", __name__)

DONE = Done("policy")
"""Which policy was just changed, said once."""
PLACES = 8
"""Steps of a session that the form offers; more than anybody has."""


def _read(actor: Actor) -> PoliciesAnswer:
    return cast("PoliciesAnswer", the_services().doors.ask(actor, ReadPolicies()))


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
        for policy in answer.items
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
        table = {"shape": "session-step", "second_factor": "role"}.get(part, "recorded")
        return "; ".join(label(table, code) for code in value)
    return "" if value is None else str(value)


# ---- changing one ------------------------------------------------------------------------------------------------


def _default(name: str, part: str, kind: Part) -> str:
    return in_words(name, part, list(kind.default) if isinstance(kind, Chosen) else kind.default)


def _hint(name: str, part: str, kind: Part) -> str:
    default = _default(name, part, kind)
    if isinstance(kind, Whole):
        hint = _("Default: %(default)s. From %(least)s to %(most)s.", default=default, least=kind.least, most=kind.most)
    elif isinstance(kind, Chosen) and kind.ordered:
        hint = _("In order. A step may come twice. Default: %(default)s", default=default)
    else:
        hint = _("Default: %(default)s", default=default)
    return str(hint)


def _field(name: str, part: str, kind: Part) -> Field:
    """How a part is typed; its hint says the default, in the reader's language."""
    how: dict[str, Any] = {"kind": Kind.WHOLE, "width": 3}
    if isinstance(kind, Words):
        how = {"kind": Kind.LONG, "rows": 3}
    elif isinstance(kind, Chosen):
        ordered = {"kind": Kind.STEPS, "options": SESSION_STEPS, "target": f"{part}-1"}
        options = ROLES if part == "second_factor" else RECORDED
        how = ordered if kind.ordered else {"kind": Kind.SEVERAL, "options": options}
    return Field(part, label=POLICY_PARTS[part], hint=LazyString(_hint, name, part, kind), **how)


_REASON = Field("reason", Kind.LONG, _l("Why it is changed"), _l("It stands beside the earlier values"), rows=2)
FORMS = {
    name: declared(
        f"policy-{name}",
        Field("expected_version", Kind.VERSION),
        *(_field(name, part, kind) for part, kind in parts.items()),
        _REASON,
        under="/values",
        small=True,
    )
    for name, parts in POLICIES.items()
}


@pages.get("/policies/<name>")
def edit(name: str) -> Response:
    """The form of one policy, with what is in force."""
    actor = require_actor()
    refuse_unless_permitted("ChangePolicy", actor, None)
    answer = _read(actor)
    return _form_page(name, _form(name).of(_stands(answer, name)), answer)


@pages.post("/policies/<name>", endpoint="change")
def change(name: str) -> Response:
    """Back to the policies; or the form again, with everything typed."""
    actor = require_actor()
    form = _form(name).sent()

    def act() -> Response:
        values = form.values()
        reason = values.pop("reason")
        if str(values.get("suits", "")).strip() == str(SUITS_BY_DEFAULT.get(name)):
            # the default words stay the default, in whatever language they were shown
            values["suits"] = POLICIES[name]["suits"].default
        the_services().doors.execute(actor, ChangePolicy(name, form.version, values, reason))
        DONE.say(name)
        return see_other(url_for("policies.index", _anchor=name))

    return form.send(act, lambda: _form_page(name, form, _read(actor)))


def _form(name: str) -> Declared:
    if name not in FORMS:
        raise NotFound
    return FORMS[name]


def _stands(answer: PoliciesAnswer, name: str) -> dict[str, Any]:
    """What is in force, as the form shows it."""
    values = next(policy["values"] for policy in answer.items if policy["name"] == name)
    shown = {part: in_words(name, part, value) if part == "suits" else value for part, value in values.items()}
    return {**shown, "expected_version": answer.version}


def _form_page(name: str, form: Form, answer: PoliciesAnswer) -> Response:
    form.beside(answer.version, _stands(answer, name))
    return make_response(
        render_template("policies/form.html", form=form, name=name, answer=answer, places=min(MOST_STEPS, PLACES))
    )
