"""How far a goal has come: what was seen of it, by whom, where and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from coord.domain.actors import Actor, By, Role
from coord.domain.case.aggregate import Case
from coord.domain.case.circle import circle_for
from coord.domain.case.circumstances import Setting
from coord.domain.case.goals.goal import (
    Goal,
    GoalObservationEnteredInError,
    GoalObserved,
    SeenBy,
    the_writer,
    written_name,
)
from coord.domain.case.goals.life import refuse_unless_own
from coord.domain.case.goals.wording import SUPPORTS, Context, Support
from coord.domain.errors import Conflict, NotFound
from coord.domain.input import REASON, SHORT, Input
from coord.domain.names import Seems, ask_about_names
from coord.domain.person import Person
from coord.domain.said import Said

OBSERVABLE = frozenset({"proposed", "agreed", "active", "on-hold", "achieved", "maintained"})
"""Observed before the work starts (a baseline) and after it ended (is it still there?), not once it was given up."""


@dataclass(frozen=True, slots=True)
class ObservationContent:
    """What somebody saw. At least one of level, support and remark is there; the time carries a zone.

    ``seen_by`` is somebody of the care team or of the child's circle, ``reported_by`` a name that is only typed;
    neither for what its writer saw.
    """

    context: Annotated[str, Said("A teacher observes at school", of=Context)]
    level: Annotated[int | None, Said("On the goal's scale; unrated is not zero", least=-2, most=2, null=True)] = None
    support: Annotated[str, Said("The help that was needed", of=Support, null=True)] = ""
    remark: Annotated[str, Said(most=REASON)] = ""
    observed_at: Annotated[datetime | None, Said("Now, if left out", null=True)] = None
    reported_by: Annotated[
        str, Said("The same as a name alone, which may be anybody's: better is `seen_by`", most=SHORT)
    ] = ""
    note: Annotated[UUID | None, Said("The entry that it comes from", null=True)] = None
    scale_version: Annotated[
        int | None,
        Said("Of the scale that you read the level on; refused if it is another now", least=1, most=10_000, null=True),
    ] = None
    """The scale that its writer had before them; None for the present one, whichever that is."""
    seen_by: Annotated[
        UUID | None,
        Said("Who saw it, where that is not you: of the care team, or of the child's circle", null=True),
    ] = None


_CONTEXTS = tuple(c.value for c in Context)


def contexts_of(actor: Actor) -> list[str]:
    """Where a person of this role observes: a teacher at school, everybody else anywhere."""
    return [Context.SCHOOL.value] if actor.role is Role.TEACHER else list(_CONTEXTS)


_CONTEXT_OF_SETTING: dict[str, str] = {
    Setting.THERAPY_ROOM: Context.THERAPY.value,
    Setting.SCHOOL: Context.SCHOOL.value,
    Setting.HOME: Context.HOME.value,
    Setting.COMMUNITY: Context.COMMUNITY.value,
}


def told_by_setting(setting: str, context: str) -> bool:
    """Whether who knows the setting knows that it was in this context."""
    return _CONTEXT_OF_SETTING.get(setting) == context


def context_in(setting: str, actor: Actor) -> str:
    """The context of what this person sees in such a setting; "" where the setting says nothing of it (by video), and
    where they observe in others only."""
    contexts = contexts_of(actor)
    context = _CONTEXT_OF_SETTING.get(setting, "")
    return context if context in contexts else contexts[0] if len(contexts) == 1 else ""


def observe(
    case: Case,
    goal: Goal,
    *,
    at: datetime,
    actor: Actor,
    observation_id: UUID,
    content: ObservationContent,
    colleague: Person | None = None,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Keep what somebody saw of the goal; in a closed case only what was seen before. ``confirmed`` are the answers to
    what was asked about; ``named`` is, a remark that seems to name another child. ``colleague`` is who saw it as they
    are now, if somebody of the care team did.

    Raises `Conflict` (closed, given up) and `InvalidInput`.
    """
    if content.observed_at is None or content.observed_at.tzinfo is None:
        case.refuse_if_closed()  # what is seen now
    else:
        case.refuse_if_closed_by(content.observed_at)
    if goal.status not in OBSERVABLE:
        raise Conflict("goal-ended")
    check = Input(confirmed)
    context = check.choice("/context", content.context, contexts_of(actor))
    level = check.number("/level", content.level, -2, 2, required=False)
    if level is not None and goal.content["scale"] is None:
        check.problem("/level", "no-scale")
    elif level is not None and content.scale_version not in (None, goal.scale_version):
        check.problem("/level", "other-scale")  # the words of that level may be others now
    support = check.choice("/support", content.support, SUPPORTS, required=False)
    remark = check.text("/remark", content.remark, limit=REASON, required=False)
    ask_about_names(check, named)
    _doubt_the_help(check, goal.id, level, support)
    seen_by = _who_saw_it(check, case, actor, content, colleague)
    observed_at = check.moment("/observed_at", content.observed_at or at, now=at, born=case.born)
    if level is None and not support and not remark and not check.problems:
        check.problem("/level" if goal.content["scale"] else "/support", "missing")
    check.refuse_if_any()
    case.trigger_event(
        GoalObserved,
        timestamp=at,
        by=actor.by(),
        goal_id=goal.id,
        observation_id=observation_id,
        context=context,
        level=None if level is None else int(level),
        scale_version=goal.scale_version,
        support=support,
        remark=remark,
        observed_at=observed_at,
        seen_by=seen_by,
        note=str(content.note) if content.note else "",
        answered=check.answered,
    )


