"""Names of service teams. A team is nothing but its name, so a slip of the finger would make a second one.

A name is the same however it is spelled in capitals, accents and spaces. One that nobody has is asked about before it
becomes a team (`meant`), and no child goes to a team without a lead (`with_a_lead`): nobody would answer for the child.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from coord.domain.input import Input, answer_to
from coord.words import spelled_alike


def known_as(typed: str, names: Iterable[str]) -> str | None:
    """The name among ``names`` that this is a spelling of: just so, or else one that is like it; None if there is
    none."""
    tidy = " ".join(unicodedata.normalize("NFC", typed).split())
    there = sorted(names)
    if tidy in there:
        return tidy
    return next((name for name in there if spelled_alike(name) == spelled_alike(tidy)), None)


def near_to(typed: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or nothing."""
    spelled = {spelled_alike(name): name for name in sorted(names)}
    near = get_close_matches(spelled_alike(typed), spelled, n=1)
    return spelled[near[0]] if near else ""


def meant(check: Input, pointer: str, typed: str, known: Collection[str]) -> str:
    """The service team that was meant by what was typed for a person.

    One that nobody is in is asked about (``new-team``, with the near one if there is any); while there is no team at
    all the first is simply made. Nothing typed stays nothing: whether it may is for others to say.
    """
    tidy = " ".join(typed.split())
    found = known_as(tidy, known) if tidy else tidy
    if found is not None:
        return found
    if known:
        near = near_to(tidy, known)
        if near:
            check.ask(pointer, "new-team-near", tidy, team=tidy, near=near)
        else:
            check.ask(pointer, "new-team", tidy, team=tidy)
    return tidy


def on_purpose(name: str) -> tuple[str, ...]:
    """The answers by which a team of this name is made on purpose, asked or not."""
    tidy = " ".join(name.split())
    return tuple(answer_to(code, tidy) for code in ("new-team", "new-team-near"))


def with_a_lead(check: Input, pointer: str, typed: str, led: Collection[str]) -> str:
    """The service team that was meant for a child: one that has a lead.

    While nobody leads any team (a new clinic) any name is taken; otherwise another is refused, and no answer makes it
    right: ``team-without-lead``, with the near one that has a lead if there is any.
    """
    tidy = " ".join(typed.split())
    if not tidy or not led:
        return tidy
    found = known_as(tidy, led)
    if found is None:
        near = near_to(tidy, led)
        code = "team-without-lead-near" if near else "team-without-lead"
        check.problem(pointer, code, **({"team": tidy, "near": near} if near else {"team": tidy}))
        return tidy
    return found
