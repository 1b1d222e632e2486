"""Whoever leaves a page with unsent words is asked first: the rule of every form, and which are out of it."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from coord.web import layout
from tests.house import House, open_house

WEB = Path(layout.__file__).parent
TEMPLATES = WEB / "templates"
SCRIPT = (WEB / "static" / "unsaved.js").read_text() if (WEB / "static" / "unsaved.js").exists() else ""
# Written by hand: a form that is not asked for, and why nothing in it is lost all the same.
KEEPS_ITS_WORDS = {
    "_macros/notes.html": "a note, an amendment and an addendum are drafts while they are typed",
    "summary/edit.html": "the summary is a draft while it is typed",
    "groups/session/run.html": "what is recorded of a session is kept on the device",
}
ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
ENVIRONMENT = Environment(extensions=["jinja2.ext.do"])


def source(name: str) -> str:
    return (TEMPLATES / name).read_text()


def base_of(name: str) -> str:
    """The page that a page is built on in the end."""
    extended = ENVIRONMENT.parse(source(name)).find(nodes.Extends)
    return base_of(extended.template.value) if extended else name  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize("name", ALL)
def test_every_form_is_one_that_the_rule_finds(name: str):
    for form in re.findall(r"<form\b[^>]*", re.sub(r"\{\{.*?\}\}", "", source(name), flags=re.DOTALL)):
        # So the script can tell what is sent from what is looked for.
        assert re.search(r' method="(post|get)"', form), form
    if "<form" in source(name) and not any(part.startswith("_") for part in Path(name).parts):
        assert base_of(name) == "base.html"


def test_no_form_is_out_of_the_rule_but_those_that_keep_their_words():
    (marks,) = re.findall(r'const KEPT = "(.*)";', SCRIPT)
    names = re.findall(r"\[([\w-]+)\]", marks)
    assert {name for name in ALL if any(re.search(rf"\b{mark}\b", source(name)) for mark in names)} == set(
        KEEPS_ITS_WORDS
    )


def test_the_rule_is_on_every_page_of_who_is_signed_in(house: House):
    admin, ot = house.browser_of(house.admin), house.browser_of(house.ot)
    assert "unsaved." in ot.get("/children/new").text
    assert "unsaved." in ot.get("/nowhere").text
    assert "unsaved." in admin.get("/people/new").text
    assert "unsaved." in admin.post("/people/new", {"name": "Nia Moss"}).text
    assert "unsaved." not in house.browser_of(None).get("/sign-in").text
