"""The form of an activity: what was typed, as it was typed, and the content that it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast
from uuid import UUID, uuid4

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.activity import DEMANDS, LINES, ActivityContent
from coord.domain.errors import DomainError, FieldProblem, InvalidInput
from coord.web.errors import status_of
from coord.web.labels import label
from coord.web.messages import Explanation, explanation, field_message

TEXTS = ("title", "purpose", "age_from", "age_to", *DEMANDS, *LINES, "reason")
MANY = ("kinds", "skills", "icf")


@dataclass(slots=True)
class ActivityForm:
    """``texts`` and ``chosen`` are what the person typed and ticked; a list of lines is one text."""

    activity_id: UUID
    texts: dict[str, str]
    chosen: dict[str, list[str]]
    version: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)
    notice: Explanation | None = None
    status: int = 200

    @classmethod
    def empty(cls) -> Self:
        """For a new activity."""
        return cls(uuid4(), dict.fromkeys(TEXTS, ""), {name: [] for name in MANY})

    @classmethod
    def of(cls, activity: Mapping[str, Any]) -> Self:
        """What stands, to begin with."""
        texts = {name: str(activity[name]) for name in TEXTS if name not in (*LINES, "reason")}
        texts |= {name: "\n".join(activity[name]) for name in LINES} | {"reason": ""}
        chosen = {name: list(activity[name]) for name in MANY}
        return cls(activity["activity_id"], texts, chosen, activity["version"])

    @classmethod
    def sent(cls, form: MultiDict[str, str], activity_id: UUID | None = None) -> Self:
        """What came with a request."""
        if activity_id is None:
            try:
                activity_id = UUID(form.get("activity_id", ""))
            except ValueError:
                activity_id = uuid4()
        version = form.get("expected_version", "")
        return cls(
            activity_id,
            {name: form.get(name, "") for name in TEXTS},
            {name: form.getlist(name) for name in MANY},
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
        )

    def content(self) -> ActivityContent:
        """What it means. An age that is no number is noted as wrong, and left out."""
        ages: dict[str, int | None] = {}
        for name in ("age_from", "age_to"):
            text = self.texts[name].strip()
            ages[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
            if text and ages[name] is None:
                self._wrong_in(name, field_message(FieldProblem(f"/{name}", "not-a-number")))
        texts = {name: self.texts[name] for name in ("title", "purpose", *DEMANDS)}
        lists = {name: _lines(self.texts[name]) for name in LINES}
        return ActivityContent(**cast("Any", {**texts, **self.chosen, **ages, **lists}))

    def refuse(self, error: DomainError) -> None:
        """Take over a refusal: at each field, or as a notice on top."""
        self.status = status_of(error)
        if isinstance(error, InvalidInput):
            self._problems(error.problems)
        else:
            self.notice = explanation(error.code)

    def _problems(self, problems: Iterable[FieldProblem]) -> None:
        for problem in problems:
            name, _slash, place = problem.pointer.removeprefix("/").partition("/")
            message = field_message(problem)
            if name == "id":
                message = _("An activity was written from this form already. To write another one, send it again.")
                self.activity_id = uuid4()
            if place.isdigit() and name in LINES:
                message = _("Line %(number)s: %(problem)s", number=int(place) + 1, problem=message)
            self._wrong_in(name, message)

    def _wrong_in(self, name: str, message: str) -> None:
        self.status = 422
        if name in self.wrong:  # the first counts
            return
        self.wrong[name] = message
        called = _("Reason") if name == "reason" else label("activity-field", name)
        if name in self.texts or name in self.chosen:
            self.errors.append({"text": f"{called}: {message}", "href": f"#{name}"})
        else:
            self.errors.append({"text": message})


def _lines(text: str) -> list[str]:
    """A typed list, however the browser ends a line; an empty one keeps its place for what is said of the others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n") if text.strip() else []
