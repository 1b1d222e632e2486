"""No area shows by another's templates: what several need is the kit's, or a macro."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "coord" / "web" / "templates"
FOR_ALL = {"_macros", "kit", "errors"}


def test_no_template_takes_from_another_areas():
    taken = {
        (str(path.relative_to(TEMPLATES)), name)
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"{%\s*(?:extends|from|import|include)\s+\"([^\"]+)\"", path.read_text())
        if "/" in name and path.relative_to(TEMPLATES).parts[0] not in FOR_ALL
    }
    assert len(taken) > 100
    of_others = {(path, name) for path, name in taken if name.split("/")[0] not in {*FOR_ALL, path.split("/")[0]}}
    assert of_others == set()


def test_no_page_is_shown_by_another_areas_template():
    web = TEMPLATES.parent
    shown = {
        (str(path.relative_to(web)), name)
        for path in web.rglob("*.py")
        if path.parent != web
        for name in re.findall(r"[\"']([\w{}.\[\]]+/[\w{}.\[\]/]+\.html)[\"']", path.read_text())
    }
    assert len(shown) > 50
    assert any("{" in name for _path, name in shown), "a name that is put together counts too"
    assert {(path, name) for path, name in shown if name.split("/")[0] not in {*FOR_ALL, path.split("/")[0]}} == set()
