"""Groups in words: why a course fits a child and why not, and what the timeline tells of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from coord.domain.activity import ActivityText
from coord.domain.course import FitReason, GroupPicture
from coord.domain.course.picture import COPES_WITH, UNSAID
from coord.domain.policy import POLICIES, Words
from coord.web.labels import SUITS_BY_DEFAULT, label
from coord.web.spelling import format_date


def reason_words(reason: FitReason) -> str:
    """One reason for or against, as a sentence."""
    return str(_reason(reason))


def _reason(reason: FitReason) -> Any:
    p = reason.params
    match reason.code:
        case "age-fits":
            return _("Age %(age)s is within %(least)s to %(most)s.", **p)
        case "age-below":
            return _("At %(age)s the child is younger than this kind of group is for (%(least)s to %(most)s).", **p)
        case "age-above":
            return _("At %(age)s the child is older than this kind of group is for (%(least)s to %(most)s).", **p)
        case "activity-age":
            return _("“%(activity)s” is for ages %(least)s to %(most)s, and the child is %(age)s.", **p)
        case "profile-unknown":
            return _("Nobody has described yet what the child copes with.")
        case "demands-fit":
            return _("The planned activities ask no more than the child copes with.")
        case "grade-down":
            return _(
                "Graded down, these activities suit the child: %(activities)s.", activities=_listed(p["activities"])
            )
        case "demands-too-much":
            what = _listed([label("demand-of", name).lower() for name in _texts(p["what"])])
            return _(
                "“%(activity)s” asks far more than the child copes with: %(what)s.", activity=p["activity"], what=what
            )
        case "no-goal":
            return _("The child has no goal that the group could work on.")
        case "goal-named":
            return _("The child has a goal to work on in the group.")
        case "goals-shared":
            return _("The planned activities exercise what the child's goals are about: %(areas)s.", areas=_areas(p))
        case "goals-elsewhere":
            return _("No planned activity exercises what the child's goals are about: %(areas)s.", areas=_areas(p))
        case "overlap":
            return ngettext(
                "The child has another group at that time on %(day)s.",
                "The child has another group at that time, %(num)s times, first on %(day)s.",
                int(str(p["times"])),
                day=format_date(date.fromisoformat(str(p["date"])), "long"),
            )
    return reason.code


def suits_words(picture: GroupPicture, activity: ActivityText) -> str:
    """How many children of a group an activity suits, and how; nothing of a group without children."""
    told = picture.suits(activity)
    parts = [
        ngettext("%(num)s as written", "%(num)s as written", told["as_written"]) if told["as_written"] else "",
        ngettext("%(num)s graded down", "%(num)s graded down", told["down"]) if told["down"] else "",
        ngettext("%(num)s graded up", "%(num)s graded up", told["up"]) if told["up"] else "",
        ngettext("too much for %(num)s", "too much for %(num)s", told["too_much"]) if told["too_much"] else "",
        ngettext("%(num)s not known", "%(num)s not known", told["unsaid"]) if told["unsaid"] else "",
    ]
    if other := told["another_age"]:
        parts.append(ngettext("not the age of %(num)s", "not the age of %(num)s", other))
    return ", ".join(part for part in parts if part)


def picture_words(picture: GroupPicture) -> list[tuple[str, str]]:
    """The group as it is, in rows: how old its children are, and how many cope with how much. Nothing of no
    children."""
    if not picture.children:
        return []
    youngest, oldest = picture.ages[0], picture.ages[-1]
    ages = (
        ngettext("%(num)s year", "%(num)s years", youngest)
        if youngest == oldest
        else str(_("%(youngest)s to %(oldest)s years", youngest=youngest, oldest=oldest))
    )
    rows = [(str(_("Children")), str(picture.children)), (str(_("Age")), ages)]
    spread: Mapping[str, Any] = picture.spread
    for name, told in spread.items():
        levels = [f"{label('demand', level).lower()}: {n}" for level, n in told.items() if n and level != UNSAID]
        if told[UNSAID]:
            levels.append(f"{_('not known')}: {told[UNSAID]}")
        rows.append((label("demand-of", name), ", ".join(levels)))
    return rows


def suits_whom(kind: str, text: str) -> str:
    """Whom a kind of group suits: the default in the reader's language, a lead's own words as they wrote them."""
    default = POLICIES[kind]["suits"]
    return str(SUITS_BY_DEFAULT[kind]) if isinstance(default, Words) and text == default.default else text


def readable_policy(kind: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """A team's policy for one kind of group, with `suits_whom`."""
    return {**policy, "suits": suits_whom(kind, str(policy["suits"]))}


