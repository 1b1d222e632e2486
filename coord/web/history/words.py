"""A row of the history in words: what was done or looked at, with which particulars, and from what to what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from coord.application.declared import DECLARED
from coord.domain.actors import Role
from coord.domain.case.notes import section_in
from coord.domain.errors import FieldProblem
from coord.domain.note_template import WrittenIn
from coord.web.differences import Part, word_parts
from coord.web.headlines import title_of
from coord.web.labels import ACCESSES, CHANGES, POLICY_PARTS, label
from coord.web.messages import explanation, field_message
from coord.web.people.words import left_behind
from coord.web.sections import format_called
from coord.web.spelling import format_date, format_datetime

_NOT_IN_WORDS = frozenset(
    {
        "person",
        "text_version",
        "correction",
        "addendum",
        "sign_in",
        "entries",
        "number",
        "case",
        "start",
        "end",
        "activity",
        "course",
    }
)
"""Particulars that are shown in another way, or are only an identifier."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field from what to what; ``name`` is what the field is called."""

    name: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Row:
    """A change or an access, ready to be shown."""

    item: Mapping[str, Any]
    what: str
    which: str
    """Which entry it is about, as far as the reader may know; "" where that is said by other words."""
    who: str
    """Role and discipline, as they were then."""
    reason: str
    facts: list[tuple[str, str]]
    differences: list[Difference]
    versions: str


