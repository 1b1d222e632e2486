"""One table: which command or question asks what of a person. What is not in it is denied.

Two tests are made before anything else happens. First, whether the person may know that the child exists
(`knows_child`); if not, the answer is "not found", for others' children are never told apart from none. Then the
predicate in `PERMISSIONS`. Which entries of a child's record a person may read is a third matter (`may_read_entry`),
applied in SQL by the views and here to single notes; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coord.domain.actors import COMMAND_LINE, Actor, Relationship, Role
from coord.domain.errors import NotFound, NotPermitted

Predicate = Callable[[Actor, Relationship], bool]


def knows_child(actor: Actor, child: Relationship) -> bool:
    """The person is on the child's care team, or leads the child's service team. Administrators know no child."""
    if actor.role is Role.ADMINISTRATOR:
        return False
    return child.on_care_team or leads_service_team(actor, child)


def leads_service_team(actor: Actor, child: Relationship) -> bool:
    """The person is the team lead of the service team that looks after the child."""
    return actor.role is Role.TEAM_LEAD and child.same_service_team


def is_operator(actor: Actor) -> bool:
    """Whoever runs ``coord`` at the machine itself, where the files are in reach anyway; never a signed-in person."""
    return actor.person_id == COMMAND_LINE.person_id and actor.channel == "cli"


def leads_service_team_or_is_operator(actor: Actor, child: Relationship) -> bool:
    """The team lead of the child's service team; or the operator at the machine."""
    return leads_service_team(actor, child) or is_operator(actor)


def anyone_signed_in(actor: Actor, child: Relationship) -> bool:
    """Everybody with an account."""
    return True


def whose_draft_it_is(actor: Actor, child: Relationship) -> bool:
    """Whose draft it is, also once they know the child no more."""
    return True


def clinician(actor: Actor, child: Relationship) -> bool:
    """A therapist, student or team lead: somebody who works in the service."""
    return actor.role in (Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD)


def writes_notes(actor: Actor, child: Relationship) -> bool:
    """Whoever can write notes about some child: a therapist, student, teacher or team lead."""
    return actor.role is not Role.ADMINISTRATOR


def anyone_but_teachers(actor: Actor, child: Relationship) -> bool:
    """Everybody with an account but teachers, who need nobody's name beyond the care team's."""
    return actor.sight.colleagues


def works_with_children(actor: Actor, child: Relationship) -> bool:
    """Everybody but administrators, who know no child."""
    return actor.role is not Role.ADMINISTRATOR


def therapist_or_lead(actor: Actor, child: Relationship) -> bool:
    """A therapist or a team lead, of any service team."""
    return actor.role in (Role.THERAPIST, Role.TEAM_LEAD)


def opens_cases(actor: Actor, child: Relationship) -> bool:
    """A therapist or a team lead, in their own service team."""
    return actor.role in (Role.THERAPIST, Role.TEAM_LEAD)


def team_lead(actor: Actor, child: Relationship) -> bool:
    """A team lead; the question itself is then narrowed to the own service team."""
    return actor.role is Role.TEAM_LEAD


def teacher(actor: Actor, child: Relationship) -> bool:
    """A teacher; the question itself is then narrowed to their own pupils."""
    return actor.role is Role.TEACHER


def administrator(actor: Actor, child: Relationship) -> bool:
    """Somebody who looks after accounts."""
    return actor.role is Role.ADMINISTRATOR


def administrator_or_lead(actor: Actor, child: Relationship) -> bool:
    """Somebody who looks after accounts, or leads a service team: each for what they may decide."""
    return actor.role in (Role.ADMINISTRATOR, Role.TEAM_LEAD)


def anyone_who_knows_the_child(actor: Actor, child: Relationship) -> bool:
    """On the care team, or lead of the service team."""
    return knows_child(actor, child)


def writes_to_the_child(actor: Actor, child: Relationship) -> bool:
    """Somebody on the care team who writes: therapist, student, teacher (observations), or the team lead."""
    return (child.on_care_team and actor.role is not Role.ADMINISTRATOR) or leads_service_team(actor, child)


def clinician_of_the_child(actor: Actor, child: Relationship) -> bool:
    """A therapist or student on the care team, or the team lead."""
    return (child.on_care_team and clinician(actor, child)) or leads_service_team(actor, child)


def therapist_of_the_child(actor: Actor, child: Relationship) -> bool:
    """A qualified therapist on the care team."""
    return child.on_care_team and actor.role is Role.THERAPIST


def therapist_or_lead_of_the_child(actor: Actor, child: Relationship) -> bool:
    """A qualified therapist on the care team, or the team lead of its service team."""
    return therapist_of_the_child(actor, child) or leads_service_team(actor, child)


def knows_course(actor: Actor, course: Relationship) -> bool:
    """Somebody who works in the service, and runs the course (or the session that it is about), or is of its service
    team."""
    return clinician(actor, course) and (course.on_staff or course.stands_in or course.same_service_team)


