"""Goals in words: levels, the rule and what it found, what a goal says field by field, and what the timeline tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, format_decimal, ngettext
from flask_babel import gettext as _

from coord.domain.case.attainment import LEVELS
from coord.domain.case.generalisation import Generalisation, Rule
from coord.domain.case.goals.wording import Context
from coord.web.group_words import timeline_words
from coord.web.labels import label

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


def lower_first(words: str) -> str:
    """The same words inside a sentence."""
    return words[:1].lower() + words[1:]


def score_words(t: float | None) -> str:
    """A T-score to one place; more would claim more than it knows."""
    return "" if t is None else str(format_decimal(round(t, 1), format="0.0"))


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
            "A skill has generalised when it was shown outside therapy at least %(occasions)s times, in at least "
            "%(contexts)s places, seen by at least %(observers)s people.",
            occasions=rule.occasions,
            contexts=rule.contexts,
            observers=rule.observers,
        ),
        _(
            "In one place it has generalised when it was shown there at least %(occasions)s times.",
            occasions=rule.occasions,
        ),
        _(
            "It is maintained when it is still shown %(weeks)s weeks after that, and lost when it was not shown the "
            "last %(times)s times.",
            weeks=rule.maintained_weeks,
            times=rule.lost_after,
        ),
        _(
            "It counts as shown at the level “as expected” or above, where a level was rated, and with no more help "
            "than agreed, where the help was told. Where nobody looked, nothing is known."
        ),
    ]


def found_sentence(found: Generalisation, rule: Rule) -> str:
    """What was found outside therapy, held against the rule."""
    if not found.occasions:
        words = _("Outside therapy it has not been shown yet.")
        if any(c.shown or c.tried for c in found.cells if c.context != Context.THERAPY):
            return str(words)
        unknown = _("Nobody has looked there, which is not a no.")
        return f"{words} {unknown}"
    return str(
        _(
            "Outside therapy, times shown: %(occasions)s (the rule asks for %(all_occasions)s); places: %(contexts)s "
            "(%(all_contexts)s); people who saw it: %(observers)s (%(all_observers)s).",
            occasions=found.occasions,
            all_occasions=rule.occasions,
            contexts=found.contexts,
            all_contexts=rule.contexts,
            observers=found.observers,
            all_observers=rule.observers,
        )
    )


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