def rows(items: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[Row]:
    """Every item in words. ``names`` are people and children by id, for the particulars that name one."""
    return [_row(item, names) for item in items]


def what(item: Mapping[str, Any]) -> str:
    """What was done or looked at."""
    words = label("change" if item["sort"] == "change" else "access", item["kind"])
    exported = item["detail"].get("export")
    return _("%(what)s and took it out as a file", what=words) if exported else words


def which(item: Mapping[str, Any]) -> str:
    """Which entry a row is about: the day and time of what it tells, and who wrote it; of a note that was read also
    what it says first."""
    entry = item["entry"]
    if entry is None:
        return ""
    if entry["kind"] == "goal":
        return str(entry["statement"])
    kept = entry.get("written_in")
    kind = format_called(entry["format"], kept) if entry["format"] else label("kind", entry["kind"])
    at = format_datetime(entry["observed_from"], "short")
    known = str(_("%(kind)s of %(time)s, %(name)s", kind=kind, time=at, name=entry["author_name"]))
    title = title_of(entry["format"], entry["sections"], kept) if "sections" in entry else ""
    return f"{known}: {title}" if title else known


def shown_data(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a look was for, and which data of the child it showed. Of one from before that was kept, nobody knows."""
    if item["sort"] != "access" or item["outcome"] != "shown":
        return []
    unknown = _("not known: this was not kept yet")
    purpose, categories = item["purpose"], item["categories"]
    facts = [(_("Purpose"), unknown if purpose is None else label("purpose", purpose))] if purpose != "" else []
    if categories is None and item["case_id"] is not None:
        facts.append((_("Data shown"), unknown))
    elif categories:
        facts.append((_("Data shown"), ", ".join(label("data-category", c) for c in categories)))
    return facts


def way(item: Mapping[str, Any]) -> str:
    """By which way something was looked at, other than the pages."""
    ways = {"api": _("a program (API)"), "calendar": _("the calendar feed"), "cli": _("the command line")}
    return str(ways.get(item["channel"], ""))


def who(role: str, discipline: str | None) -> str:
    """Role and discipline in words; the discipline only where it says more than the role."""
    parts = [label("role", role) if role else ""]
    if discipline and discipline != "school":
        parts.append(label("discipline", discipline))
    return ", ".join(part for part in parts if part)


def roles_in_words(person: Mapping[str, Any], roles: Collection[str] = tuple(Role)) -> str:
    """What somebody is here, in each of their roles (or those of ``roles``): "Therapist, Psychology; Team lead"."""
    held = [one for one in (person, *person.get("further", ())) if one["role"] in roles]
    return "; ".join(who(one["role"], one["discipline"]) for one in held)


def kinds(*, of_a_child: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """What one may filter for, in groups of (heading, choices)."""
    general = [
        ("", _("Everything")),
        ("changes", _("All changes")),
        ("accesses", _("All accesses")),
        ("refused", _("What was refused")),
        ("failed", _("What failed")),
    ]
    changes = [(kind, str(words)) for kind, words in CHANGES.items() if not of_a_child or kind.startswith("case.")]
    accesses = [
        (kind, str(words))
        for kind, words in ACCESSES.items()
        if (
            kind in DECLARED and DECLARED[kind].in_a_childs_history
            if of_a_child
            else kind.startswith(("Read", "Search", "Export")) or kind.islower()
        )
    ]
    return [("", general), (_("One kind of change"), changes), (_("One kind of access"), accesses)]


def _row(item: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    detail = item["detail"]
    versions = ""
    if item["version_after"] is not None:
        versions = _(
            "From version %(before)s to version %(after)s",
            before=item["version_before"],
            after=item["version_after"],
        )
    return Row(
        item=item,
        what=what(item),
        which=which(item),
        who=who(item["role"], item["discipline"]),
        reason=str(detail.get("reason") or ""),
        facts=_facts(item, names),
        differences=_differences(item),
        versions=versions,
    )


def _facts(item: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    detail = dict(item["detail"])
    detail.pop("reason", None)
    if "relation" in detail:  # on this child's care team: what they are to the child says it all
        detail = {name: value for name, value in detail.items() if name not in ("role", "discipline")}
    facts: list[tuple[str, str]] = []
    if item["observed_at"] is not None:
        facts.append((_("Observed"), format_datetime(item["observed_at"], "medium")))
    if item["recorded_at"] is not None:
        facts.append((_("Written down"), format_datetime(item["recorded_at"], "medium")))
    if detail.get("entries"):
        count = int(detail["entries"])
        facts.append((_("Shown"), ngettext("The words of one entry", "The words of %(num)s entries", count)))
    if item["kind"] in ("ReadHistory", "ReadAudit"):
        facts += _filter_facts(detail, names)
    for name, value in detail.items():
        if name in _NOT_IN_WORDS or value in (None, "", [], {}):
            continue
        if name in ("kind",) and item["kind"] in ("ReadHistory", "ReadAudit"):
            facts.append((_("Only"), _kind_in_words(str(value))))
            continue
        heading, shown = _WORDS.get(name, (None, str))
        if name == "title" and _of_a_course(item):
            heading = _course
        # Whose name is not known here is not shown as an identifier either.
        words = names.get(str(value), _NAMED[name]()) if name in _NAMED else shown(value)
        facts.append((heading() if heading else name, words))
    if item["kind"] == "case.group-line-corrected":
        facts.append((_("Version"), str(detail["text_version"])))
    if way(item):
        facts.append((_("By way of"), way(item)))
    facts += shown_data(item)
    return facts


_NAMED: dict[str, Callable[[], str]] = {
    "reader": lambda: _("somebody else"),
    "child": lambda: _("a child of another service team"),
}
"""Particulars that are people or children, with what to say where the reader has no name for them."""


def _of_a_course(item: Mapping[str, Any]) -> bool:
    return item["kind"].startswith("course.") or "course" in item["detail"]


def _course() -> str:
    return str(_("Course"))


def _filter_facts(detail: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    facts = []
    if "person" in detail:
        facts.append((_("About"), names.get(str(detail["person"]), _("one person"))))
    if "case" in detail and str(detail["case"]) in names:
        facts.append((_("Child"), names[str(detail["case"])]))
    for name, heading in (("start", _("From")), ("end", pgettext("a day", "Before"))):
        if name in detail:
            facts.append((heading, format_datetime(datetime.fromisoformat(detail[name]), "medium")))
    return facts


def _kind_in_words(kind: str) -> str:
    if kind in ("changes", "accesses"):
        return str(_("All changes") if kind == "changes" else _("All accesses"))
    found = (label(table, kind) for table in ("change", "access", "outcome"))
    return next((words for words in found if words != kind), kind)


def _day(value: Any) -> str:
    return format_date(date.fromisoformat(str(value)), "medium")


def _why(value: Any) -> str:
    known = {
        "wrong-password": _("the password was wrong"),
        "unknown-account": _("there is no such account"),
        "no-access": _("the person has no access"),
        "signed-out": _("by themselves"),
        "ended-by-person": _("from another device, by themselves"),
        "ended-by-administrator": _("by an administrator"),
        "idle": _("not used for a while"),
        "absolute": _("the working day was over"),
        "token-invalid": _("the token is not known"),
        "token-expired": _("the token has expired"),
        "token-revoked": _("the token was revoked"),
        "unknown-address": _("there is no such address"),
        "revoked": _("the address was revoked"),
    }
    return str(known.get(str(value), value))


def _refusal(code: Any) -> str:
    if code == "not-found":
        return str(_("for this person, the child or the entry is not there"))
    if code == "not-permitted":
        return str(_("their role, or their part in the care team, does not allow it"))
    return explanation(str(code)).title


def _answers(value: Any) -> str:
    """What was asked about before it was done, in the words of then."""
    problems = [FieldProblem(a["pointer"], a["code"], a["params"]) for a in value]
    return "; ".join(left_behind(p.params) if p.code == "left-behind" else field_message(p) for p in problems)


def _yes(value: Any) -> str:
    return str(_("yes") if value else _("no"))


_WORDS: dict[str, tuple[Callable[[], str], Callable[[Any], str]]] = {
    "format": (lambda: _("Format"), lambda v: label("format", v)),
    "audience": (lambda: _("Who may see it"), lambda v: label("audience", v)),
    "setting": (lambda: _("Setting"), lambda v: label("setting", v)),
    "name": (lambda: _("Person"), str),
    "role": (lambda: _("Role"), lambda v: label("role", v)),
    "discipline": (lambda: _("Discipline"), lambda v: label("discipline", v)),
    "relation": (lambda: _("As"), lambda v: label("relation", v)),
    "kinship": (lambda: _("As"), lambda v: label("kinship", v)),
    "written": (lambda: _("Typed name"), str),
    "team": (lambda: _("Service team"), str),
    "override": (lambda: _("All the same, because"), str),
    "on": (lambda: _("Day"), _day),
    "left_behind": (lambda: _("Left behind"), _answers),
    "answered": (lambda: _("Asked about, and meant so"), _answers),
    "since": (lambda: _("From"), _day),
    "until": (lambda: _("Until"), _day),
    "version": (lambda: _("Version"), str),
    "valid_from": (lambda: _("Valid from"), _day),
    "review_date": (lambda: _("To be reviewed"), _day),
    "export": (lambda: _("File"), lambda v: _form(str(v))),
    "chapter": (lambda: _("Part"), lambda v: label("complaint-file-chapter", v)),
    "goal_version": (lambda: _("Wording"), str),
    "parties": (lambda: _("Agreed by"), lambda v: ", ".join(label("party", p) for p in v)),
    "context": (lambda: _("Where"), lambda v: label("context", v)),
    "instrument": (lambda: _("Instrument"), str),
    "measured_on": (lambda: _("Measured on"), _day),
    "informant": (lambda: _("Who answered"), lambda v: label("informant", v)),
    "alert_kind": (lambda: _("About"), lambda v: label("alert-kind", v)),
    "tried": (lambda: _("What came of it"), lambda v: label("strategy-outcome", v)),
    "as_of": (lambda: _("As known at entry"), str),
    "reader": (lambda: _("As"), str),
    "searched": (lambda: _("Searched for words"), _yes),
    "filtered": (lambda: _("Filtered by"), lambda names: ", ".join(_filter_name(name) for name in names)),
    "older": (lambda: _("A page of older entries"), _yes),
    "incomplete": (lambda: _("The timeline was incomplete"), _yes),
    "code": (lambda: _("Why"), _refusal),
    "why": (lambda: _("Why"), _why),
    "address": (lambda: _("From the address"), str),
    "others": (lambda: _("Sign-ins ended"), str),
    "wait": (lambda: _("Seconds to wait"), str),
    "title": (lambda: _("Activity"), str),
    "template": (lambda: _("Template"), str),
    "group": (lambda: _("Kind of group"), lambda v: label("group-kind", v)),
    "place": (lambda: _("Place"), lambda v: label("place", v)),
    "session": (lambda: _("Session"), str),
    "children": (lambda: _("Children"), str),
    "stand_ins": (lambda: _("Stands in"), lambda names: ", ".join(names)),
    "child": (lambda: _("Child"), str),
    "device": (lambda: _("For"), str),
    "token": (lambda: _("Name of the token"), str),
    "account": (lambda: _("Whose account"), str),
    "change": (lambda: _("What takes two people"), lambda v: label("account-change", v)),
    "done": (lambda: _("What was done"), lambda v: label("account-done", v)),
    "proposed_by": (lambda: _("Proposed by"), str),
    "policy": (lambda: _("Policy"), lambda v: label("policy", v)),
}


def _form(of_a_file: str) -> str:
    known = {"csv": "CSV", "jsonl": "JSON Lines", "pdf": "PDF", "data": "JSON Lines, ZIP"}
    return known.get(of_a_file, of_a_file)


def _filter_name(name: str) -> str:
    known = {
        "discipline": _("Discipline"),
        "setting": _("Where it happened"),
        "kind": _("Kind of entry"),
        "author": _("Written by"),
        "start": _("From"),
        "end": _("To"),
    }
    return str(known.get(name, name))


def kept_by(item: Mapping[str, Any]) -> WrittenIn | None:
    """The version of a template that the note was written in which a row is about."""
    return (item["entry"] or {}).get("written_in")


def _field_name(name: str, kept: WrittenIn | None = None) -> str:
    if section := section_in(kept, name):
        return section["label"]
    known = {
        "relation": _("As"),
        "since": _("From"),
        "until": _("Until"),
        "preferred_name": _("Preferred name"),
        "full_name": _("Full name"),
        "birth_date": _("Date of birth"),
        "languages": _("Languages at home"),
        "school": _("School"),
        "school_class": _("Class"),
        "team": _("Service team"),
        "audience": _("Who may see it"),
        "addendum": _("Addendum"),
        "observed_from": _("Observed from"),
        "observed_to": _("Observed until"),
        "setting": _("Setting"),
        "present": _("Who was present"),
        "circle_name": _("Name"),
        "circle_relation": _("What they are to the child"),
        "circle_listed": _("In the list"),
        "goal_status": _("State"),
        "statement": _("Goal"),
        "child_view": _("The child's own view"),
        "icf": _("Area of life"),
        "disciplines": _("Disciplines"),
        "contexts": _("Where it should hold"),
        "condition": _("Condition"),
        "criterion": _("Criterion"),
        "support": _("Help agreed"),
        "baseline": _("Baseline"),
        "review_date": _("To be reviewed"),
        "scale": _("Scale"),
        "held_on": _("Day"),
        "start_time": _("Begins at"),
    }
    return str(known.get(name) or label("policy-part" if name in POLICY_PARTS else "section", name))


def _field_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "audience":
        return label("audience", value)
    if name == "circle_listed":
        return str(_("Yes") if value else _("No"))
    if name in ("birth_date", "review_date", "since", "until", "held_on"):
        return _day(value)
    if name in ("observed_from", "observed_to"):
        return format_datetime(datetime.fromisoformat(value), "medium")
    if name in _TABLE_OF:
        table = _TABLE_OF[name]
        return ", ".join(label(table, v) for v in (value if isinstance(value, (list, tuple)) else [value]) if v)
    if name == "scale":
        return _scale(value)
    if name in ("shape", "record"):
        return "; ".join(label("session-step" if name == "shape" else "recorded", code) for code in value)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value)
    return str(value)


_TABLE_OF = {
    "goal_status": "goal-status",
    "icf": "icf",
    "disciplines": "discipline",
    "contexts": "context",
    "support": "support",
    "relation": "relation",
    "circle_relation": "kinship",
}
"""The fields of a goal, and of somebody in the circle, that hold words of ours."""


def _scale(value: Mapping[str, Any]) -> str:
    """A scale as lines of text, so that what changed in it can be shown word by word."""
    lines = [f"{level}: {words}" for level, words in sorted(value["levels"].items(), key=lambda x: int(x[0]))]
    for name, heading in (
        ("baseline", _("Baseline level")),
        ("importance", _("Importance")),
        ("difficulty", _("Difficulty")),
    ):
        if value.get(name) is not None:
            lines.append(f"{heading}: {value[name]}")
    return "\n".join(lines)


def texts(values: Mapping[str, Any], kept: WrittenIn | None = None) -> str:
    """The fields of a change, each with its name, as lines of text; the sections of a note in the words that it
    ``kept``."""
    told = ((_field_name(name, kept), _field_text(name, value)) for name, value in values.items())
    return "\n".join(f"{name}: {text}" for name, text in told if text)


def _differences(item: Mapping[str, Any]) -> list[Difference]:
    before, after = item["before"], item["after"]
    found, kept = [], kept_by(item)
    for name in [*before, *(n for n in after if n not in before)]:
        old, new = _field_text(name, before.get(name)), _field_text(name, after.get(name))
        if old != new:
            found.append(Difference(_field_name(name, kept), word_parts(old, new)))
    return found
