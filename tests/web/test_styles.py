"""The style sheet holds what pages use of the design system, and nothing that they use is missing from it."""

import re
from pathlib import Path

from coord.web import layout

WEB = Path(layout.__file__).parent
FRONTEND = WEB.parents[1] / "tools" / "frontend"
BUILD = "run tools/frontend/build.sh and commit what it writes"


def classes_in(css: str) -> set[str]:
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)))


KNOWN = set((FRONTEND / "classes.txt").read_text().split())
"""Every class of the whole style sheet, the unused ones among them; written by the build."""
KEPT = classes_in((WEB / "static" / "built" / "coord.css").read_text())


def producible(text: str) -> set[str]:
    """The known classes that a template, a script or a declaration in Python can give to an element: named in it, or
    begun in it and ended by what it is told (``nhsuk-tag--{{ colour }}``, ``"nhsuk-label--" ~ size``,
    ``f"nhsuk-input--width-{width}"``)."""
    for kind in ("radios", "checkboxes"):  # all that `choices` in fields.html is called with
        text += text.replace("nhsuk-{{ kind }}", f"nhsuk-{kind}")
    named = set(re.findall(r"[\w-]+", text))
    begun = re.findall(r"(?<![\w-])((?:nhsuk|coord)-[\w-]+-)(?=\{|\$\{|[\"'] ~|[\"'] \+)", text)
    return {known for known in KNOWN if known in named or known.startswith(tuple(begun))}


def test_what_a_page_can_have_and_the_design_system_styles_is_in_the_style_sheet():
    files = [
        *(WEB / "templates").rglob("*.html"),
        *(WEB / "static").rglob("*.js"),
        *WEB.rglob("*.py"),
        *FRONTEND.glob("*.js"),
    ]
    missing = {str(path): producible(path.read_text()) - KEPT for path in files}
    assert {name: classes for name, classes in missing.items() if classes} == {}, BUILD


def test_what_no_page_has_is_not():
    assert len(KNOWN) > 600
    assert {"nhsuk-panel", "nhsuk-breadcrumb", "nhsuk-task-list"} <= KNOWN - KEPT
    assert len(KNOWN - KEPT) > 300
    assert KEPT <= KNOWN, BUILD


def test_a_class_that_is_begun_and_ended_elsewhere_counts():
    page = '<b class="nhsuk-tag--{{ colour }} nhsuk-{{ kind }}__item">{{ "nhsuk-label--" ~ size }} nhsuk-panel'
    found = producible(page)
    assert {"nhsuk-tag--red", "nhsuk-radios__item", "nhsuk-label--s", "nhsuk-panel"} <= found
    assert not {"nhsuk-card", "nhsuk-pagination-item--next"} & found


def test_a_class_that_python_declares_counts():
    found = producible("""look = {"classes": f"nhsuk-input--width-{n}", "label_class": "nhsuk-label--s"}""")
    assert {"nhsuk-input--width-2", "nhsuk-input--width-30", "nhsuk-label--s"} <= found
    assert found <= KEPT, BUILD


def test_htmx_comes_with_the_pages_that_use_it():
    parts = WEB / "templates"
    for path in parts.rglob("*.html"):
        if path.name.startswith("_"):
            continue  # a part: judged in the pages that include it
        text = path.read_text()
        text += "".join((parts / part).read_text() for part in re.findall(r'{% include "([^"]+)" %}', text))
        assert bool(re.search(r"hx-(get|post)=", text)) == ("set uses_htmx" in text), path.name
