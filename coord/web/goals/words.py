"""Goals in words: levels, the rule and what it found, what a goal says field by field, and what the timeline tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from babel.lists import format_list
from flask_babel import gettext as _
from flask_babel import ngettext

from coord.application.goals.questions import RuleChange
from coord.domain.case.attainment import ScaledGoal
from coord.domain.case.generalisation import Generalisation, Rule
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import Context
from coord.web.groups.words import timeline_words
from coord.web.labels import label
from coord.web.spelling import format_date, format_decimal, reading

MINUS = "\N{MINUS SIGN}"
MARKS = {"therapy": "●", "home": "■", "school": "▲", "community": "◆"}
"""The shape that stands for a context in a chart, so that no colour has to; the script draws the same ones."""
KINDS_IN_WORDS = ("goal", "strategy", "measure", "group", "message")
"""Kinds of entries that the timeline tells in a sentence."""


def signed(level: int) -> str:
    """``+1``, ``0``, or a true minus before a number."""
    return f"+{level}" if level > 0 else f"{MINUS}{-level}" if level < 0 else "0"


def level_words(level: int | None) -> str:
    """``+1, more than expected``; "not rated" where there is no level, which is not zero."""
    if level is None:
        return str(_("not rated"))
    return f"{signed(level)}, {lower_first(label('level', level))}"


def levels_in_words() -> dict[int, str]:
    """`level_words` of each level."""
    return {level: level_words(level) for level in LEVELS}


def levels_to_choose(scale: Mapping[str, Any], none: str = "") -> list[dict[str, str]]:
    """The levels of a scale, each with what one sees at it; and the words for ``none`` of them."""
    items = [
        {"value": str(n), "text": f"{signed(n)} {label('level', n)}", "hint": scale["levels"][str(n)]} for n in LEVELS
    ]
    return [*items, {"value": "", "text": none}] if none else items


def lower_first(words: str) -> str:
    """The same words inside a sentence."""
    return words[:1].lower() + words[1:]


def upper_first(words: str) -> str:
    """The same words at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def score_words(t: float | None) -> str:
    """A T-score to one place; more would claim more than it knows."""
    return "" if t is None else format_decimal(round(t, 1), "0.0")


def change_words(change: float | None) -> str:
    """A change of T with its sign."""
    if change is None:
        return ""
    words = score_words(abs(change))
    return f"+{words}" if change > 0 else f"{MINUS}{words}" if round(change, 1) else words


def rule_sentences(rule: Rule) -> list[str]:
    """The rule of generalisation with its numbers, as people would say it."""
    return [
        _(
            "A skill has generalised when it was shown outside therapy on at least %(occasions)s occasions, in at "
            "least %(contexts)s contexts, seen by at least %(observers)s people. Reports alone are not enough: "
            "somebody who saw it writes it down at least once.",
            occasions=rule.occasions,
            contexts=rule.contexts,
            observers=rule.observers,
        ),
        _(
            "An occasion is one day, one context and one person who saw it: several ratings of one lesson are one, and "
            "shown, if one of them shows it. Names that were only typed count as one person together, and as none "
            "beside somebody of the child's circle."
        ),
        _(
            "In one context it holds when it was shown there on at least %(occasions)s occasions.",
            occasions=rule.occasions,
        ),
        _(
            "It is maintained when it is still shown %(weeks)s weeks after that, and lost when it was looked for and "
            "not shown on the last %(times)s days. After %(again)s weeks without an observation it says: look again.",
            weeks=rule.maintained_weeks,
            times=rule.lost_after,
            again=rule.look_again_weeks,
        ),
        _(
            "It counts as shown at the level “as expected” or above, where a level was rated, and with no more help "
            "than agreed, where the help was told. Where nobody looked, nothing is known."
        ),
    ]


def rule_of(state: str, rule: Rule) -> str:
    """The part of the rule that a state of a goal or of a cell was found by; empty where it takes no number."""
    if state in ("emerging", "generalised", "maintained", "lost"):
        words = _(
            "Rule: %(occasions)s occasions, %(contexts)s contexts, %(observers)s people",
            occasions=rule.occasions,
            contexts=rule.contexts,
            observers=rule.observers,
        )
    elif state in ("shown", "holds", "still-holds", "no-longer"):
        words = _("Rule: %(occasions)s occasions here", occasions=rule.occasions)
    else:
        return ""
    if state in ("maintained", "still-holds"):
        words = _("%(rule)s; again %(weeks)s weeks later", rule=words, weeks=rule.maintained_weeks)
    if state in ("lost", "no-longer"):
        words = _("%(rule)s; then %(times)s days in a row without it", rule=words, times=rule.lost_after)
    return str(words)


class HasLook(Protocol):
    """How it is, as far as somebody looked."""

    @property
    def last_look(self) -> date | None:
        """The day of the last observation."""

    @property
    def look_again(self) -> bool:
        """Whether that is too long ago to go by."""