def _doubt_the_help(check: Input, goal_id: UUID, level: float | None, support: str) -> None:
    """More than expected and not achieved cannot both be; as expected and not achieved is hardly meant. An answer is
    about one goal: several may be rated at once."""
    if support != Support.NOT_ACHIEVED or level is None or level < 0:
        return
    if level > 0:
        check.problem("/support", "achieved-and-not")
    else:
        check.ask("/support", "as-expected-and-not-achieved", f"{goal_id} {level:.0f} {support}")


def _who_saw_it(
    check: Input, case: Case, actor: Actor, content: ObservationContent, colleague: Person | None
) -> SeenBy:
    """Somebody of the care team or the circle, a name that is only typed, or who writes."""
    reported_by = check.text("/reported_by", content.reported_by, limit=SHORT, required=False, lines=False)
    if content.seen_by is None:
        return written_name(reported_by)
    if reported_by:
        check.problem("/reported_by", "two-observers")
    person = str(content.seen_by)
    if content.seen_by == actor.person_id:
        return the_writer()
    if person in case.members and actor.sight.colleagues:
        member = case.members[person][-1]  # what they are, or were last
        name = colleague.name if colleague is not None else member["name"]
        return {"known_as": "team", "person": person, "name": name, "relation": member["relation"]}
    known = circle_for(case.circle, actor).get(person)
    if known is None or not known["listed"]:
        check.problem("/seen_by", "not-around-the-child")
        return the_writer()
    return {"known_as": "circle", "person": person, "name": known["name"], "relation": known["relation"]}


def enter_observation_in_error(
    case: Case, goal: Goal, *, at: datetime, actor: Actor, observation_id: UUID, reason: str
) -> None:
    """Mark an observation as a mistake. Who wrote it may, and the team lead of the service team.

    Raises `NotFound`, `NotPermitted`, `InvalidInput`, and `Conflict` if it is marked already.
    """
    observation = next((o for o in goal.observations if o.id == observation_id), None)
    if observation is None:
        raise NotFound("no-such-observation")
    if observation.error:
        raise Conflict("entered-in-error")
    refuse_unless_own(case, actor, observation.by)
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    mark_observation(case, goal, at=at, by=actor.by(), observation_id=observation_id, reason=reason)


def mark_observation(case: Case, goal: Goal, *, at: datetime, by: By, observation_id: UUID, reason: str) -> None:
    """Mark an observation as a mistake; whether that may be done was decided before."""
    case.trigger_event(
        GoalObservationEnteredInError,
        timestamp=at,
        by=by,
        goal_id=goal.id,
        observation_id=observation_id,
        reason=reason,
    )
