"""A template means what it means to Jinja: that its sentences are put in beforehand is not to be seen."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string, url_for
from flask_babel import force_locale, lazy_gettext
from jinja2 import UndefinedError, pass_context
from jinja2.nodes import Assign, FromImport, Macro, Name
from jinja2.runtime import Context
from markupsafe import Markup, escape

from coord.web.catalogue import text_of
from coord.web.rendering import made_of, shown
from tests.house import House, open_house

HEBREW = "\N{HEBREW LETTER ALEF}"
ISOLATED = f"\N{FIRST STRONG ISOLATE}{HEBREW}\N{POP DIRECTIONAL ISOLATE}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("rendering")) as house:
        yield house


def said(house: House, source: str, language: str = "en_GB", **words: Any) -> str:
    with house.app.test_request_context(), force_locale(language):
        return render_template_string(source, **words)


def test_a_sentence_is_in_the_language_of_its_reader(house: House):
    for _again in range(2):
        assert said(house, '{{ _("Goals") }}') == "Goals"
        assert said(house, '{{ _("Goals") }}', "it") == "Obiettivi"
        assert said(house, '{{ pgettext("the first page", "Home") }}', "it") == "Inizio"


def test_what_varies_in_a_sentence_is_put_in_and_escaped(house: House):
    source = '{{ _("Pages about %(name)s", name=name) }}'
    assert said(house, source, name="<b>") == "Pages about &lt;b&gt;"
    assert said(house, source, "it", name=HEBREW).endswith(ISOLATED)
    assert said(house, source, name=Markup("<b>")) == "Pages about <b>"


def test_a_sentence_for_a_number_of_things(house: House):
    source = '{{ ngettext("%(num)s year", "%(num)s years", count) }}'
    assert [said(house, source, count=n) for n in (1, 2)] == ["1 year", "2 years"]
    assert said(house, source, "it", count=2) == "2 anni"


def test_a_sentence_that_is_only_known_when_the_page_is_rendered(house: House):
    assert said(house, "{{ _(words) }}", "it", words="Goals") == "Obiettivi"


def test_a_sign_that_sentences_are_put_together_with(house: House):
    assert said(house, '{{ _("100%%") }}') == "100%"


def test_sentences_that_are_joined_stay_what_they_are(house: House):
    """Markup in a sentence is markup, whatever it is joined with, and however early."""
    assert said(house, '{{ _("a <b> c") ~ ": " ~ _("d") }}') == "a <b> c: d"
    assert said(house, '{{ _("a <b> c") ~ text }}', text="<i>") == "a <b> c&lt;i&gt;"
    assert said(house, '{{ "<" ~ _("d") }}') == "&lt;d"


def test_a_name_of_the_template_is_no_sentence(house: House):
    source = "{% macro gettext(words) %}mine: {{ words }}{% endmacro %}{{ gettext(words) }}"
    assert said(house, source, words="x") == "mine: x"


def test_no_template_gives_another_meaning_to_a_name_that_it_imports(house: House):
    found = sorted((Path(house.app.root_path) / "templates").rglob("*.html"))
    assert found
    for page in found:
        top = house.app.jinja_env.parse(page.read_text()).body
        imported = {
            words if isinstance(words, str) else words[1]
            for part in top
            if isinstance(part, FromImport)
            for words in part.names
        }
        again = {part.name for part in top if isinstance(part, Macro)}
        for part in top:
            if isinstance(part, Assign):
                again |= {target.name for target in part.target.find_all(Name)} | {getattr(part.target, "name", "")}
        assert not imported & again, page


def test_a_misspelt_variable_is_an_error_in_a_sentence_too(house: House):
    with pytest.raises(UndefinedError):
        said(house, '{{ _("Pages about %(name)s", name=nmae) }}')


def test_a_function_that_asks_for_the_context_gets_it(house: House):
    @pass_context
    def whose(context: Context, greeting: str) -> str:
        return f"{greeting} {context['name']}"

    class Asking:
        @pass_context
        def __call__(self, context: Context) -> str:
            return str(context["name"])

    for asked in ('{{ whose("Hello") }}', "Hello {{ asking() }}", '{% for x in [1] %}{{ whose("Hello") }}{% endfor %}'):
        assert said(house, asked, whose=whose, asking=Asking(), name="Ada") == "Hello Ada"


@pytest.mark.parametrize("value", ["<&>\"'", "", Markup("<b>"), 0, 1.5, None, True, lazy_gettext("Goals"), [1, "<"]])
def test_what_is_shown_is_escaped(house: House, value: object):
    with house.app.test_request_context():
        assert shown(value) == str(escape(value))


def test_an_address_that_was_put_together_before_is_the_same_again(house: House):
    child = house.child
    with house.app.test_request_context():
        for _again in range(2):
            assert url_for("timeline.show", case_id=child) == f"/children/{child}"
            assert url_for("timeline.show", case_id=child, q="a b", _anchor="x") == f"/children/{child}?q=a+b#x"
            assert url_for("timeline.show", case_id=child, q=1) == f"/children/{child}?q=1"
            assert url_for("timeline.show", case_id=child, q=True) == f"/children/{child}?q=True"
            assert url_for("timeline.show", case_id=child, q=["a", "b"]) == f"/children/{child}?q=a&q=b"
            assert url_for("home.show", _external=True) == "http://localhost/"
    with house.app.test_request_context("/", base_url="http://localhost/under"):
        assert url_for("timeline.show", case_id=child) == f"/under/children/{child}"


def test_other_sentences_are_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A worker that is reloaded finds what was compiled before; it must not say what was said then."""
    monkeypatch.setattr(import_module("coord.web.catalogue"), "FOLDER", tmp_path)
    texts = text_of("it")
    texts.parent.mkdir(parents=True)
    names = []
    for said in ("Obiettivi", "Traguardi", "Obiettivi"):
        texts.write_text(f'msgid "Goals"\nmsgstr "{said}"\n')
        names.append(made_of("it"))
    assert names[0] == names[2] != names[1]
    assert made_of("en_GB").startswith("en_GB-")