def look_again_words(found: HasLook, today: date) -> str:
    """That the last observation is too long ago to go by; empty where it is not."""
    if not found.look_again or found.last_look is None:
        return ""
    weeks = (today - found.last_look).days // 7
    return str(
        ngettext(
            "last observed %(num)s week ago, on %(day)s: look again",
            "last observed %(num)s weeks ago, on %(day)s: look again",
            weeks,
            day=format_date(found.last_look, "medium"),
        )
    )


def rule_change_sentence(change: RuleChange) -> str:
    """Who changed the rule, when and why, and what it was before."""
    before = change.before
    return str(
        _(
            "The rule was changed on %(day)s by %(who)s (%(reason)s). Before, it asked for %(occasions)s occasions, "
            "%(contexts)s contexts and %(observers)s people; %(weeks)s weeks to be maintained, %(times)s days without "
            "it to be lost, and %(again)s weeks to look again.",
            day=format_date(change.at, "long"),
            who=change.by,
            reason=change.reason,
            occasions=before.occasions,
            contexts=before.contexts,
            observers=before.observers,
            weeks=before.maintained_weeks,
            times=before.lost_after,
            again=before.look_again_weeks,
        )
    )


def state_before_words(state: str, change: RuleChange | None) -> str:
    """What a goal would be called by the rule before its last change; empty where it would be called the same."""
    if not state or change is None:
        return ""
    return str(
        _(
            "Since the rule was changed on %(day)s; by the one before: %(state)s",
            day=format_date(change.at, "medium"),
            state=lower_first(label("generalisation", state)),
        )
    )


def basis_words(basis: Mapping[str, Any]) -> str:
    """Which levels a score is made of."""
    if basis["kind"] == "latest":
        return str(_("The latest levels %(where)s", where=label("context-phrase", basis["context"])))
    if basis["kind"] == "agreed":
        day = format_date(date.fromisoformat(basis["on"]), "long")
        parties = (f"{party['name']} ({lower_first(label('party', party['party']))})" for party in basis["parties"])
        return str(_("Levels agreed on %(day)s by: %(names)s", day=day, names=", ".join(parties)))
    return str(_("On which levels it rests was not kept: the latest of each goal then, in whatever context"))


def seen_words(context: str, at: datetime | None, rater: str, *, reported: bool) -> str:
    """Where, when and by whom a level was seen; empty for one that was agreed, or of which nobody kept it."""
    if not context or at is None:
        return ""
    who = _("reported by %(name)s", name=rater) if reported else rater
    return ", ".join((label("context-phrase", context), format_date(at, "medium"), str(who)))


def found_sentence(found: Generalisation, rule: Rule) -> str:
    """What was found outside therapy, held against the rule."""
    if not found.occasions:
        words = _("Outside therapy it has not been shown yet.")
        if any(c.shown or c.tried for c in found.cells if c.context != Context.THERAPY):
            return str(words)
        unknown = _("Nobody has looked there, which is not a no.")
        return f"{words} {unknown}"
    words = _(
        "Outside therapy, occasions on which it was shown: %(occasions)s (the rule asks for %(all_occasions)s); "
        "contexts: %(contexts)s (%(all_contexts)s); people who saw it: %(observers)s (%(all_observers)s).",
        occasions=found.occasions,
        all_occasions=rule.occasions,
        contexts=found.contexts,
        all_contexts=rule.contexts,
        observers=found.observers,
        all_observers=rule.observers,
    )
    if not found.reported:
        return str(words)
    reported = ngettext(
        "%(num)s of the occasions was reported, not seen by who wrote it down.",
        "%(num)s of the occasions were reported, not seen by who wrote them down.",
        found.reported,
    )
    return f"{words} {reported}"


def lag_words(days: int | None) -> str:
    """How long after therapy a skill was first shown in another context; empty where there is nothing to compare."""
    if days is None:
        return ""
    if days == 0:
        return str(_("on the same day as in therapy"))
    if days < 0:
        return str(ngettext("%(num)s day before therapy", "%(num)s days before therapy", -days))
    return str(ngettext("%(num)s day after therapy", "%(num)s days after therapy", days))


def facts(content: Mapping[str, Any]) -> dict[str, str]:
    """What a goal says, field by field, by the name of the field; in the order of the form. Empty ones are there."""
    found = {
        _("Goal"): str(content["statement"]),
        _("The child's own view"): str(content["child_view"]),
        _("Where it should hold"): names("context", content["contexts"]),
        _("Condition"): str(content["condition"]),
        _("Criterion"): str(content["criterion"]),
        _("Most help with which it counts"): label("support", content["support"]),
        _("Where the child stands now"): str(content["baseline"]),
        _("Area of life (ICF)"): f"{content['icf']} {label('icf', content['icf'])}" if content["icf"] else "",
        _("Disciplines that share it"): names("discipline", content["disciplines"]),
        _("Review date"): format_date(date.fromisoformat(content["review_date"]), "long"),
        _("Who will see this"): label("audience", content["audience"]),
    }
    scale: Mapping[str, Any] | None = content["scale"]
    for level in LEVELS:
        words = scale["levels"][str(level)] if scale else ""
        found[_("Level %(level)s", level=level_words(level))] = words
    weighed = scale is not None and scale["importance"] is not None and scale["difficulty"] is not None
    found[_("Level at the start")] = level_words(scale["baseline"]) if scale and scale["baseline"] is not None else ""
    found[_("Importance")] = label("weighing", scale["importance"]) if scale and weighed else ""
    found[_("Difficulty")] = label("weighing", scale["difficulty"]) if scale and weighed else ""
    return found


