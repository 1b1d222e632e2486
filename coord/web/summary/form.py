"""The form for a school summary: its fields, declared once; from a draft, from the version in force; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeAlias, cast
from uuid import UUID, uuid5

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.application.summary.questions import SummaryAnswer
from coord.domain.case import SummaryContent
from coord.domain.case.summary import DEFAULT_LIMIT, LIMITS, SECTIONS
from coord.web import reading_ease
from coord.web.kit.field import Field, Kind, Unread, lines, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.labels import SUMMARY_SECTIONS

MOST_STATEMENTS = 40
"""Read from a form in each section; far above what may be published, so that the refusal can say so."""
WEEKS_UNTIL_REVIEW = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One statement as typed. ``withheld`` counts sources of the version before that this writer cannot read."""

    text: str = ""
    sources: Sequence[str] = ()
    withheld: int = 0

    @property
    def blank(self) -> bool:
        """Nothing in it."""
        return not self.text.strip() and not self.sources


Rows: TypeAlias = "Mapping[str, Sequence[Row]]"


def _section(section: str, rows: int) -> list[Field]:
    called = SUMMARY_SECTIONS[section]
    whole = Field(
        f"statements.{section}",
        Kind.ROWS,
        called,
        pointer=f"/statements/{section}",
        target=f"text-{section}-0",
        says={"missing": _l("Write at least one statement")},
    )
    return [whole, *(one for i in range(rows) for one in _row(section, i))]


def _row(section: str, i: int) -> tuple[Field, ...]:
    called = LazyString(lambda: f"{SUMMARY_SECTIONS[section]}, {i + 1}")
    of, at, here = f"{section}.{i}", f"/statements/{section}/{i}", f"{section}-{i}"
    close: dict[str, Any] = {"optional": True, "rows": 2, "look": {"group_class": "nhsuk-u-margin-bottom-2"}}
    cited: dict[str, Any] = {"optional": True, "becomes": UUID}
    return (
        Field(f"text.{of}", Kind.LONG, called, pointer=f"{at}/text", target=f"text-{here}", **close),
        Field(f"source.{of}", Kind.SEVERAL, called, pointer=f"{at}/sources", target=f"sources-{here}", **cited),
        Field(f"withheld.{of}", Kind.HIDDEN),
    )


_BIG, _SMALL = {"label_class": "nhsuk-label--m"}, {"label_class": "nhsuk-label--s"}
_BELOW = (
    Field("contact", Kind.TEXT, _l("Who to ask"), _l("A name, and how the school reaches them."), look=_BIG),
    Field("valid_from", Kind.DAY, _l("Valid from"), look=_SMALL),
    Field("review_date", Kind.DAY, _l("To be reviewed by"), called=_l("Review date"), look=_SMALL),
    Field("q", Kind.TEXT, _l("Search"), pointer="/text", optional=True, look={"type": "search"}),
    Field("version", Kind.VERSION),
    Field("revision", Kind.HIDDEN, target="draft-revision"),
    Field("seen", Kind.HIDDEN),
)
"""``version`` is the one that it would replace, ``revision`` the draft's, ``seen`` the place in the record at which the
entries beside it were read (0: they were not)."""
SUMMARY = declared("summary", *(one for section in SECTIONS for one in _section(section, 1)), *_BELOW)


def form_of(rows: Rows, stands: Mapping[str, Any], add: str = "") -> Form:
    """The form with these statements; each section has a row to write in, and that of ``add`` one more."""
    fields, typed = list[Field](), dict(stands)
    for section in SECTIONS:
        found = list(rows.get(section, ()))
        if not found or (section == add and len(found) < limit_of(section)):
            found.append(Row())
        fields += _section(section, len(found))
        for i, row in enumerate(found):
            values = {"text": row.text, "source": row.sources, "withheld": row.withheld}
            typed |= {f"{name}.{section}.{i}": value for name, value in values.items()}
    return replace(SUMMARY, fields=[*fields, *_BELOW]).of(typed)


def sent() -> Form:
    """From the browser. Empty statements are left out."""
    rows = {section: [_sent(section, i) for i in range(MOST_STATEMENTS)] for section in SECTIONS}
    return form_of(_filled(rows), replace(SUMMARY, fields=_BELOW).sent().typed)


def _sent(section: str, i: int) -> Row:
    sources = list(dict.fromkeys(request.form.getlist(f"source.{section}.{i}")))
    text = lines(request.form.get(f"text.{section}.{i}", ""))
    return Row(text, sources, _number(request.form.get(f"withheld.{section}.{i}")))


def _filled(rows: Rows) -> dict[str, list[Row]]:
    return {section: [row for row in found if not row.blank] for section, found in rows.items()}


