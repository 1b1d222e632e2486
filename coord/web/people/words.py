"""The care team in words: what its changes were, and what somebody leaves behind who leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from coord.office.links import INVITATION, LETTER, Link
from coord.office.outbox import DROPPED, REFUSED, SENT, Mail
from coord.web.labels import label
from coord.web.spelling import format_date, spelling


def team_sentence(detail: Mapping[str, Any]) -> str:
    """A change of the care team, as the timeline tells it."""
    who = {"name": detail["name"], "relation": label("relation", detail["relation"])}
    if detail["what"] == "left":
        return str(_("%(name)s left the care team: %(relation)s", **who))
    if detail["what"] == "not-to-come":
        return str(_("%(name)s will not join the care team: %(relation)s", **who))
    days = {"days": days_in_words(detail["since"], detail["until"])}
    if detail["what"] == "changed":
        return str(_("On the care team, changed: %(name)s, %(relation)s, %(days)s", **who, **days))
    return str(_("%(name)s joined the care team: %(relation)s, %(days)s", **who, **days))


def days_in_words(since: str, until: str | None) -> str:
    """From a day on, or from one to another."""
    start = format_date(date.fromisoformat(since), "medium")
    if until is None:
        return str(_("from %(start)s", start=start))
    return str(_("from %(start)s to %(end)s", start=start, end=format_date(date.fromisoformat(until), "medium")))


def until_in_words(until: object) -> str:
    """Until a day, or without an end."""
    if not until:
        return str(_("without an end"))
    return str(_("until %(day)s", day=format_date(date.fromisoformat(str(until)), "medium")))


def left_behind(counts: Mapping[str, Any]) -> str:
    """What would be left behind, as a list in one sentence."""
    parts = []
    for kind, count in counts.items():
        n = int(count)
        match kind:
            case "care_teams":
                parts.append(ngettext("on the care team of %(num)s child", "on the care teams of %(num)s children", n))
            case "drafts":
                parts.append(ngettext("%(num)s unsigned draft", "%(num)s unsigned drafts", n))
            case "awaiting":
                parts.append(
                    ngettext("%(num)s note that awaits a co-signature", "%(num)s notes that await a co-signature", n)
                )
            case "awaiting_only_them":
                parts.append(
                    ngettext(
                        "%(num)s note that nobody else on the care team can co-sign",
                        "%(num)s notes that nobody else on the care team can co-sign",
                        n,
                    )
                )
            case "goals":
                parts.append(ngettext("%(num)s open goal", "%(num)s open goals", n))
            case "places":
                parts.append(ngettext("%(num)s place in a course", "%(num)s places in courses", n))
            case "courses":
                parts.append(ngettext("%(num)s open course to run", "%(num)s open courses to run", n))
            case "sessions":
                parts.append(ngettext("%(num)s session not recorded", "%(num)s sessions not recorded", n))
    return "; ".join(parts)


def link_in_words(link: Link | None, mail: Mail | None, now: datetime) -> list[str]:
    """How it is with the last link that somebody was given, in sentences; none where there was none, or it was used."""
    if link is None or link.used_at is not None:
        return []
    times = {"made": spelling().minute(link.made_at), "until": spelling().minute(link.expires_at)}
    if link.kind == INVITATION:
        said = (
            _("Invited by a letter on %(made)s.", **times)
            if link.way == LETTER
            else _("Invited by mail on %(made)s.", **times)
        )
    else:
        said = _("A letter for a new password was made on %(made)s.", **times)
        if link.way != LETTER:
            said = _("A link for a new password was mailed on %(made)s.", **times)
    sentences = [str(said)]
    if link.is_open(now):
        sentences.append(str(_("The link is good until %(until)s.", **times)))
    else:
        sentences.append(str(_("The link is not good any more.")))
    if mail is not None and mail.state != SENT:
        sentences.append(mail_in_words(mail))
    return sentences


def mail_in_words(mail: Mail) -> str:
    """Why a mail has not been sent."""
    if mail.state == REFUSED:
        return str(_("The mail server refused it: %(said)s", said=mail.said))
    if mail.state == DROPPED:
        if mail.said == "restored":
            return str(_("It was not mailed: it waited when the service was restored from a backup."))
        return str(_("It was not mailed: it had waited too long for the mail server."))
    if mail.said:
        return str(_("The mail waits: the mail server does not take it yet (%(said)s).", said=mail.said))
    return str(_("The mail is on its way."))
