"""What stands in the complaint file, in words: one shape for the paper and for the data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coord.application.complaint_file.questions import Chapter, ChapterAnswer
from coord.domain.case.goals.goal import Agreement, StatusChange
from coord.domain.case.goals.scales import LEVELS
from coord.office.complaint_files import ComplaintFile
from coord.web.goals.words import KINDS_IN_WORDS, entry_sentence, level_words, lower_first
from coord.web.goals.words import facts as goal_facts
from coord.web.groups.words import entry_facts, entry_texts
from coord.web.headlines import in_order, title_of
from coord.web.history.words import kept_by, texts, who
from coord.web.history.words import rows as history_rows
from coord.web.labels import label
from coord.web.people.words import days_in_words, team_sentence
from coord.web.sections import format_called, section_called, written_in
from coord.web.spelling import format_date, format_datetime

SUMMARY_STATES = {
    "published": _l("In force"),
    "upcoming": _l("For a later day"),
    "superseded": _l("Replaced by a newer one"),
    "recalled": _l("Recalled"),
}
FAILURES = {
    "fault": _l("something went wrong on our side. Ask for it again, and tell whoever looks after Coord."),
    "given-up": _l("it was begun several times and never finished. Tell whoever looks after Coord."),
    "incomplete": _l("the picture is incomplete just now. Ask for it again when the pages no longer say so."),
    "not-permitted": _l("you may not ask for it any more."),
    "unavailable": _l("a store did not answer. Ask for it again."),
    "never-made": _l(
        "in seven days nothing began to make it. Tell whoever looks after Coord, for the part that makes these files "
        "may not be running. Then ask for it again."
    ),
    "access-not-recorded": _l("the looks could not be recorded. Ask for it again."),
}
NOTHING = _l("There is nothing in this part.")
Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that the file tells, with what is known of it, and people's own words. ``small``: one of many of its
    kind, told in a line. ``when`` puts it into a month."""

    title: str
    when: datetime | None = None
    facts: Facts = field(default_factory=list)
    texts: Facts = field(default_factory=list)
    small: bool = False

    @property
    def length(self) -> int:
        """Characters, about."""
        told = [*self.facts, *self.texts]
        return len(self.title) + sum(len(name) + len(words) for name, words in told)


def blocks(chapter: Chapter, answer: ChapterAnswer) -> Iterator[Block]:
    """The rows of a chapter in words."""
    of: dict[Chapter, Callable[[ChapterAnswer], Iterable[Block]]] = {
        Chapter.CHILD: lambda told: map(_of_the_child, told.rows),
        Chapter.SUMMARIES: lambda told: map(_summary, told.rows),
        Chapter.GOALS: lambda told: map(_goal, told.rows),
        Chapter.ENTRIES: lambda told: map(_entry, told.rows),
        Chapter.CHANGES: _changes,
        Chapter.LOOKS: _looks,
    }
    yield from of[chapter](answer)


def _told(*facts: tuple[str, str]) -> Facts:
    return [(str(name), str(words)) for name, words in facts if words]


def _moment(at: datetime) -> str:
    return str(format_datetime(at, "d MMMM y, HH:mm"))


def _by(by: Mapping[str, Any]) -> str:
    known = who(by["role"], by["discipline"])
    return f"{by['name']} ({known})" if known else str(by["name"])


def _of_the_child(row: Mapping[str, Any]) -> Block:
    if row["what"] == "stay":
        days = days_in_words(row["since"], row["until"])
        return Block(
            row["name"],
            facts=_told((_("On the care team as"), label("relation", row["relation"])), (_("Days"), days))
            + _told((_("Role"), who(row["role"], row["discipline"]))),
        )
    if row["what"] == "around":
        return Block(row["name"], facts=_told((_("What they are to the child"), label("kinship", row["relation"]))))
    born = row.get("birth_date")
    return Block(
        str(_("Details")),
        facts=_told(
            (_("Preferred name"), row["preferred_name"]),
            (_("Full name"), row.get("full_name", "")),
            (_("Date of birth"), format_date(date.fromisoformat(born), "long") if born else ""),
            (_("Languages at home"), ", ".join(row.get("languages", ()))),
            (_("School"), row["school"]),
            (_("Class"), row["school_class"]),
            (_("Service team"), row["team"]),
            (_("State"), _("Open") if row["status"] == "open" else _("Closed")),
        ),
    )


def _summary(row: Mapping[str, Any]) -> Block:
    return Block(
        str(_("School summary, version %(version)s", version=row["version"])),
        facts=_told(
            (_("State"), SUMMARY_STATES[row["status"]]),
            (_("Valid from"), format_date(row["valid_from"], "long")),
            (_("To be reviewed"), format_date(row["review_date"], "long")),
            (_("Published by"), _by(row["published_by"])),
            (_("Published at"), _moment(row["published_at"])),
            (_("Who to ask"), row["contact"]),
        ),
        texts=[
            (label("summary-section", section), "\n".join(f"• {one['text']}" for one in said))
            for section, said in row["statements"].items()
            if said
        ],
    )


