"""The shapes of requests and answers about goals, what was observed of them, the score and the matrix."""

from __future__ import annotations

from marshmallow import fields

from coord.application.goals.questions import StrategyLine
from coord.application.questions import AroundTheChild
from coord.domain.actors import Discipline
from coord.domain.case.attainment import LEVELS
from coord.domain.case.goals.life import Status
from coord.domain.case.goals.wording import AGREED_SUPPORT, SUPPORTS, Context
from coord.domain.case.parties import MOST_PARTIES, PARTIES
from coord.domain.icf import ICF_CHAPTERS
from coord.domain.input import REASON, SHORT, STATEMENT
from coord.web.api.fields import (
    Day,
    Flag,
    Items,
    Part,
    Strict,
    Switch,
    choice,
    confirmed,
    figure,
    id_,
    names_confirmed,
    number,
    time_,
    whole,
    words,
)
from coord.web.api.of_a_case import OfACase
from coord.web.api.schemas import AUDIENCES, NEW_ID, Person
from coord.web.api.typed import shape

CONTEXTS = tuple(c.value for c in Context)
DISCIPLINES = tuple(d.value for d in Discipline)
STATUSES = tuple(s.value for s in Status)
GOAL_STATES = ("not-tried", "unknown", "not-yet", "therapy-only", "emerging", "generalised", "maintained", "lost")
CELL_STATES = ("not-tried", "unknown", "not-yet", "shown", "holds", "still-holds", "no-longer")
SEEN_AS = ("writer", "team", "circle", "written")
BASES = ("latest", "agreed", "not-kept")


# ---- requests ----------------------------------------------------------------------------------------------------

LevelTexts = Strict.from_dict(
    {str(n): words("What one sees at this level", required=True, limit=STATEMENT) for n in LEVELS}, name="LevelTexts"
)
"""Five texts, from much less than expected (-2) to much more than expected (2)."""


class NewScale(Strict):
    """Five levels, each to be told from the others by what one sees; written before the work starts.

    The weight is importance times difficulty where both are given, else 1.
    """

    levels = Part(LevelTexts, required=True)
    baseline = number(-2, 2, "The level at the start")
    importance = number(0, 3)
    difficulty = number(0, 3)


class GoalWords(Strict):
    """What a goal says."""

    statement = words("In words that a parent understands", limit=STATEMENT)
    child_view = words("The child's own view of it", limit=REASON)
    icf = choice(*ICF_CHAPTERS, null=True, about="Chapter of the ICF's activities and participation")
    disciplines = Items(choice(*DISCIPLINES), metadata={"description": "That share it; your own, if left out"})
    contexts = Items(choice(*CONTEXTS), metadata={"description": "Where it should hold"})
    condition = words("Under which condition", limit=STATEMENT)
    criterion = words("From when on it counts as met", limit=STATEMENT)
    support = choice(*AGREED_SUPPORT, about="The most help with which it still counts")
    baseline = words("How it is at the start", limit=REASON)
    review_date = Day()
    audience = choice(*AUDIENCES, about="Who, beside you, may read it")
    scale = Part(NewScale, allow_none=True, metadata={"description": "Replaces the one before as a whole"})


class NewGoal(GoalWords):
    """A goal to propose."""

    id = id_(NEW_ID)
    statement = words("In words that a parent understands", required=True, limit=STATEMENT)
    contexts = Items(choice(*CONTEXTS), required=True, metadata={"description": "Where it should hold"})
    review_date = Day(required=True)


class GoalChanges(GoalWords):
    """What it should say instead; the rest stays. Other levels begin a new `scale_version`."""

    reason = words("Why it is changed", required=True, limit=REASON)


class NewParty(Strict):
    """Somebody who agrees, and as what."""

    name = words(required=True, limit=SHORT)
    party = choice(*PARTIES, required=True)


class NewAgreement(Strict):
    """Who agrees to the goal as it stands."""

    parties = Items(Part(NewParty), required=True, metadata={"maxItems": MOST_PARTIES})


