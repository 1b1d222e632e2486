"""What the school is given of a summary, as a sheet to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from coord.application.summary.questions import Statement, SummaryAnswer
from coord.domain.actors import Actor
from coord.web.labels import label
from coord.web.reading_ease import Language, language_of
from coord.web.spelling import format_date, format_datetime
from coord.web.summary.pdf import Fact, Part, Sheet

ROWS = (("strengths",), ("helps", "avoid"), ("overload-signs", "overload-response"), ("aims",))
SCHOOL_DAY = ("lessons", "transitions", "playground")


def given(answer: SummaryAnswer) -> dict[str, list[Statement]]:
    """The statements that are given to the school: without advice that was ended since."""
    found = {
        section: [row for row in rows if row["withdrawn_at"] is None] for section, rows in answer.statements.items()
    }
    return {section: rows for section, rows in found.items() if rows}


def sheet_of(answer: SummaryAnswer, actor: Actor, when: str) -> Sheet:
    """The summary in force, with who took it away and ``when``."""
    language = page_language()
    who = f"{actor.name}, {label('role', actor.role.value)}"
    kinds: dict[str, Any] = {"helps": "do", "avoid": "dont"}
    stands = given(answer)
    rows = []
    for row in (*ROWS, SCHOOL_DAY):
        parts = [
            Part(
                kinds.get(section, "plain"),
                label("summary-section", section),
                [statement["text"] for statement in stands[section]],
            )
            for section in row
            if section in stands
        ]
        if parts:
            rows.append(parts)
    name = answer.details["preferred_name"]
    by = answer.published_by
    # Without a first day nothing is published.
    assert answer.valid_from and answer.review_date and answer.published_at  # noqa: S101, PT018
    valid = _(
        "%(start)s, to be reviewed by %(review)s",
        start=format_date(answer.valid_from, "long"),
        review=format_date(answer.review_date, "long"),
    )
    published = f"{by['name'] if by else ''}, {format_datetime(answer.published_at, 'd MMMM y')}"
    return Sheet(
        language=language,
        text_language=language_of_statements(answer.statements),
        title=_("School summary: %(name)s, version %(version)s", name=name, version=answer.version),
        kind=_("School summary"),
        heading=name,
        subtitle=", ".join(p for p in (answer.details["school"], answer.details["school_class"]) if p),
        notices=list(dict.fromkeys(label("out-of-date", entry["why"]) for entry in answer.out_of_date)),
        rows=rows,
        facts=[
            Fact(_("Who to ask:"), answer.contact, written=True),
            Fact(_("Valid from:"), valid),
            Fact(_("Published by:"), published + " (" + _("version %(number)s", number=answer.version) + ")"),
        ],
        notes=[
            _("What works and what does not? Write an observation in Coord: the care team reads it."),
            _("Downloaded by %(who)s on %(when)s.", who=who, when=when)
            + " "
            + _("A summary can be recalled. Look in Coord whether this version is still in force."),
        ],
        footer=_(
            "Version %(version)s. Downloaded by %(who)s, %(when)s. May be recalled: look in Coord.",
            version=answer.version,
            who=who,
            when=when,
        ),
        missing=_("A character that cannot be printed is shown as a box. The page in Coord has it."),
    )


def page_language() -> Language:
    """In which the page is read."""
    locale = get_locale()
    return "it" if locale is not None and locale.language == "it" else "en"


def language_of_statements(statements: Mapping[str, Sequence[Mapping[str, Any]]]) -> Language:
    """What the statements are written in, for voices that read them aloud."""
    return language_of(" ".join(row["text"] for rows in statements.values() for row in rows), page_language())
