"""Policies of a service team: changed by its lead, read by everybody who works in it, and by the rules."""

from __future__ import annotations

from coord.application.carrying import decide
from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import PoliciesAnswer, Policy, ReadPolicies
from coord.domain.actors import Relationship
from coord.domain.errors import NotPermitted
from coord.domain.permissions import PERMISSIONS
from coord.domain.policy import POLICIES, Values, defaults, in_force
from coord.projections import Policies


def policy_for(reading: Reading, team: str, name: str) -> Values:
    """The values in force for a team, for the answer to another question; a command asks ``work.record.policy(team)``.

    Raises `KeyError` for a name that is no policy.
    """
    found = reading.policies.get((team, name))
    if found is None:
        if Policies.NAME in reading.snapshot.incomplete:  # a stopped view may not know of the last change
            found = reading.record.policy(team).values(name)
        else:
            found = reading.snapshot.view(Policies).values(reading.snapshot.connection, team, name)
        reading.policies[team, name] = found
    return found


@answers(ChangePolicy)
def change_policy(work: Work, command: ChangePolicy) -> Receipt:
    """Change the policy of one's own team."""
    if not work.actor.team:
        raise NotPermitted("no-service-team")
    policy = work.record.policy(work.actor.team)
    decide(work, policy.change, command)
    position = work.record.append(policy)
    return Receipt(policy.id, policy.version, position, "changed")


@answers(ReadPolicies)
def read_policies(reading: Reading, _: ReadPolicies) -> PoliciesAnswer:
    """All of them, those that never were changed as well."""
    team = reading.actor.team
    changes = reading.snapshot.view(Policies).changes_of(reading.snapshot.connection, team)
    policies: list[Policy] = []
    for name in POLICIES:
        mine = [change for change in changes if change["name"] == name]
        values = in_force(name, mine[0]["values"] if mine else None)
        policies.append({"name": name, "values": values, "defaults": defaults(name), "changes": mine})
    may_change = bool(team) and PERMISSIONS["ChangePolicy"].who(reading.actor, Relationship())
    version = changes[0]["version"] if changes else 0
    return PoliciesAnswer(team, version, policies, may_change, reading.shown)
