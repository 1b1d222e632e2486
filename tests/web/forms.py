"""The forms of a page, as a browser without JavaScript has them."""

from html.parser import HTMLParser
from typing import Any


class Forms(HTMLParser):
    """What a browser would send of each form of a page, before a button is pressed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._text: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": a.get("action", ""), "fields": {}, "buttons": []})
        if not self.forms:
            return
        fields, name = self.forms[-1]["fields"], a.get("name", "")
        if tag == "input" and name and (a.get("type") not in ("radio", "checkbox") or "checked" in a):
            fields.setdefault(name, []).append(a.get("value", ""))
        elif tag == "textarea":
            self._text = name
            fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
            fields.setdefault(name, []).append("")
        elif tag == "option" and self._select and "selected" in a:
            fields[self._select][-1] = a.get("value", "")
        elif tag == "button":
            self.forms[-1]["buttons"].append((name, a.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._text = self._select = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self.forms[-1]["fields"][self._text][-1] += data