def names(table: str, values: Any) -> str:
    """Several labels in a row."""
    return ", ".join(label(table, value) for value in values)


# ---- where it holds, and how far ---------------------------------------------------------------------------------


class HasState(HasLook, Protocol):
    """How it is in one context."""

    @property
    def context(self) -> str:
        """Which."""

    @property
    def state(self) -> str:
        """See `coord.domain.case.generalisation.CellState`."""


_HOLDS = (("holds", "still-holds"), ("shown",), ("not-yet",), ("no-longer",), ("unknown",))
"""States of a context that are told together, the best first."""


def where_words(cells: Iterable[HasState], today: date) -> str:
    """Contexts with their states as one sentence: "holds at home and at school; nobody has looked in the community".
    A state that is too old to go by says so; empty where the reader sees no context."""
    told = {
        "holds": _("holds %(where)s"),
        "shown": _("shown %(where)s, not yet often enough"),
        "not-yet": _("tried, not shown yet %(where)s"),
        "no-longer": _("no longer %(where)s"),
        "unknown": _("nobody has looked %(where)s"),
    }
    found, parts = list(cells), []
    for states in _HOLDS:
        places = [_place(cell, today) for cell in found if cell.state in states]
        if places:
            parts.append(str(told[states[0]]) % {"where": format_list(places, locale=reading() or "en")})
    return "; ".join(parts) or (str(_("the work has not begun")) if found else "")


def _place(cell: HasState, today: date) -> str:
    place, again = label("context-phrase", cell.context), look_again_words(cell, today)
    return f"{place} ({again})" if again else place


def reached_words(goals: Sequence[ScaledGoal]) -> str:
    """How many of the goals rated are where they were expected, or further: what a T-score means before its number."""
    reached = sum(goal.level is not None and goal.level >= 0 for goal in goals)
    return str(_("%(reached)s of %(rated)s as expected or further", reached=reached, rated=len(goals)))


# ---- the timeline ------------------------------------------------------------------------------------------------


def entry_sentence(item: Mapping[str, Any], who: str) -> str:
    """What a goal, a strategy or a measure has to tell in the timeline; ``who`` is name and part in the team.

    What is told of groups leaves out who wrote it: that stands below.
    """
    if item["kind"] in ("group", "message"):
        return timeline_words(item["detail"])
    tell = {"goal": _goal_sentence, "strategy": _strategy_sentence, "measure": _measure_sentence}
    return tell[item["kind"]](item["detail"], who)


def _goal_sentence(detail: Mapping[str, Any], who: str) -> str:
    sentences = {
        "proposed": _("%(who)s, proposed a goal", who=who),
        "revised": _("%(who)s, put the goal in other words", who=who),
        "agreed": _("%(who)s, wrote down who agreed to the goal", who=who),
        "active": _("%(who)s, began the work on the goal", who=who),
        "on-hold": _("%(who)s, put the goal on hold", who=who),
        "achieved": _("%(who)s, marked the goal as achieved", who=who),
        "maintained": _("%(who)s, marked the goal as maintained", who=who),
        "stopped": _("%(who)s, stopped the work on the goal", who=who),
    }
    if detail["what"] != "observed":
        return str(sentences[detail["what"]])
    seen = [lower_first(label("level", detail["level"]))] if detail["level"] is not None else []
    seen.append(label("context-phrase", detail["context"]))
    if detail["support"]:
        seen.append(lower_first(label("support", detail["support"])))
    if detail["reported_by"]:
        return str(
            _(
                "%(who)s, wrote down what %(reporter)s saw: %(seen)s",
                who=who,
                reporter=detail["reported_by"],
                seen=", ".join(seen),
            )
        )
    return str(_("%(who)s, observed: %(seen)s", who=who, seen=", ".join(seen)))


def _strategy_sentence(detail: Mapping[str, Any], who: str) -> str:
    if detail["what"] == "offered":
        return str(
            _("%(who)s, offered something to try %(where)s", who=who, where=label("context-phrase", detail["context"]))
        )
    if detail["what"] == "ended":
        return str(_("%(who)s, no longer advises this", who=who))
    outcome = lower_first(label("strategy-outcome", detail["outcome"]))
    if detail["reported_by"]:
        return str(
            _(
                "%(who)s, told what %(reporter)s said of it: %(outcome)s",
                who=who,
                reporter=detail["reported_by"],
                outcome=outcome,
            )
        )
    return str(_("%(who)s, told of it: %(outcome)s", who=who, outcome=outcome))


def _measure_sentence(detail: Mapping[str, Any], who: str) -> str:
    if detail["what"] == "scored":
        return str(_("%(who)s, kept the T-score of the goals", who=who))
    day = format_date(date.fromisoformat(detail["measured_on"]), "medium")
    return str(_("%(who)s, recorded %(instrument)s of %(day)s", who=who, instrument=detail["instrument"], day=day))