def staff_or_lead_of_the_course(actor: Actor, course: Relationship) -> bool:
    """On the staff of the course, students too; or the team lead of its service team. They know who is in it."""
    return (course.on_staff and clinician(actor, course)) or leads_service_team(actor, course)


def therapist_on_staff_or_lead(actor: Actor, course: Relationship) -> bool:
    """A qualified therapist (or a lead) on the staff of the course; or the team lead of its service team."""
    return (course.on_staff and therapist_or_lead(actor, course)) or leads_service_team(actor, course)


def runs_the_session_or_leads(actor: Actor, course: Relationship) -> bool:
    """On the staff of the course, students too, or named to stand in for this one session; or the team lead of its
    service team. They know who is in the session."""
    return (course.stands_in and clinician(actor, course)) or staff_or_lead_of_the_course(actor, course)


def therapist_running_the_session_or_lead(actor: Actor, course: Relationship) -> bool:
    """A qualified therapist (or a lead) on the staff of the course, or named to stand in for this one session; or the
    team lead of its service team."""
    return (course.stands_in and therapist_or_lead(actor, course)) or therapist_on_staff_or_lead(actor, course)


def therapist_near_the_course(actor: Actor, course: Relationship) -> bool:
    """A therapist or lead who runs the course or is of its service team."""
    return knows_course(actor, course) and therapist_or_lead(actor, course)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may. ``about_a_child`` rules are asked of a person in their relation to one child, ``about_a_course`` rules
    in their relation to one course."""

    who: Predicate
    about_a_child: bool = True
    about_a_course: bool = False
    of_ones_own: bool = False
    """Of what is the person's own alone, whether they still know the child or not; what is not theirs is not found."""


PERMISSIONS: dict[str, Rule] = {}
"""By the name of the command or question. `coord.application.declared` fills it in, one row for each declaration."""


def refuse_unless_permitted(name: str, actor: Actor, relation: Relationship | None) -> None:
    """Raise unless ``actor`` may do or ask ``name``; ``relation`` is theirs to the child or course concerned, if any.

    Raises `NotFound` where the person may not even know the child or course, `NotPermitted` otherwise, also for a name
    that the table does not hold.
    """
    rule = PERMISSIONS.get(name)
    if rule is None:
        raise NotPermitted("no-permission-declared", name=name)
    if rule.of_ones_own:
        if is_operator(actor) or not rule.who(actor, relation or Relationship()):
            raise NotPermitted
    elif rule.about_a_child:
        if relation is None or not (knows_child(actor, relation) or is_operator(actor)):
            raise NotFound
        if not rule.who(actor, relation):
            raise NotPermitted
    elif rule.about_a_course:
        if relation is None or not knows_course(actor, relation):
            raise NotFound("no-such-course")
        if not rule.who(actor, relation):
            raise NotPermitted
    elif not rule.who(actor, Relationship()):
        raise NotPermitted


def may_read_entry(
    actor: Actor, child: Relationship, *, author: str, audience: str, discipline: str | None, status: str
) -> bool:
    """Whether the person may read one entry of a child they know.

    One's own entries always. Teachers: what is shared with the school and, if a student wrote it, co-signed. Others on
    the team, and the team lead: what is for the care team, and their own discipline's. What was entered in error is
    hidden from all but its author and the team lead, who have to deal with it.
    """
    if not knows_child(actor, child):
        return False
    if author == str(actor.person_id):
        return True
    if status == "entered-in-error" and not leads_service_team(actor, child):
        return False
    if actor.sight.as_school:
        return audience == "care-team-and-school" and status != "awaiting-cosignature"
    if audience == "own-discipline":
        return actor.discipline is not None and discipline == actor.discipline.value
    return True


def may_read_addendum(
    actor: Actor,
    child: Relationship,
    *,
    author: str,
    audience: str,
    attested: bool,
    note_author: str,
    note_discipline: str | None,
) -> bool:
    """Whether the person, who may read a note, may read this addendum to it.

    Who wrote the note or the addendum always. Others as the addendum's own audience says, which may be narrower than
    the note's; of a student's that nobody attested the school reads nothing.
    """
    status = "signed" if attested else "awaiting-cosignature"
    return str(actor.person_id) == author or may_read_entry(
        actor, child, author=note_author, audience=audience, discipline=note_discipline, status=status
    )


def may_read_goal(
    actor: Actor, child: Relationship, *, author: str, audience: str, discipline: str | None, status: str, agreed: bool
) -> bool:
    """Whether the person may read one goal of a child they know; as entries, with one thing more: what nobody has ever
    ``agreed`` to (proposed, or given up before) is not for the school, whoever it is meant for."""
    if not may_read_entry(actor, child, author=author, audience=audience, discipline=discipline, status=status):
        return False
    return author == str(actor.person_id) or not actor.sight.as_school or agreed