class NewObservation(Strict):
    """What somebody saw of a goal: at least one of `level`, `support` and `remark`."""

    id = id_(NEW_ID)
    context = choice(*CONTEXTS, required=True, about="A teacher observes at school")
    level = number(-2, 2, "On the goal's scale; unrated is not zero")
    scale_version = number(1, 10_000, "Of the scale that you read the level on; refused if it is another now")
    support = choice(*SUPPORTS, null=True, about="The help that was needed")
    remark = words(limit=REASON)
    names_confirmed = names_confirmed()
    observed_at = time_("Now, if left out", null=True)
    seen_by = id_("Who saw it, where that is not you: of the care team, or of the child's circle", null=True)
    reported_by = words("The same as a name alone, which may be anybody's: better is `seen_by`", limit=SHORT)
    note = id_("The entry that it comes from", null=True)
    confirmed = confirmed()


class AgreedLevel(Strict):
    """The level of one goal."""

    goal = id_(required=True)
    level = number(-2, 2, required=True)


class NewAgreedLevels(Strict):
    """The levels that these people agreed on a day, at a review."""

    on = Day(required=True)
    parties = Items(Part(NewParty), required=True, metadata={"maxItems": MOST_PARTIES})
    levels = Items(Part(AgreedLevel), required=True)


class NewScore(Strict):
    """Of which levels: the latest in one `context`, or `agreed` ones. The goals are those under way or achieved that
    you may read. With neither, it is the only context in which anything is rated; where there are several, name one."""

    id = id_(NEW_ID)
    context = choice(*CONTEXTS, null=True)
    agreed = Part(NewAgreedLevels, allow_none=True)


class GoalsQuery(Strict):
    """Which goals."""

    ended = Switch(load_default=False, metadata={"description": "Those stopped or entered in error too"})


# ---- answers -----------------------------------------------------------------------------------------------------


class Scale(Strict):
    """Five levels and what the weight is made of. A teacher gets the levels."""

    levels = Part(LevelTexts, required=True)
    baseline = fields.Integer(allow_none=True)
    importance = fields.Integer(allow_none=True)
    difficulty = fields.Integer(allow_none=True)


class GoalText(Strict):
    """What a goal says. `icf`, `disciplines` and `baseline` are not for teachers."""

    statement = words(required=True)
    child_view = words(required=True)
    icf = choice(*ICF_CHAPTERS, null=True)
    disciplines = fields.List(fields.String())
    contexts = fields.List(choice(*CONTEXTS), required=True)
    condition = words(required=True)
    criterion = words(required=True)
    support = choice(*AGREED_SUPPORT, required=True)
    baseline = words()
    review_date = Day(required=True)
    audience = choice(*AUDIENCES, required=True)
    scale = Part(Scale, required=True, allow_none=True)


class SeenBy(Strict):
    """Who saw it: who wrote it down (`writer`), somebody of the care team or of the child's circle, or a name that was
    only typed (`written`). Name and relation are as they were then."""

    known_as = choice(*SEEN_AS, required=True)
    person = id_(required=True, null=True)
    name = words(required=True)
    relation = words(required=True)


class GoalObservation(Strict):
    """What somebody saw, in a context."""

    id = id_(required=True)
    context = choice(*CONTEXTS, required=True)
    level = whole(null=True)
    scale_version = whole()
    comparable = Flag(required=True, metadata={"description": "Whether the level is on the present scale"})
    support = choice(*SUPPORTS, required=True, null=True)
    shown = Flag(
        required=True,
        allow_none=True,
        metadata={"description": "Whether the rule takes it for the skill shown; null where it cannot say"},
    )
    remark = words(required=True)
    observed_at = time_(required=True)
    received_at = time_(required=True)
    observer = fields.Nested(Person, required=True)
    reported_by = words("Who saw it, where that is not the observer", required=True)
    seen_by = fields.Nested(SeenBy, required=True)
    note = id_(required=True, null=True)
    error_reason = words("Why it was entered in error; null if it stands", required=True, null=True)


