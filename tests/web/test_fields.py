"""Our own fields are those of the design system, which its own macros write: held against them, tag by tag."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string
from jinja2 import ChainableUndefined, Environment, PackageLoader

from tests.house import open_house

THEIRS = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    undefined=ChainableUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
HOSTILE = """<b title="x">Ada & 'Lin'</b>"""
PROBLEM, HELP = f"Enter {HOSTILE}", f"As in {HOSTILE}"


class _Tags(HTMLParser):
    """What a browser is told: each tag with its attributes, and the text between, in whichever way it is indented."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(re.sub(r"\s+", " ", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


Ours = Callable[..., list[object]]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    with open_house(tmp_path_factory.mktemp("fields")) as house, house.app.test_request_context():

        def written(macro: str, *args: object, **options: object) -> list[object]:
            source = f'{{% from "_macros/fields.html" import {macro} %}}{{{{ {macro}(*args, **options) }}}}'
            return _Tags(render_template_string(source, args=args, options=options)).found

        yield written


def theirs(component: str, macro: str, options: dict[str, Any]) -> list[object]:
    source = f'{{% from "nhsuk/components/{component}/macro.jinja" import {macro} %}}{{{{ {macro}(options) }}}}'
    return _Tags(THEIRS.from_string(source).render(options=options)).found


def around(wrong: str | None, hint: str | None) -> dict[str, Any]:
    error = {"text": wrong, "visuallyHiddenText": "Error"} if wrong else None
    return {"errorMessage": error, "hint": {"text": hint} if hint else None}


AROUND = list(product((None, PROBLEM), (None, HELP)))


@pytest.mark.parametrize(("wrong", "hint"), AROUND)
def test_a_line_of_text(ours: Ours, wrong: str | None, hint: str | None):
    plain = {"id": "q", "name": "q", "label": {"text": HOSTILE}, **around(wrong, hint)}
    assert ours("input", "q", HOSTILE, wrong=wrong, hint=hint) == theirs("input", "input", plain)
    assert ours("input", "q", HOSTILE, value=HOSTILE, wrong=wrong, hint=hint) == theirs(
        "input", "input", plain | {"value": HOSTILE}
    )
    full = plain | {
        "name": "other",
        "label": {"text": "Weight", "size": "s"},
        "value": "",
        "type": "email",
        "classes": "nhsuk-input--width-4",
        "formGroup": {"classes": "nhsuk-u-margin-bottom-3"},
        "autocomplete": "off",
        "inputmode": "decimal",
        "spellcheck": False,
        "suffix": "kg",
        "attributes": {"autofocus": {"value": True, "optional": True}, "list": "weights"},
    }
    assert ours(
        "input",
        "q",
        "Weight",
        value="",
        wrong=wrong,
        hint=hint,
        name="other",
        type="email",
        classes="nhsuk-input--width-4",
        label_class="nhsuk-label--s",
        group_class="nhsuk-u-margin-bottom-3",
        autocomplete="off",
        inputmode="decimal",
        spellcheck=False,
        suffix="kg",
        autofocus=True,
        list="weights",
    ) == theirs("input", "input", full)


@pytest.mark.parametrize(("wrong", "hint"), AROUND)
def test_several_lines_of_text(ours: Ours, wrong: str | None, hint: str | None):
    options = {
        "id": "note",
        "name": "words",
        "rows": 3,
        "value": HOSTILE,
        "label": {"text": HOSTILE, "size": "s"},
        "formGroup": {"classes": "nhsuk-u-margin-bottom-3"},
        "attributes": {"autofocus": {"value": True, "optional": True}},
        **around(wrong, hint),
    }
    assert ours(
        "textarea",
        "note",
        HOSTILE,
        value=HOSTILE,
        wrong=wrong,
        hint=hint,
        name="words",
        rows=3,
        label_class="nhsuk-label--s",
        group_class="nhsuk-u-margin-bottom-3",
        autofocus=True,
    ) == theirs("textarea", "textarea", options)


@pytest.mark.parametrize(("wrong", "hint"), AROUND)
def test_one_of_many(ours: Ours, wrong: str | None, hint: str | None):
    items = [{"value": "", "text": "Choose"}, {"value": HOSTILE, "text": HOSTILE, "selected": True}]
    options = {"id": "who", "name": "person", "label": {"text": HOSTILE}, "items": items, **around(wrong, hint)}
    assert ours("select", "who", HOSTILE, items, wrong=wrong, hint=hint, name="person") == theirs(
        "select", "select", options
    )


