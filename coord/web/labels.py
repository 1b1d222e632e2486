"""What things are called for people: every choice, state and event kind of the domain, in the reader's language.

One home for each name, so that page, document and export say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from babel import Locale
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.application.declared import DECLARED
from coord.domain.events import EVENT_CLASSES
from coord.web.groups.labels import (
    ARRIVALS,
    ATTENDANCES,
    COURSE_PARTS,
    DEMANDS,
    GRADINGS,
    GROUP_ACCESSES,
    GUARDIANS,
    LINE_PARTS,
    NOTE_PARTS,
    PLACES,
    SESSION_STATUSES,
)
from coord.web.spelling import reading

Words = dict[str, LazyString]

ROLES: Words = {
    "therapist": _l("Therapist"),
    "student": _l("Student or assistant"),
    "teacher": _l("Teacher"),
    "team-lead": _l("Team lead"),
    "administrator": _l("Administrator"),
}
DISCIPLINES: Words = {
    "ot": _l("Occupational therapy"),
    "slt": _l("Speech and language therapy"),
    "psychology": _l("Psychology"),
    "other": _l("Other discipline"),
    "school": _l("School"),
}
RELATIONS: Words = {
    "occupational-therapist": _l("Occupational therapist"),
    "speech-therapist": _l("Speech and language therapist"),
    "psychologist": _l("Psychologist"),
    "other-professional": _l("Other professional"),
    "coordinator": _l("Coordinator"),
    "student": _l("Student or assistant"),
    "class-teacher": _l("Class teacher"),
    "support-teacher": _l("Support teacher"),
}
AUDIENCES: Words = {
    "care-team": _l("Care team"),
    "own-discipline": _l("My discipline only"),
    "care-team-and-school": _l("Care team and school"),
    "care-team-and-family": _l("Care team and family"),
}
AUDIENCE_STATEMENTS: Words = {
    "care-team": _l("The therapists on this child's care team will see this. The school and the family will not."),
    "own-discipline": _l("Only people of your own discipline on the care team will see this."),
    "care-team-and-school": _l("The care team and the school will see this. The family will not."),
    "care-team-and-family": _l("The care team and the family will see this. The school will not."),
}
FORMATS: Words = {
    "soap": _l("SOAP"),
    "dap": _l("DAP"),
    "birp": _l("BIRP"),
    "narrative": _l("Narrative"),
    "school-observation": _l("School observation"),
    "template": _l("Template of a service team"),
}
SECTIONS: Words = {
    "subjective": _l("Subjective: what the child or family said"),
    "objective": _l("Objective: what I saw and measured"),
    "assessment": _l("Assessment: what I make of it"),
    "plan": _l("Plan: what comes next"),
    "data": _l("Data: what was said and seen"),
    "behaviour": _l("Behaviour: what the child did"),
    "intervention": _l("Intervention: what I did"),
    "response": _l("Response: how the child responded"),
    "text": _l("What happened"),
    "situation": _l("The situation: lesson, room, people"),
    "observed": _l("What I observed"),
    "what-helped": _l("What helped"),
    "question": _l("A question for the team"),
}
COUNTS_AS: Words = {
    "subjective": _l("What was said"),
    "objective": _l("What was seen"),
    "assessment": _l("What one makes of it: the headline of the note"),
    "plan": _l("What comes next: shown beside the next note"),
}
TEMPLATE_CHANGES: Words = {
    "drawn-up": _l("Drawn up"),
    "changed": _l("Changed into another version"),
    "retired": _l("Offered no longer"),
    "restored": _l("Offered once more"),
}
SETTINGS: Words = {
    "therapy-room": _l("Therapy room"),
    "school": _l("School"),
    "home": _l("Home"),
    "community": _l("Community"),
    "remote": _l("Remote"),
}
STATUSES: Words = {
    "draft": _l("Draft"),
    "signed": _l("Signed"),
    "awaiting-cosignature": _l("Awaiting co-signature"),
    "cosigned": _l("Co-signed"),
    "entered-in-error": _l("Entered in error"),
    "open": _l("Open"),
    "closed": _l("Closed"),
    "none": _l("None yet"),
    "published": _l("Published"),
    "upcoming": _l("Valid later"),
    "recalled": _l("Recalled"),
    "superseded": _l("Superseded"),
    "active": _l("Active"),
    "disabled": _l("Disabled"),
}
KINDS: Words = {
    "note": _l("Note"),
    "summary": _l("School summary"),
    "team": _l("Care team"),
    "case": _l("Case"),
    "goal": _l("Goal"),
    "strategy": _l("Strategy"),
    "measure": _l("Measure"),
    "group": _l("Group"),
    "message": _l("Message"),
    "alert": _l("Alert"),
}
MARKS: Words = {
    "ot": lazy_pgettext("timeline mark", "OT"),
    "slt": lazy_pgettext("timeline mark", "SL"),
    "psychology": lazy_pgettext("timeline mark", "PS"),
    "other": lazy_pgettext("timeline mark", "OD"),
    "school": lazy_pgettext("timeline mark", "SC"),
    "note": lazy_pgettext("timeline mark", "N"),
    "summary": lazy_pgettext("timeline mark", "SU"),
    "team": lazy_pgettext("timeline mark", "T"),
    "case": lazy_pgettext("timeline mark", "C"),
    "goal": lazy_pgettext("timeline mark", "GO"),
    "strategy": lazy_pgettext("timeline mark", "ST"),
    "measure": lazy_pgettext("timeline mark", "ME"),
    "group": lazy_pgettext("timeline mark", "G"),
    "message": lazy_pgettext("timeline mark", "M"),
    "alert": lazy_pgettext("timeline mark", "AL"),
}
"""By the discipline of a note, and by the kind of any other entry; a word for the ear stands with them."""
CONTEXTS: Words = {
    "therapy": _l("Therapy"),
    "home": _l("Home"),
    "school": _l("School"),
    "community": _l("Community"),
}
SUPPORTS: Words = {
    "independent": _l("Independent"),
    "verbal": _l("With words"),
    "visual": _l("With a picture or sign"),
    "physical": _l("With a hand"),
    "not-achieved": _l("Not achieved"),
}
GOAL_STATUSES: Words = {
    "proposed": _l("Proposed"),
    "agreed": _l("Agreed"),
    "active": _l("Being worked on"),
    "on-hold": _l("On hold"),
    "achieved": _l("Achieved"),
    "maintained": _l("Maintained"),
    "stopped": _l("Stopped"),
    "entered-in-error": lazy_pgettext("goal", "Entered in error"),
}
LEVELS: Words = {
    "-2": _l("Much less than expected"),
    "-1": _l("Less than expected"),
    "0": _l("As expected"),
    "1": _l("More than expected"),
    "2": _l("Much more than expected"),
}
CONTEXT_PHRASES: Words = {
    "therapy": _l("in therapy"),
    "home": _l("at home"),
    "school": _l("at school"),
    "community": _l("in the community"),
}
GOAL_AUDIENCE_STATEMENTS: Words = {
    "care-team": _l("The therapists on this child's care team see this goal. The school and the family do not."),
    "own-discipline": _l("Only people of your own discipline on the care team see this goal."),
    "care-team-and-school": _l(
        "The care team sees this goal now, and the school once it is agreed. Of what is observed, the school sees what "
        "was seen at school."
    ),
    "care-team-and-family": _l("The care team sees this goal, and it may be given to the family. The school does not."),
}
WEIGHINGS: Words = {
    "0": _l("0: not at all"),
    "1": _l("1: a little"),
    "2": _l("2: quite"),
    "3": _l("3: very"),
}
GENERALISATION_MEANINGS: Words = {
    "not-tried": _l("The work has not begun."),
    "unknown": _l("Nobody has looked yet. No data is not “no”."),
    "not-yet": _l("It was tried, and not shown so far."),
    "therapy-only": _l("Shown in therapy, and nowhere else so far."),
    "emerging": _l("Shown beyond therapy, and not yet often enough to count on."),
    "generalised": _l("Shown beyond therapy as often as the rule asks."),
    "maintained": _l("Still shown weeks after it generalised."),
    "lost": _l("It had generalised, and was not shown on the last days."),
}
CELL_MEANINGS: Words = {
    "not-tried": _l("The work has not begun."),
    "unknown": _l("Nobody has looked here yet. No data is not “no”."),
    "not-yet": _l("It was tried here, and not shown so far."),
    "shown": _l("Shown here, and not yet often enough to say that it holds."),
    "holds": _l("Shown here on as many occasions as the rule asks for."),
    "still-holds": _l("It holds here, and was still shown weeks later."),
    "no-longer": _l("It held here, and was not shown on the last days."),
}
CELLS: Words = {
    "not-tried": _l("Not tried"),
    "unknown": _l("Unknown"),
    "not-yet": _l("Tried, not yet"),
    "shown": _l("Shown"),
    "holds": _l("Holds here"),
    "still-holds": _l("Still holds here"),
    "no-longer": _l("No longer here"),
}
GENERALISATIONS: Words = {
    "not-tried": _l("Not tried"),
    "unknown": _l("Unknown"),
    "not-yet": _l("Tried, not yet"),
    "therapy-only": _l("Therapy only"),
    "emerging": _l("Emerging"),
    "generalised": _l("Generalised"),
    "maintained": _l("Maintained"),
    "lost": _l("Lost"),
}
PARTIES: Words = {
    "child": _l("The child"),
    "guardian": _l("Parent or guardian"),
    "teacher": _l("Teacher"),
    "professional": _l("Professional"),
    "other": _l("Somebody else"),
}
KINSHIPS: Words = {
    "mother": _l("Mother"),
    "father": _l("Father"),
    "grandparent": _l("Grandparent"),
    "sibling": _l("Brother or sister"),
    "other-relative": _l("Another relative"),
    "foster-parent": _l("Foster parent"),
    "guardian": _l("Guardian"),
    "childminder": _l("Childminder"),
    "teacher": _l("Teacher"),
    "assistant": _l("Assistant at school"),
    "coach": _l("Coach or group leader"),
    "other": _l("Somebody else"),
}
ALERT_KINDS: Words = {
    "health": _l("Health"),
    "safety": _l("Safety"),
    "contact": _l("Who may have contact"),
}
ALERT_STEPS: Words = {
    "raised": _l("Alert raised"),
    "changed": _l("Alert changed"),
    "ended": _l("Alert ended"),
}
STRATEGY_OUTCOMES: Words = {
    "helped": _l("It helped"),
    "did-not": _l("It did not help"),
    "not-yet": _l("Not tried yet"),
}
STRATEGY_STATUSES: Words = {
    "offered": _l("To try"),
    "ended": _l("No longer advised"),
}
METRICS: Words = {
    "standard-100-15": _l("Standard score (mean 100, deviation 15)"),
    "scaled-10-3": _l("Scaled score (mean 10, deviation 3)"),
    "t-50-10": _l("T-score (mean 50, deviation 10)"),
    "z-0-1": _l("z-score (mean 0, deviation 1)"),
    "percentile-only": _l("Percentile only"),
    "raw-only": _l("Raw score only"),
    "other": _l("Another metric"),
}
DIRECTIONS: Words = {
    "higher-is-better": _l("Higher is better"),
    "higher-is-worse": _l("Higher is worse"),
    "unknown": _l("Not said"),
}
ICF: Words = {
    "d1": _l("Learning and applying knowledge"),
    "d2": _l("General tasks and demands"),
    "d3": _l("Communication"),
    "d4": _l("Mobility"),
    "d5": _l("Self-care"),
    "d6": _l("Domestic life"),
    "d7": _l("Interpersonal interactions and relationships"),
    "d8": _l("Major life areas"),
    "d9": _l("Community, social and civic life"),
}
SUMMARY_SECTIONS: Words = {
    "strengths": _l("Strengths and interests"),
    "helps": _l("What helps"),
    "avoid": _l("What to avoid"),
    "overload-signs": _l("Signs that it is too much"),
    "overload-response": _l("What to do then"),
    "aims": _l("What we are working on"),
    "lessons": _l("In lessons"),
    "transitions": _l("In transitions"),
    "playground": _l("In the playground"),
}
OUT_OF_DATE: Words = {
    "source-amended": _l("An entry that this rests on has been corrected since."),
    "source-in-error": _l("An entry that this rests on was entered in error."),
    "source-narrowed": _l("A note that this rests on is for fewer people now."),
    "source-revised": _l("A goal that this rests on stands in other words now."),
    "source-achieved": _l("A goal that this rests on has been reached."),
    "source-ended": _l("A goal that this rests on has been given up."),
    "advice-ended": _l("Advice that stood here is no longer given. The school does not see it any more."),
    "review-date-passed": _l("The review date has passed."),
}
CHANGES: Words = {
    topic.rsplit(".v", 1)[0]: LazyString(gettext, kind.HISTORY)
    for area in ("case", "person", "activity", "note-template", "policy", "course")
    for topic, kind in EVENT_CLASSES.items()
    if topic.startswith(f"{area}.")
}
PURPOSES: Words = {
    "care": _l("Care of the child"),
    "school": _l("Work with the child at school"),
    "team-lead-review": _l("Review by the team lead"),
    "export": _l("Taken out as a file"),
    "service": _l("Running the service"),
    "account": _l("Sign-in and accounts"),
    "operator": _l("Operation of Coord, at the command line"),
}
DATA_CATEGORIES: Words = {
    "identity": _l("Name and details"),
    "care-team": _l("Care team"),
    "alerts": _l("Alerts"),
    "notes": _l("Notes"),
    "drafts": _l("Own drafts"),
    "goals": _l("Goals"),
    "measures": _l("Measures"),
    "strategies": _l("Things to try"),
    "summary": _l("School summary"),
    "groups": _l("Groups"),
    "history": _l("History"),
    "record": _l("The whole record"),
}
ACCESSES: Words = {
    **{name: LazyString(gettext, declared.words) for name, declared in DECLARED.items()},
    "signed-in": _l("Signed in"),
    "signed-out": _l("Signed out"),
    "role-chosen": _l("Chose a role"),
    "sign-in-failed": _l("Failed to sign in"),
    "sign-in-throttled": _l("Sign-in held back after failures"),
    "sign-in-half-open": _l("Gave the right password, and was asked for a second factor"),
    "second-factor-failed": _l("Failed to show a second factor"),
    "second-factor-throttled": _l("Second factor held back after failures"),
    "proved-again": _l("Showed that it is still they"),
    "proof-failed": _l("Failed to show that it is still they"),
    "factor-added": _l("Added a second factor"),
    "factor-removed": _l("Removed a second factor"),
    "recovery-codes-made": _l("Made recovery codes"),
    "token-refused": _l("API token refused"),
    "password-changed": _l("Changed their password"),
    "password-given": _l("Gave somebody a one-time password"),
    "password-chosen": _l("Chose a password by a link"),
    "invited": _l("Invited somebody to choose a password"),
    "link-given": _l("Gave somebody a link for a new password"),
    "reset-asked": _l("Asked for a link for a forgotten password"),
    "reset-throttled": _l("Asking for a forgotten password held back"),
    "sign-ins-ended": _l("Ended somebody's sign-ins"),
    "factors-removed": _l("Removed somebody's second factors"),
    "token-ended": _l("Revoked somebody's API token"),
    "token-issued": _l("Made an API token"),
    **GROUP_ACCESSES,
}
OUTCOMES: Words = {
    "shown": _l("Shown"),
    "refused": _l("Refused"),
    "failed": _l("Failed"),
    "done": _l("Done"),
}

# ---- the activity library, groups and policies
GROUP_KINDS: Words = {
    "therapeutic-play": _l("Therapeutic play"),
    "sensory-integration": _l("Sensory integration (ASI-informed)"),
    "social-skills": _l("Social skills"),
    "psycho-educational": _l("Psycho-educational, children and parents"),
    "school-skills": _l("School and pre-school skills"),
}
SKILL_AREAS: Words = {
    "fine-motor": _l("Fine motor"),
    "gross-motor": _l("Gross motor"),
    "sensory": _l("Sensory"),
    "cognitive": _l("Cognitive"),
    "communication": _l("Communication"),
    "social": _l("Social"),
    "emotional-regulation": _l("Emotional regulation"),
    "attention": _l("Attention"),
    "hand-eye-coordination": _l("Hand-eye coordination"),
    "memory": _l("Memory"),
    "autonomy": _l("Autonomy"),
}
DEMAND_LEVELS: Words = {
    "low": _l("Low"),
    "moderate": _l("Moderate"),
    "high": _l("High"),
}
ACTIVITY_FIELDS: Words = {
    "title": _l("Title"),
    "purpose": _l("Purpose"),
    "kinds": _l("Kinds of group"),
    "skills": _l("Skill areas"),
    "icf": _l("ICF chapters"),
    "age_from": _l("Age from"),
    "age_to": _l("Age to"),
    "cognitive": _l("Cognitive demands"),
    "motor": _l("Motor demands"),
    "communication": _l("Communication demands"),
    "materials": _l("Materials"),
    "contraindications": _l("Not suitable when"),
    "watch": _l("What to watch"),
    "steps": _l("Steps"),
    "grade_down": _l("To make it easier"),
    "grade_up": _l("To make it harder"),
    "at_home": _l("To try at home"),
    "in_class": _l("To try in class"),
}
ACTIVITY_STATUSES: Words = {
    "in-use": _l("In use"),
    "retired": _l("Out of use"),
    "all": _l("All"),
}
ACTIVITY_CHANGES: Words = {
    "written": _l("Written"),
    "revised": _l("Revised"),
    "retired": _l("Taken out of use"),
    "restored": _l("Offered again"),
}
POLICY_NAMES: Words = {
    "generalisation": _l("When a skill is generalised"),
    **GROUP_KINDS,
    "signing-in": _l("Signing in"),
}
POLICY_PARTS: Words = {
    "occasions": _l("Occasions on which it was shown"),
    "contexts": _l("Contexts outside therapy"),
    "observers": _l("Different observers"),
    "maintained_weeks": _l("Weeks later, to be maintained"),
    "look_again_weeks": _l("Weeks without an observation, to look again"),
    "lost_after": _l("Days in a row without it, to be lost"),
    "suits": _l("Suits whom"),
    "age_from": _l("Age from"),
    "age_to": _l("Age to"),
    "size_least": _l("Children, at least"),
    "size_most": _l("Children, at most"),
    "children_per_staff": _l("Children for each member of staff, at most"),
    "staff_least": _l("Members of staff, at least"),
    "minutes_from": _l("Minutes of a session, from"),
    "minutes_to": _l("Minutes of a session, to"),
    "sessions_from": _l("Sessions of a course, from"),
    "sessions_to": _l("Sessions of a course, to"),
    "second_factor": _l("Who shows a second factor"),
    "grace_days": _l("Days to set one up, from the first sign-in"),
    "shape": _l("Shape of a session"),
    "record": _l("What to record for each child"),
}
SESSION_STEPS: Words = {
    "welcome": _l("Welcome and visual schedule"),
    "warm-up": _l("Warm-up"),
    "main": _l("Main activity"),
    "cool-down": _l("Cool-down"),
    "reflection": _l("Reflection, message for home or school"),
    "debrief": _l("Debrief and notes"),
}
RECORDED: Words = {
    "attendance": _l("Attendance, and the reason of an absence"),
    "arrival": _l("How the child arrived"),
    "goals": _l("Goals worked on"),
    "grading": _l("Grading used"),
    "support": _l("Support given"),
    "response": _l("How the child responded"),
    "ratings": _l("Ratings of goals"),
    "incident": _l("Incident"),
    "message": _l("Message for home or school"),
    "guardian": _l("Which guardian came"),
    "practice": _l("Practice agreed for home"),
}
SUITS_BY_DEFAULT: Words = {
    "therapeutic-play": _l(
        "Children with developmental or psychomotor difficulties, for whom play is the work: hands, words, others."
    ),
    "sensory-integration": _l(
        "Children with sensory processing difficulties, ADHD or autism, whose senses or planning of movement hold them "
        "back."
    ),
    "social-skills": _l(
        "Children with autism or behavioural difficulties, who can be with others for a while and want to learn how."
    ),
    "psycho-educational": _l(
        "Children and their parents, who want to go on at home with what is begun here. Sizes count families."
    ),
    "school-skills": _l(
        "Children with specific learning difficulties or cognitive delay, before and in the first years of school."
    ),
}
"""The default words of the policies, which are nobody's own (a test holds them equal to the domain's)."""

ACCOUNT_CHANGES: Words = {
    "registration": _l("Registration"),
    "role": _l("Role or discipline"),
    "role-added": _l("Further role"),
    "team": _l("Service team"),
    "email": _l("Email address"),
    "access": _l("Access again"),
    "password": _l("New password"),
    "factors": _l("No second factor any more"),
}
"""What takes two people."""
DONE_TO_ACCOUNTS: Words = {
    "password-given": _l("One-time password given"),
    "password-chosen": _l("Password chosen by a link"),
    "invited": _l("Invitation mailed"),
    "link-given": _l("Link for a new password given"),
    "sign-ins-ended": _l("Sign-ins ended"),
    "factors-removed": _l("Second factors removed"),
    "token-issued": _l("API token made"),
    "token-ended": _l("API token revoked"),
}

COMPLAINT_FILE_CHAPTERS: Words = {
    "child": _l("The child and the care team"),
    "summaries": _l("School summary"),
    "goals": _l("Goals"),
    "entries": _l("The record, by the day it tells of"),
    "changes": _l("Who wrote and changed what"),
    "looks": _l("Who looked"),
}
TABLES: dict[str, Words] = {
    "complaint-file-chapter": COMPLAINT_FILE_CHAPTERS,
    "account-change": ACCOUNT_CHANGES,
    "account-done": DONE_TO_ACCOUNTS,
    "role": ROLES,
    "discipline": DISCIPLINES,
    "relation": RELATIONS,
    "audience": AUDIENCES,
    "format": FORMATS,
    "counts-as": COUNTS_AS,
    "template-change": TEMPLATE_CHANGES,
    "section": SECTIONS,
    "setting": SETTINGS,
    "status": STATUSES,
    "kind": KINDS,
    "mark": MARKS,
    "summary-section": SUMMARY_SECTIONS,
    "out-of-date": OUT_OF_DATE,
    "change": CHANGES,
    "access": ACCESSES,
    "purpose": PURPOSES,
    "data-category": DATA_CATEGORIES,
    "outcome": OUTCOMES,
    "context": CONTEXTS,
    "support": SUPPORTS,
    "goal-status": GOAL_STATUSES,
    "level": LEVELS,
    "generalisation": GENERALISATIONS,
    "generalisation-meaning": GENERALISATION_MEANINGS,
    "context-phrase": CONTEXT_PHRASES,
    "cell": CELLS,
    "cell-meaning": CELL_MEANINGS,
    "kinship": KINSHIPS,
    "weighing": WEIGHINGS,
    "party": PARTIES,
    "alert": ALERT_STEPS,
    "alert-kind": ALERT_KINDS,
    "strategy-outcome": STRATEGY_OUTCOMES,
    "strategy-status": STRATEGY_STATUSES,
    "informant": PARTIES,
    "metric": METRICS,
    "direction": DIRECTIONS,
    "icf": ICF,
    "group-kind": GROUP_KINDS,
    "skill": SKILL_AREAS,
    "demand": DEMAND_LEVELS,
    "activity-field": ACTIVITY_FIELDS,
    "activity-status": ACTIVITY_STATUSES,
    "activity-change": ACTIVITY_CHANGES,
    "policy": POLICY_NAMES,
    "policy-part": POLICY_PARTS,
    "session-step": SESSION_STEPS,
    "recorded": RECORDED,
    "attendance": ATTENDANCES,
    "arrival": ARRIVALS,
    "grading": GRADINGS,
    "guardian": GUARDIANS,
    "place": PLACES,
    "session-status": SESSION_STATUSES,
    "demand-of": DEMANDS,
    "line-part": LINE_PARTS,
    "note-part": NOTE_PARTS,
    "course-part": COURSE_PARTS,
}


class _Said(dict[tuple[str, object], str]):
    """The labels of one language that were said before: a page of a course says hundreds of them."""

    def __missing__(self, wanted: tuple[str, object]) -> str:
        table, value = wanted
        code = str(value)
        words = TABLES[table].get(code)
        if words is None:
            return code
        self[wanted] = found = str(words)
        return found


def label(table: str, value: object) -> str:
    """What ``value`` is called in ``table``; the value itself where nothing is known; "" for None."""
    return "" if value is None else _said_in(reading())[table, value]


def with_code(code: str) -> str:
    """A chapter of the ICF, by its code and its title."""
    return f"{code} {label('icf', code)}"


def label_in(locale: Locale | None) -> Callable[[str, object], str]:
    """The same for one language, which must be that of the request when it is asked."""
    said = _said_in(locale)
    return lambda table, value: "" if value is None else said[table, value]


@cache
def _said_in(_locale: Locale | None) -> _Said:
    return _Said()