class GeneralisationCell(Strict):
    """One goal in one context, with the observations that it rests on, oldest first. It speaks of this one alone."""

    context = choice(*CONTEXTS, required=True)
    state = choice(*CELL_STATES, required=True, about="`unknown`: nobody looked; that is not `not-yet`")
    shown = fields.List(fields.UUID(), required=True, metadata={"description": "Observations of the skill"})
    tried = fields.List(fields.UUID(), required=True, metadata={"description": "Observations without it"})
    first_shown = Day(required=True, allow_none=True)
    last_shown = Day(required=True, allow_none=True)
    lag_days = whole("From the first time in therapy to the first time here", null=True)
    occasions = whole("On which it was shown: distinct days and observers")
    of = whole("Of so many occasions on which somebody looked")
    last_look = Day(required=True, allow_none=True)
    look_again = Flag(required=True, metadata={"description": "The last observation is too long ago to go by"})


class GeneralisationRule(Strict):
    """The numbers of the rule: so many occasions in so many contexts outside therapy, seen by so many observers."""

    occasions = whole("An occasion is a distinct day, context and observer")
    contexts = whole()
    observers = whole("Names that were only typed count as one together, and as none beside somebody of the circle")
    maintained_weeks = whole("Still shown so long after it generalised")
    lost_after = whole("Days in a row on which it was looked for and not shown")
    look_again_weeks = whole("Without an observation; then nobody can say how it is")


class Generalisation(Strict):
    """Where a skill is shown. The counts are those outside therapy, to be held against the rule."""

    state = choice(*GOAL_STATES, required=True)
    since = Day(required=True, allow_none=True)
    occasions = whole()
    contexts = whole()
    observers = whole()
    reported = whole("Of the occasions, those told by others to who wrote them down")
    last_look = Day(required=True, allow_none=True, metadata={"description": "That the state rests on"})
    look_again = Flag(required=True, metadata={"description": "The last observation is too long ago to go by"})
    rule = fields.Nested(GeneralisationRule, required=True, metadata={"description": "That the state was found by"})
    state_before = choice(
        *GOAL_STATES, required=True, null=True, about="By the rule before its last change, where that is another"
    )
    cells = fields.List(fields.Nested(GeneralisationCell), required=True)


class RuleChange(Strict):
    """The last change of the rule by the child's service team, and the rule until then."""

    at = time_(required=True)
    by = words("The name", required=True)
    reason = words(required=True)
    before = fields.Nested(GeneralisationRule, required=True)


class GoalLine(GoalText):
    """A goal as it stands, with what was observed of it, oldest first."""

    id = id_(required=True)
    status = choice(*STATUSES, required=True)
    version = whole("What an edit has to name in If-Match; an observation does not change it")
    scale_version = whole()
    author_name = words(required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True, about="That it was proposed from")
    proposed_at = time_(required=True)
    agreed_as_it_stands = Flag(required=True)
    review_passed = Flag(required=True)
    level = whole("The latest comparable one; null is unrated, which is not zero", null=True)
    level_on = time_(required=True, null=True)
    level_context = choice(*CONTEXTS, required=True, null=True)
    level_by = words("Who saw it", required=True, null=True)
    observations = fields.List(fields.Nested(GoalObservation), required=True)
    generalisation = fields.Nested(Generalisation, required=True)
    may = fields.List(
        fields.String(), required=True, metadata={"description": "Commands that you could carry out on it now"}
    )


class GoalVersion(Strict):
    """One wording of a goal."""

    number = whole()
    scale_version = whole()
    content = fields.Nested(GoalText, required=True)
    by = fields.Nested(Person, required=True)
    at = time_(required=True)
    reason = words(required=True)


class Party(Strict):
    """Somebody who agreed."""

    name = words(required=True)
    party = choice(*PARTIES, required=True)


class Agreement(Strict):
    """Who agreed to which wording; `by` wrote it down."""

    content_version = whole()
    parties = fields.List(fields.Nested(Party), required=True)
    by = fields.Nested(Person, required=True)
    at = time_(required=True)


class GoalStatusChange(Strict):
    """From which state to which."""

    before = choice(*STATUSES, required=True)
    status = choice(*STATUSES, required=True)
    by = fields.Nested(Person, required=True)
    at = time_(required=True)
    reason = words(required=True)


