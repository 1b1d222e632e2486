"""A service team that nobody is in yet: asked about before a slip of the finger makes one.

A team is nothing but its name, and a team lead sees the children of exactly that name. So the pages ask; programs and
the command line, which nobody asks anything, may name a new team as they always could. A teacher's school is no
service team, and nobody is asked about it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from flask import request
from flask_babel import gettext as _

from coord.domain.actors import Role
from coord.words import folded


@dataclass(frozen=True, slots=True)
class NewTeam:
    """A name that no service team has: what to ask about it, and whether the answer came with the form."""

    name: str
    question: str
    meant: bool


def asked_about(team: str, people: Iterable[Mapping[str, Any]]) -> NewTeam | None:
    """What to ask about a service team as typed; None for one that somebody is in, and for none at all."""
    name = unicodedata.normalize("NFC", team).strip()
    known = {person["team"] for person in people if person["team"] and person["role"] != Role.TEACHER.value}
    if not name or name in known:
        return None
    spelled = {folded(other): other for other in sorted(known)}
    near = get_close_matches(folded(name), spelled, n=1)
    if near:
        question = _("There is no team %(team)s yet. Did you mean %(near)s?", team=name, near=spelled[near[0]])
    else:
        question = _("There is no team %(team)s yet. Is it a new one?", team=name)
    # The tick carries the name that it was shown for: it says nothing of another one typed since.
    return NewTeam(name, str(question), request.form.get("new_team") == name)