@pytest.mark.parametrize("kind", ["radios", "checkboxes"])
@pytest.mark.parametrize(("wrong", "hint"), AROUND)
def test_some_of_a_few(ours: Ours, kind: str, wrong: str | None, hint: str | None):
    here: list[dict[str, Any]] = [
        {"value": "en", "text": HOSTILE, "checked": True, "hint": HELP, "lang": "en"},
        {"value": HOSTILE, "text": "Two", "checked": False},
        {"value": 3, "id": "third", "text": "Three", "hint": HELP, "conditional": "More"},
    ]
    there = [
        {k: v for k, v in item.items() if k not in ("hint", "lang", "conditional")}
        | ({"hint": {"text": item["hint"]}} if "hint" in item else {})
        | ({"attributes": {"lang": item["lang"]}} if "lang" in item else {})
        | ({"conditional": {"html": item["conditional"]}} if "conditional" in item else {})
        for item in here
    ]
    options = {
        "idPrefix": "tongue",
        "name": "language",
        "small": True,
        "fieldset": {"legend": {"text": HOSTILE, "size": "s"}},
        "items": there,
        **around(wrong, hint),
    }
    assert ours(
        kind,
        "tongue",
        HOSTILE,
        here,
        wrong=wrong,
        hint=hint,
        name="language",
        classes=f"nhsuk-{kind}--small",
        legend_class="nhsuk-fieldset__legend--s",
    ) == theirs(kind, kind, options)


@pytest.mark.parametrize(("wrong", "hint"), AROUND)
def test_a_password(ours: Ours, wrong: str | None, hint: str | None):
    options = {
        "id": "new",
        "name": "new",
        "label": {"text": HOSTILE},
        "autocomplete": "new-password",
        "showPasswordText": "Show",
        "hidePasswordText": "Hide",
        "showPasswordAriaLabelText": "Show password",
        "hidePasswordAriaLabelText": "Hide password",
        "passwordShownAnnouncementText": "Your password is shown",
        "passwordHiddenAnnouncementText": "Your password is hidden",
        **around(wrong, hint),
    }
    written = ours("password_input", "new", HOSTILE, wrong=wrong, hint=hint, autocomplete="new-password")
    # theirs has the group's error class behind its own; the order of classes says nothing
    group = theirs("password-input", "passwordInput", options)
    assert _classes_sorted(written) == _classes_sorted(group)


def _classes_sorted(found: list[object]) -> list[object]:
    def attribute(name: str, value: str | None) -> tuple[str, object]:
        return (name, sorted((value or "").split()) if name == "class" else value)

    return [(part[0], [attribute(*a) for a in part[1]]) if isinstance(part, tuple) else part for part in found]


def test_what_is_pressed(ours: Ours):
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({"once": True}, {"preventDoubleClick": True}),
        ({"classes": "nhsuk-button--secondary"}, {"classes": "nhsuk-button--secondary"}),
        ({"name": "action", "value": ""}, {"name": "action", "value": ""}),
        ({"href": "/?a=1&b=2"}, {"href": "/?a=1&b=2"}),
    ]
    for ours_, theirs_ in pairs:
        assert ours("button", HOSTILE, **ours_) == theirs("button", "button", {"text": HOSTILE, **theirs_})
    spoken = ours("button", "Revoke", spoken=f": {HOSTILE}")
    assert spoken[1:] == [
        "Revoke",
        ("span", [("class", "nhsuk-u-visually-hidden")]),
        f": {HOSTILE}",
        "/span",
        "/button",
    ]


def test_what_is_said_in_a_box(ours: Ours):
    information = {"visuallyHiddenText": "Information", "text": HOSTILE}
    assert ours("inset", HOSTILE) == theirs("inset-text", "insetText", information)
    done = {"type": "success", "titleText": "Done", "text": HOSTILE}
    assert ours("done_box", HOSTILE) == theirs("notification-banner", "notificationBanner", done)


def test_no_page_takes_a_field_from_elsewhere():
    """A page of ready-made fields costs two to four times as much."""
    templates = Path(__file__).parents[2] / "coord" / "web" / "templates"
    assert not [path for path in templates.rglob("*.html") if "nhsuk/components" in path.read_text()]
