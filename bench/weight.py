"""`python -m bench.weight`: how many bytes the main pages of the demonstration are, as a browser is sent them.

A first visit is the page and all that it loads; a repeat visit is the page alone, for its files are kept for a year.
Where there are several pages of a kind, it is the heaviest: of a therapist's children, their notes, their goals, ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient

from coord import demo
from coord.bootstrap import build
from coord.office.accounts import Accounts
from coord.settings import Settings
from coord.web import create_app

FIRST, REPEAT = 90_000, 12_000
"""The most bytes of a first and of a repeat visit."""
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}
CHILD, COURSE = "/children/U", "/groups/U"
OVERVIEW = f"{CHILD}/overview"
SESSION = f"{COURSE}/sessions/U"
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "home of a therapist": ("ida", ()),
    "home of a teacher": ("carla", ()),
    "home of a lead": ("helen", ()),
    "child": ("ida", (OVERVIEW,)),
    "timeline": ("ida", (OVERVIEW, CHILD)),
    "note": ("ida", (OVERVIEW, CHILD, f"{CHILD}/notes/U")),
    "school summary": ("ida", (OVERVIEW, CHILD, f"{CHILD}/summary")),
    "goals": ("ida", (OVERVIEW, CHILD, f"{CHILD}/goals")),
    "goal": ("ida", (OVERVIEW, CHILD, f"{CHILD}/goals", f"{CHILD}/goals/U")),
    "measures": ("nadia", (OVERVIEW, CHILD, f"{CHILD}/measures")),
    "groups": ("ida", ("/groups",)),
    "course": ("ida", ("/groups", COURSE)),
    "recording a session": ("ida", ("/groups", COURSE, SESSION, f"{SESSION}/run")),
    "history of a child": ("helen", (OVERVIEW, CHILD, f"{CHILD}/history")),
    "people": ("rosa", ("/people",)),
}
"""Who opens the page, and over which pages, from home; ``U`` is an id or a number."""
MOST = 12
"""Pages of a kind that are looked at."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one page, in bytes; of its text also uncompressed."""

    text: int
    repeat: int
    first: int
    files: tuple[str, ...]
    html: str


def weights(app: Flask) -> dict[str, Weight]:
    """What each of the pages weighs, over the demonstration."""
    people = {who: signed_in(app, f"{who}@coord.example", demo.PASSWORD) for who, _ in PAGES.values()}
    return {name: _heaviest(people[who], way) for name, (who, way) in PAGES.items()}


def signed_in(app: Flask, email: str, password: str) -> FlaskClient:
    """A browser in which somebody has signed in."""
    browser = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert token
    form = {"email": email, "password": password, "csrf_token": token[1]}
    assert browser.post("/sign-in", data=form).status_code == 303
    return browser


def _heaviest(browser: FlaskClient, way: Iterable[str]) -> Weight:
    places = ["/"]
    for shape in way:
        links = [link for place in places for link in re.findall(r'href="(/[^"?#]*)"', browser.get(place).text)]
        wanted = re.compile(shape.replace("U", r"(?:[0-9a-f-]{36}|\d+)"))
        places = list(dict.fromkeys(link for link in links if wanted.fullmatch(link)))[:MOST]
    return max((weighed(browser, place) for place in places), key=lambda weight: weight.repeat)


def weighed(browser: FlaskClient, place: str) -> Weight:
    """What one page weighs."""
    sent, html = len(browser.get(place, headers=BROWSER).data), browser.get(place).text
    files = dict.fromkeys(re.findall(r'<(?:script|link)\b[^>]* (?:src|href)="([^"]+)"', html))
    for style in [file for file in files if ".css" in file]:
        files |= {
            f"/static/built/{name}": None
            for name in re.findall(r"url\(([^)]+)\)", browser.get(style, buffered=True).text)
        }
    loaded = 0
    for file in files:
        answer = browser.get(file, headers=BROWSER, buffered=True)
        assert answer.status_code == 200, file
        loaded += len(answer.data)
    return Weight(len(html.encode()), sent, sent + loaded, tuple(files), html)


def main() -> None:
    """The table of docs/benchmarks.md."""
    with TemporaryDirectory() as folder:
        calendar = demo.Calendar()
        services = build(Settings(data=Path(folder), secret_key="k" * 40), calendar)
        demo.load(services.doors, Accounts(services.office), calendar)
        services.views.catch_up()
        print(f"| page | its text | repeat visit ({REPEAT:,}) | first visit ({FIRST:,}) |\n|---|---|---|---|")
        for name, weight in weights(create_app(services)).items():
            print(f"| {name} | {weight.text:,} | {weight.repeat:,} | {weight.first:,} |")
        services.close()


if __name__ == "__main__":
    main()