def kept(draft: Mapping[str, Any], add: str = "") -> Form:
    """From a draft. Its body may have been kept by another client: what does not fit is left out."""
    body = draft["body"]
    written: dict[str, Any] = body["statements"] if isinstance(body.get("statements"), dict) else {}
    rows = {
        section: [
            Row(str(row.get("text", "")), _ids(row.get("sources")), _number(row.get("withheld")))
            for row in (written[section] if isinstance(written.get(section), list) else ())
            if isinstance(row, dict)
        ]
        for section in SECTIONS
    }
    stands = {name: str(body.get(name) or "") for name in ("contact", "valid_from", "review_date")}
    numbers = {"version": _number(body.get("version")), "seen": _number(body.get("seen"))}
    return form_of(rows, {**stands, **numbers, "revision": int(draft["revision"])}, add)


def following(answer: SummaryAnswer, today: date, add: str = "") -> Form:
    """A next version, beginning with what stands now but the advice that was ended."""
    rows = {
        section: [
            Row(
                row["text"],
                [str(source["entry"]) for source in row["sources"] if source["entry"]],
                sum(not source["visible"] for source in row["sources"]),
            )
            for row in answer.statements.get(section, ())
            if row["withdrawn_at"] is None
        ]
        for section in SECTIONS
    }
    days = {"valid_from": today, "review_date": today + timedelta(weeks=WEEKS_UNTIL_REVIEW)}
    return form_of(rows, {"contact": answer.contact, **days, "version": answer.version, "revision": 0, "seen": 0}, add)


# ---- and back


def rows_in(form: Form, section: str) -> list[Row]:
    """The statements of a section, as they are on the page: with those that are empty."""
    typed, count = form.typed, sum(name.startswith(f"text.{section}.") for name in form.fields)
    names = [f"{section}.{i}" for i in range(count)]
    return [Row(typed[f"text.{n}"], typed[f"source.{n}"], _number(typed[f"withheld.{n}"])) for n in names]


def statements_in(form: Form) -> dict[str, list[Row]]:
    """Those with something in them, by section; sections without one are left out."""
    found = _filled({section: rows_in(form, section) for section in SECTIONS})
    return {section: rows for section, rows in found.items() if rows}


def changed(form: Form, section: str, rows: Sequence[Row]) -> Form:
    """The same with other statements in a section."""
    return form_of({**statements_in(form), section: rows}, form.typed)


def body_of(form: Form) -> dict[str, object]:
    """What a draft keeps."""
    return {
        "statements": {
            section: [{"text": r.text, "sources": _ids(r.sources), "withheld": r.withheld} for r in rows]
            for section, rows in statements_in(form).items()
        },
        **{name: form.typed[name] for name in ("contact", "valid_from", "review_date")},
        "version": form.version,
        "seen": number_in(form, "seen"),
    }


def content_of(form: Form) -> SummaryContent:
    """What would be published. Raises `InvalidInput` where a source is none."""
    values = form.values()
    statements = {
        section: [(row.text, values[f"source.{section}.{i}"]) for i, row in enumerate(rows)]
        for section, rows in statements_in(form).items()
    }
    return SummaryContent(statements, values["contact"], values["valid_from"], values["review_date"])


def day_in(form: Form, name: str) -> date | None:
    """The day that was typed, or that another client kept in the draft; None if it is none."""
    try:
        return cast("date | None", form[name])
    except Unread:
        return None


def cited_in(form: Form) -> list[UUID]:
    """Every entry that is rested on, each once."""
    sources = (source for rows in statements_in(form).values() for row in rows for source in row.sources)
    return [found for source in dict.fromkeys(sources) if (found := uuid_of(source))]


def ease_of(form: Form, language: reading_ease.Language) -> reading_ease.Ease:
    """How easy it is to read, in the language that it is written in (``language`` where that cannot be told)."""
    texts = [row.text for rows in statements_in(form).values() for row in rows]
    return reading_ease.read(texts, reading_ease.language_of(" ".join(texts), language))


def number_in(form: Form, name: str) -> int:
    """A number that a page put into its form; 0 for anything else."""
    return _number(form.typed[name])


def limit_of(section: str) -> int:
    """The most statements that a section may have."""
    return LIMITS.get(section, DEFAULT_LIMIT)


def draft_id_of(case_id: UUID, person_id: UUID) -> UUID:
    """One draft a person and child, whichever window it is opened in."""
    return uuid5(case_id, f"summary:{person_id}")


def _ids(values: object) -> list[str]:
    found = (uuid_of(str(value)) for value in (values if isinstance(values, list | tuple) else ()))
    return [str(one) for one in dict.fromkeys(found) if one]


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