def _goal(row: Mapping[str, Any]) -> Block:
    *earlier, last = row["versions"]
    content = last.content
    apart = {_("Goal"), *(_("Level %(level)s", level=level_words(level)) for level in LEVELS)}
    known = {name: words for name, words in goal_facts(content).items() if words and name not in apart}
    scale = [f"{level_words(level)}: {content['scale']['levels'][str(level)]}" for level in LEVELS if content["scale"]]
    told = [
        (
            str(
                _(
                    "Wording %(number)s, of %(day)s, by %(name)s",
                    number=v.number,
                    day=_moment(v.at),
                    name=_by(v.by),
                )
            ),
            "\n".join([v.content["statement"], *([_("Reason: %(reason)s", reason=v.reason)] if v.reason else [])]),
        )
        for v in (*earlier, *((last,) if earlier else ()))
    ]
    steps = [_agreed(agreement) for agreement in row["agreements"]]
    steps += [_state(state) for state in row["statuses"]]
    return Block(
        last.content["statement"],
        facts=_told(
            (_("State"), label("goal-status", row["status"])),
            (_("Proposed by"), _by(row["author"])),
            (_("Proposed at"), _moment(row["proposed_at"])),
            *known.items(),
        ),
        texts=[
            *([(str(_("Levels")), "\n".join(scale))] if scale else []),
            *told,
            *([(str(_("Agreed, and its states")), "\n".join(steps))] if steps else []),
        ],
    )


def _agreed(agreement: Agreement) -> str:
    parties = ", ".join(_party(party) for party in agreement.parties)
    told = {"time": _moment(agreement.at), "parties": parties, "name": _by(agreement.by)}
    return str(_("%(time)s: agreed by %(parties)s; written down by %(name)s", **told))


def _state(state: StatusChange) -> str:
    said = f"{_moment(state.at)}: {label('goal-status', state.status)}, {_by(state.by)}"
    return said + (". " + str(_("Reason: %(reason)s", reason=state.reason)) if state.reason else "")


def _party(party: Mapping[str, Any]) -> str:
    return f"{party['name']} ({lower_first(label('party', party['party']))})"


def _entry(row: Mapping[str, Any]) -> Block:
    kind, detail, by = row["kind"], row["detail"], _by(row["author"])
    title, said = _note_words(row) if kind == "note" else (_sentence(row), _other_words(row))
    spoken = [
        (str(_("Addendum by %(name)s, %(time)s", name=a["by"], time=_moment(a["at"]))), a["text"])
        for a in row["addenda"]
    ]
    why = detail.get("amended_reason") or detail.get("corrected_reason") or detail.get("reason")
    until = row["observed_to"] if row["observed_to"] != row["observed_from"] else None
    return Block(
        title,
        row["observed_from"],
        facts=_told(
            (_("When"), _moment(row["observed_from"])),
            (_("Until"), _moment(until) if until else ""),
            (
                _("Kind of entry"),
                format_called(row["format"], written_in(row)) if row["format"] else label("kind", kind),
            ),
            (_("Where it happened"), label("setting", row["setting"]) if row["setting"] else ""),
            (_("Who"), by),
            (_("Who was present"), ", ".join(row["present"])),
            (_("Who may see it"), label("audience", row["audience"])),
            (_("Written down"), _moment(row["recorded_at"]) if kind == "note" else ""),
            (_("Signed"), _moment(row["signed_at"]) if kind == "note" else ""),
            (_("Received"), _moment(row["received_at"])),
            (_("State"), label("status", row["status"]) if kind == "note" or row["status"] != "signed" else ""),
            (_("Version"), str(row["text_version"]) if row["text_version"] > 1 else ""),
            *(entry_facts(row) if kind in ("group", "message") else ()),
        ),
        texts=[*said, *spoken, *([(str(_("Reason")), str(why))] if why else [])],
    )


def _note_words(row: Mapping[str, Any]) -> tuple[str, Facts]:
    kept = written_in(row)
    found = in_order(row["format"], row["sections"], kept)
    sections = [(section_called(name, kept), text) for name, text in found if text]
    return title_of(row["format"], row["sections"], kept) or format_called(row["format"], kept), sections


def _sentence(row: Mapping[str, Any]) -> str:
    kind, detail = row["kind"], row["detail"]
    if kind in KINDS_IN_WORDS:
        return entry_sentence(row, f"{row['author_name']}, {lower_first(label('role', row['role']))}")
    if kind == "team":
        return team_sentence(detail)
    if kind == "summary":
        number = {"number": detail["version"]}
        if detail["what"] == "published":
            return str(_("School summary published, version %(number)s", **number))
        return str(_("School summary recalled, version %(number)s", **number))
    if kind == "alert":
        return label("alert", detail["what"])
    said = {"opened": _("Case opened"), "closed": _("Case closed"), "reopened": _("Case reopened")}
    return str(said[detail["what"]])