def _areas(params: Mapping[str, object]) -> str:
    return _listed([label("icf", chapter) for chapter in _texts(params["chapters"])])


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, Sequence) and not isinstance(value, str) else [str(value)]


def _listed(values: object) -> str:
    return ", ".join(_texts(values))


def timeline_words(detail: Mapping[str, Any]) -> str:
    """What an entry of kind "group" or "message" tells, in a sentence; the texts stand below it."""
    return str(_told(detail))


def _told(detail: Mapping[str, Any]) -> Any:
    kind = label("group-kind", detail.get("group"))
    match detail["what"]:
        case "profile":
            parts = [
                f"{label('demand-of', n)}: {label('demand', detail[n]).lower()}" for n in COPES_WITH if detail.get(n)
            ]
            return _("What the child copes with: %(profile)s.", profile="; ".join(parts))
        case "waiting":
            return _("Waiting for a place in a group: %(kind)s.", kind=kind)
        case "enrolled" if detail.get("on"):
            return _("Has a place in a group from %(day)s on: %(kind)s.", day=_day(detail["on"]), kind=kind)
        case "enrolled":
            return _("Has a place in a group: %(kind)s.", kind=kind)
        case "revised" if detail.get("instead"):
            new = detail["instead"]
            return _(
                "The group meets on %(new)s at %(time)s instead of %(old)s: %(kind)s.",
                new=_day(new["day"]),
                time=new["at"],
                old=_day(detail["gone"][0]),
                kind=kind,
            )
        case "revised" if detail.get("after_all"):
            days = _listed([_day(day) for day in detail["after_all"]])
            return _("The group meets on %(days)s after all: %(kind)s.", days=days, kind=kind)
        case "revised" if detail.get("gone"):
            days = _listed([_day(day) for day in detail["gone"]])
            return _("The group does not meet on %(days)s: %(kind)s.", days=days, kind=kind)
        case "revised":
            return _("The group has other dates or aims: %(kind)s.", kind=kind)
        case "left" if detail.get("on"):
            return _("Last day in the group: %(day)s, %(kind)s.", day=_day(detail["on"]), kind=kind)
        case "left":
            return _("Has left the group: %(kind)s.", kind=kind)
        case "message_home":
            return _("Message for home from the group: %(kind)s.", kind=kind)
        case "message_school":
            return _("Message for school from the group: %(kind)s.", kind=kind)
    return _(
        "Group session %(number)s, %(kind)s: %(attendance)s.",
        number=detail["session"],
        kind=kind,
        attendance=label("attendance", detail["attendance"]).lower(),
    )


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "long")


_CODES = ("arrival", "grading", "support", "guardian")
_TEXTS = ("aims", "absence_reason", "response", "incident", "practice", "remark", "message")


def line_facts(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What of a session is told in codes, in words: how the child arrived, what grading and help they had."""
    return [(label("line-part", code), label(code, line[code])) for code in _CODES if line.get(code)]


def entry_facts(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of an entry of the timeline; nothing of one that is not about a group session."""
    return line_facts(item["detail"]) if item["kind"] == "group" and item["detail"]["what"] == "session" else []


def entry_texts(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry about a group says in people's own words, part by part; a message needs no heading, its sentence
    says what it is."""
    if item["kind"] == "message":
        return [("", item["sections"]["message"])]
    texts = item["sections"]
    return [(label("line-part", name), texts[name]) for name in _TEXTS if texts.get(name)]