class GoalAnswer(OfACase, GoalLine):
    """One goal's story. Observations are newest first; those entered in error are there for who deals with them."""

    versions = fields.List(fields.Nested(GoalVersion), required=True)
    agreements = fields.List(fields.Nested(Agreement), required=True)
    statuses = fields.List(fields.Nested(GoalStatusChange), required=True)
    strategies = fields.List(fields.Nested(shape(StrategyLine)), required=True)
    next_statuses = fields.List(choice(*STATUSES), required=True)
    observe_in = fields.List(choice(*CONTEXTS), required=True, metadata={"description": "Where you may observe"})
    rule = fields.Nested(GeneralisationRule, required=True)
    rule_change = fields.Nested(RuleChange, required=True, allow_none=True)
    around = fields.List(
        fields.Nested(shape(AroundTheChild)), required=True, metadata={"description": "Whom you may name in `seen_by`"}
    )


class Basis(Strict):
    """Which levels a score is made of: the latest in one context, what people agreed on a day, or (of a score from
    before bases were kept) nobody knows."""

    kind = choice(*BASES, required=True)
    context = choice(*CONTEXTS, required=True, null=True)
    on = Day(required=True, allow_none=True)
    parties = fields.List(fields.Nested(Party), required=True)


class ScoredGoal(Strict):
    """A goal in the score, as it is or was then: its level stands beside the T-score; of a latest level also where and
    when it was seen, and by whom."""

    goal = id_(required=True)
    weight = whole()
    level = whole()
    baseline = whole(null=True)
    scale_version = whole()
    context = choice(*CONTEXTS, required=True, null=True)
    seen_at = time_(required=True, null=True)
    rater = words("Who saw it", required=True, null=True)
    reported = Flag(required=True, metadata={"description": "They told it to who wrote it down"})
    observation = id_(required=True, null=True)


class KeptScoredGoal(ScoredGoal):
    """The same, with what the goal says."""

    statement = words(required=True)


class Attainment(Strict):
    """The T-score over the goals as they are rated now in one context. A summary, and never to rank children by."""

    basis = fields.Nested(Basis, required=True)
    t = figure("Not rounded; null where nothing is rated, which is not 50", null=True)
    baseline_t = figure("Over the same goals; null unless each has a baseline", null=True)
    change = figure("From the baseline to now", null=True)
    rated = whole("Goals in it")
    scaled = whole("Goals that could be in it")
    rho = figure("The assumed correlation between goals")
    included = fields.List(fields.Nested(ScoredGoal), required=True)


class EarlierScore(Strict):
    """The score kept before on the same basis. It is not to be compared where other goals were in it, or where the
    scale of a goal was written anew in between."""

    at = time_(required=True)
    t = figure()
    other_goals = Flag(required=True)
    other_scales = fields.List(fields.String(), required=True, metadata={"description": "The statements of the goals"})


class KeptScore(Strict):
    """A T-score that was kept, with all that it was made of."""

    id = id_(required=True)
    at = time_(required=True)
    by = words("The name", required=True)
    t = figure()
    baseline_t = figure(null=True)
    rho = figure()
    rated = whole()
    scaled = whole()
    basis = fields.Nested(Basis, required=True)
    goals = fields.List(fields.Nested(KeptScoredGoal), required=True)
    earlier = fields.Nested(EarlierScore, required=True, allow_none=True)


class GoalsAnswer(OfACase):
    """The child's goals at a glance. Scores are not for teachers."""

    goals = fields.List(fields.Nested(GoalLine), required=True)
    strategies = fields.List(fields.Nested(shape(StrategyLine)), required=True)
    attainments = fields.List(
        fields.Nested(Attainment), required=True, metadata={"description": "One for each context with a rating"}
    )
    scores = fields.List(fields.Nested(KeptScore), required=True, metadata={"description": "Kept ones, newest first"})
    scores_withheld = whole("Kept scores that rest on a goal which you may not read")
    rule = fields.Nested(GeneralisationRule, required=True)
    rule_change = fields.Nested(RuleChange, required=True, allow_none=True)
    may = fields.List(fields.String(), required=True)


class GeneralisationRow(Generalisation):
    """One goal's row of the matrix."""

    goal = id_(required=True)
    statement = words(required=True)
    status = choice(*STATUSES, required=True)


class GeneralisationAnswer(OfACase):
    """The matrix, goal by context, and the numbers of its rule."""

    rows = fields.List(fields.Nested(GeneralisationRow), required=True)
    rule = fields.Nested(GeneralisationRule, required=True)
    rule_change = fields.Nested(RuleChange, required=True, allow_none=True)
