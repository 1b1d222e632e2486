"""What of a page is no valid HTML, of the kinds that pages of ours have had: told by a parser, without a dependency."""

import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "path", "circle"}
OF_A_TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?")
REFERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
BLOCKS = {"article", "aside", "details", "div", "dl", "fieldset", "form", "h1", "h2", "h3", "h4", "hr", "main", "nav"}
BLOCKS |= {"ol", "p", "section", "table", "ul"}


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: set[str] = set()
        self.wanted: set[tuple[str, str]] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name in sorted({n for n in names if names.count(n) > 1})]
        given = {name: value or "" for name, value in attrs}
        if (own := given.get("id")) is not None:
            if own in self.ids or not own or re.search(r"\s", own):
                self.faults.append(f"id {own!r} of <{tag}> is there already, or is none")
            self.ids.add(own)
        if "role" in given and (tag in OF_A_TABLE or given["role"] in ("text", "")):
            self.faults.append(f"<{tag} role={given['role']!r}>")
        if "datetime" in given and not MOMENT.fullmatch(given["datetime"]):
            self.faults.append(f"datetime={given['datetime']!r}")
        self.wanted |= {(name, one) for name in REFERS for one in given.get(name, "").split()}
        if tag in BLOCKS and "p" in self.open and "svg" not in self.open:
            self.faults.append(f"<{tag}> within a paragraph")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1] if self.open else 'nothing'}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def faults_of(page: str) -> list[str]:
    """What is wrong with a page; nothing of a valid one."""
    checker = _Checker()
    checker.feed(page)
    checker.close()
    lost = [
        f"{name} leads to #{own}, which is not there" for name, own in sorted(checker.wanted) if own not in checker.ids
    ]
    return [*checker.faults, *lost, *(f"<{tag}> is never closed" for tag in checker.open)]