def _other_words(row: Mapping[str, Any]) -> Facts:
    if row["kind"] in ("group", "message"):
        worked = "\n".join(sorted(row["worked_on"].values()))
        return [*entry_texts(row), *([(str(_("Worked on, not rated:")), worked)] if worked else [])]
    why = [(str(_("Reason")), row["detail"]["reason"])] if row["kind"] == "alert" and "reason" in row["detail"] else []
    return [*(("", text) for text in row["sections"].values() if text), *why]


def _changes(answer: ChapterAnswer) -> Iterator[Block]:
    for row in history_rows(answer.rows, _names(answer)):
        item = row.item
        yield Block(
            row.what,
            item["at"],
            facts=_told(
                (_("When"), _moment(item["at"])),
                (_("Who"), _person(item, row.who)),
                (_("Entry"), row.which),
                *row.facts,
                (_("Versions"), row.versions),
                (_("Position"), str(item["position"])),
            ),
            texts=_told(
                (_("Reason"), row.reason),
                (_("Before"), texts(item["before"], kept_by(item))),
                (_("After"), texts(item["after"], kept_by(item))),
                (
                    _("Words withheld"),
                    _("There are words, and they are not for whoever asked.") if item["withheld"] else "",
                ),
            ),
        )


def _looks(answer: ChapterAnswer) -> Iterator[Block]:
    for row in history_rows(answer.rows, _names(answer)):
        item = row.item
        yield Block(
            row.what,
            item["at"],
            facts=_told(
                (_("Who"), _person(item, row.who)),
                (_("Outcome"), label("outcome", item["outcome"]) if item["outcome"] != "shown" else ""),
                (_("Entry"), row.which),
                (_("Reason"), row.reason),
                *row.facts,
            ),
            small=True,
        )


def _names(answer: ChapterAnswer) -> dict[str, str]:
    """People and the child by id, for particulars that name one."""
    known = {str(row["person"]): row["person_name"] for row in answer.rows if row["person"] is not None}
    return known | {str(answer.case_id): answer.preferred_name}


def _person(item: Mapping[str, Any], known: str) -> str:
    name = item["person_name"] or _("Somebody who did not prove who they are")
    return f"{name} ({known})" if known else str(name)


HOW_TO_READ = (
    (
        _l("One moment"),
        _l(
            "This is the record of one child as it was known at one moment. The moment and its position stand at the "
            "foot of each page. What was written, corrected or withdrawn later is not in it."
        ),
    ),
    (
        _l("Order and time"),
        _l(
            "Within each part the newest stands first. Times are on the clinic's clock. When something happened, when "
            "it was written down, signed and received are different times, and each is given as it was."
        ),
    ),
    (
        _l("Nothing is overwritten"),
        _l(
            "A correction keeps what stood before. Both are under “Who wrote and changed what”, with who, when and "
            "why. An addendum adds to a note, and the words of the note stay."
        ),
    ),
    (
        _l("What may be missing"),
        _l(
            "The file holds what its reader could read then, and no words that whoever asked for it may not read. In a "
            "file without a stated reader, words that are withheld are named as such."
        ),
    ),
    (
        _l("Who looked"),
        _l(
            "Every look at this child's record is named, until the file was asked for, the asking included. Looks "
            "after that, such as making and taking the file, stand in the child's history. A file for a stated reader "
            "names the looks that this reader could have been told of: every one for the team lead, for anybody else "
            "their own."
        ),
    ),
)
"""The last chapter: a heading and a paragraph each."""


def how_far(file: ComplaintFile, *, unattended: bool = False) -> str:
    """In a sentence, how far a file is; ``unattended``: nothing is heard of who would make it."""
    if unattended:
        return str(
            _(
                "Nothing has worked on it for ten minutes: the part of Coord that makes these files may not be "
                "running. Tell whoever looks after Coord. The file is made as soon as it runs again, and you can ask "
                "for it anew at any time."
            )
        )
    if file.status == "making":
        part = label("complaint-file-chapter", file.chapter) if file.chapter else ""
        if not part:
            return str(_("It is being made."))
        return str(
            _(
                "It is being made: %(percent)s%% (%(part)s, page %(page)s).",
                percent=file.percent,
                part=part,
                page=file.pages,
            )
        )
    if file.status == "ready":
        return str(
            _(
                "Ready: %(pages)s pages, %(looks)s looks named. It can be taken until %(until)s.",
                pages=file.pages,
                looks=file.looks,
                until=_moment(file.until or file.asked_at),
            )
        )
    if file.status == "failed":
        why = FAILURES.get(file.why, FAILURES["fault"])
        return str(_("It could not be made: %(why)s", why=why))
    words = {
        "waiting": _("It waits to be made."),
        "cancelled": _("It was removed."),
        "withdrawn": _(
            "It was withdrawn, and nothing of it is left: since it was made, something in it was marked as a mistake, "
            "or may no longer be read by you or by its reader. Ask for it anew, and it is made as things stand now."
        ),
    }
    return str(words[file.status])
