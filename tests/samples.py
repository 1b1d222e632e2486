"""One sample of each command that makes something, for the tests that hold of all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

from coord.application.activities.commands import WriteActivity
from coord.application.case.commands import EndAlert, NameInCircle, OpenCase, RaiseAlert
from coord.application.declared import DECLARED, Command
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.note_templates.commands import DrawUpNoteTemplate, RestoreNoteTemplate, RetireNoteTemplate
from coord.application.notes.commands import AddAddendum, SignNote
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonEmail,
    EndPersonRole,
    RegisterPerson,
    RenamePerson,
)
from coord.domain.activity import ActivityContent
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Role
from coord.domain.case import NoteContent, ObservationContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.strategies import TrialContent
from coord.domain.note_template import SectionContent, TemplateContent
from tests.aims import NUTS, alerted, strategy, tried
from tests.application.test_goals import goal, see, words
from tests.group_story import a_group, course_content
from tests.house import House


@dataclass(frozen=True)
class Sample:
    """What somebody sends, and the same id with another word. ``loads`` is what the handler looks up first."""

    who: Actor
    command: Command
    otherwise: Command
    loads: str = "case"


@dataclass(frozen=True)
class Why:
    """The page that asks why before something is done: its endpoint, and its address (``{it}`` is what is given).

    ``said`` is said when it is done. Twice is as good as once if it is so ``already``; ``not_for`` is somebody of the
    `House` who sees what it is about, and may not do it.
    """

    endpoint: str
    page: str
    said: str
    not_for: str = ""
    already: bool = False


@dataclass(frozen=True)
class Plain:
    """A command that changes what is there, in a plain way: all that the tests that walk over everything need of it.

    ``given`` makes what it is about, and answers what the address names; ``who`` is somebody of the `House`. With
    ``body`` it is carried out, and its event says the same but for what is ``kept`` otherwise; of what is ``wrong``
    each is refused at its pointer. ``says`` is what its event says that is frozen, and ``form`` where its form on a
    page is: the name that it is declared under, the page, and where it is sent; ``{it}`` in both is what is ``given``.
    """

    route: tuple[str, str]
    who: str
    given: Callable[[House], dict[str, Any]]
    body: Mapping[str, Any]
    wrong: Sequence[tuple[Mapping[str, Any], str, str]]
    command: Callable[..., Command]
    topic: str
    says: Mapping[str, Any]
    form: tuple[str, str, str] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    why: Why | None = None

    def path(self, ids: Mapping[str, Any]) -> str:
        """Where it is sent, for what is there."""
        return self.route[1].format(**ids)


def _of(who: Actor, command: Any, loads: str = "case", **otherwise: Any) -> Sample:
    return Sample(who, command, replace(command, **otherwise), loads)


def open_case(house: House) -> Sample:
    command = OpenCase(uuid4(), "Zag", "Zag Lomax", date(2018, 2, 3), ("English",), "Hill School", "2B")
    return _of(house.ot, command, "exists", school="Dale School")


def sign_note(house: House) -> Sample:
    now = house.clock.now
    content = NoteContent("narrative", {"text": "Tied one shoe."}, now - timedelta(hours=1), now, "therapy-room")
    changed = replace(content, sections={"text": "Tied two."})
    return _of(house.ot, SignNote(house.child, uuid4(), content), content=changed)


def add_addendum(house: House) -> Sample:
    return _of(house.slt, AddAddendum(house.child, house.note(house.ot), uuid4(), "He asked."), text="She asked.")


def name_in_circle(house: House) -> Sample:
    return _of(house.ot, NameInCircle(house.child, uuid4(), "Mia", "mother"), name="Mina")


def raise_alert(house: House) -> Sample:
    return _of(house.ot, RaiseAlert(house.child, uuid4(), NUTS), content=replace(NUTS, text="Peanut allergy"))


def register_person(house: House) -> Sample:
    email = f"ida.{uuid4().hex[:6]}@example.org"
    command = RegisterPerson(uuid4(), "Ida Ek", email, Role.THERAPIST, Discipline.OT, house.ot.team)
    return _of(COMMAND_LINE, command, "exists", discipline=Discipline.SLT)


def propose_goal(house: House) -> Sample:
    command = g.ProposeGoal(house.child, uuid4(), words(house, "Cuts along a line"))
    return _of(house.ot, command, content=words(house, "Cuts out a circle"))


def observe_goal(house: House) -> Sample:
    seen = ObservationContent(context="home", level=0, remark="Twice.")
    command = g.ObserveGoal(house.child, goal(house), uuid4(), seen)
    return _of(house.ot, command, content=replace(seen, level=1))


def score_attainment(house: House) -> Sample:
    see(house, goal(house))
    command = g.ScoreAttainment(house.child, uuid4(), "school")
    return _of(house.ot, command, context="home")


def record_copm(house: House) -> Sample:
    copm = CopmContent([("Dressing", 8, 3, 2)], "child", measured_on=house.clock.now.date())
    changed = replace(copm, problems=[("Dressing", 8, 4, 2)])
    return _of(house.ot, g.RecordCopm(house.child, uuid4(), copm), content=changed)


def record_instrument(house: House) -> Sample:
    scores = [ScoreContent("All", raw=1.5, standard=7, metric="other")]
    content = InstrumentContent("Laces", "3", house.clock.now.date(), scores, "professional")
    command = g.RecordInstrument(house.child, uuid4(), content)
    return _of(house.ot, command, content=replace(content, edition="4"))


def offer_strategy(house: House) -> Sample:
    return _of(house.ot, g.OfferStrategy(house.child, uuid4(), "One turn each", "home"), text="Two turns each")


def tell_of_strategy(house: House) -> Sample:
    strategy = uuid4()
    house.services.doors.execute(house.ot, g.OfferStrategy(house.child, strategy, "One step", "school"))
    command = g.TellOfStrategy(house.child, strategy, uuid4(), TrialContent("helped", "a\r\nb"))
    return _of(house.teacher, command, content=TrialContent("did-not", "a\r\nb"))


def write_activity(house: House) -> Sample:
    content = ActivityContent(
        title="Rain",
        purpose="Listening together.",
        kinds=["therapeutic-play"],
        skills=["attention"],
        age_from=3,
        age_to=6,
        cognitive="low",
        motor="low",
        communication="low",
        watch=["Rice on the floor is slippery"],
        steps=["Sit down."],
    )
    command = WriteActivity(uuid4(), content)
    return _of(house.lead, command, "exists", content=replace(content, title="Snow"))


def draw_up_template(house: House) -> Sample:
    content = TemplateContent("First visit", [SectionContent("What I saw", required=True, counts_as="objective")])
    command = DrawUpNoteTemplate(uuid4(), content)
    return _of(house.lead, command, "exists", content=replace(content, name="Second visit"))


def plan_course(house: House) -> Sample:
    content = course_content(house)
    command = w.PlanCourse(uuid4(), content, [house.ot.person_id])
    return _of(house.ot, command, "exists", content=replace(content, title="Another"))


def record_session(house: House) -> Sample:
    group = a_group(house, 2)
    lines = [group.line(child) for child in group.children]
    house.clock.turn(days=30)
    end = house.clock.now
    lines[0] = replace(lines[0], strategies=[w.HandedOver(uuid4(), "One turn each")])
    command = w.RecordSession(group.course, 1, uuid4(), end - timedelta(minutes=60), end, {"delivered": "All"}, lines)
    return _of(house.ot, command, "course", note={"delivered": "Half"})


SAMPLES: dict[str, Callable[[House], Sample]] = {
    "OpenCase": open_case,
    "SignNote": sign_note,
    "AddAddendum": add_addendum,
    "NameInCircle": name_in_circle,
    "RaiseAlert": raise_alert,
    "RegisterPerson": register_person,
    "ProposeGoal": propose_goal,
    "ObserveGoal": observe_goal,
    "ScoreAttainment": score_attainment,
    "RecordCopm": record_copm,
    "RecordInstrument": record_instrument,
    "OfferStrategy": offer_strategy,
    "TellOfStrategy": tell_of_strategy,
    "WriteActivity": write_activity,
    "DrawUpNoteTemplate": draw_up_template,
    "PlanCourse": plan_course,
    "RecordSession": record_session,
}


def _who_teaches_too(house: House) -> UUID:
    person = house.person("Tea Lund", Role.THERAPIST, Discipline.OT).person_id
    house.services.doors.execute(COMMAND_LINE, AddPersonRole(person, Role.TEACHER, team="Hill School"))
    return person


def _no_longer_offered(house: House) -> UUID:
    template = house.template()
    house.services.doors.execute(house.lead, RetireNoteTemplate(template, "nobody writes in it"))
    return template


PLAIN: dict[str, Plain] = {
    "RetireNoteTemplate": Plain(
        ("POST", "/note-templates/{template}/retirement"),
        "lead",
        lambda house: {"template": house.template()},
        {"reason": "Nobody writes in it"},
        [({}, "/reason", "missing"), ({"reason": " "}, "/reason", "missing")],
        lambda template, reason: RetireNoteTemplate(template, reason),
        "note-template.retired.v1",
        {"reason": "nobody writes in it, così"},
        why=Why(
            "note_templates.retire",
            "/note-templates/{it[template]}/retire",
            "The template is out of use. What was begun in it can still be signed.",
            not_for="ot",
        ),
    ),
    "RestoreNoteTemplate": Plain(
        ("POST", "/note-templates/{template}/restoration"),
        "lead",
        lambda house: {"template": _no_longer_offered(house)},
        {"reason": "They ask for it"},
        [({}, "/reason", "missing"), ({"reason": " "}, "/reason", "missing")],
        lambda template, reason: RestoreNoteTemplate(template, reason),
        "note-template.restored.v1",
        {"reason": "they ask for it"},
        why=Why(
            "note_templates.restore",
            "/note-templates/{it[template]}/restore",
            "The template is offered again.",
            not_for="ot",
        ),
    ),
    "ChangePersonEmail": Plain(
        ("POST", "/people/{person}/email"),
        "admin",
        lambda house: {"person": house.stranger.person_id},
        {"email": " Somebody.Else@Example.org"},
        [({}, "/email", "missing"), ({"email": "ada"}, "/email", "not-an-email")],
        lambda person, email: ChangePersonEmail(person, email),
        "person.email-changed.v1",
        {"email": "ada.pero@example.org"},
        ("person-email", "/people/{it[person]}", "/people/{it[person]}/email"),
        {"email": "somebody.else@example.org"},
    ),
    "RenamePerson": Plain(
        ("POST", "/people/{person}/name"),
        "admin",
        lambda house: {"person": house.stranger.person_id},
        {"name": " Nora Dale"},
        [({}, "/name", "missing"), ({"name": " "}, "/name", "missing")],
        lambda person, name: RenamePerson(person, name),
        "person.renamed.v1",
        {"name": "Ada Però Riva", "before": "Ada Però"},
        ("person-name", "/people/{it[person]}", "/people/{it[person]}/name"),
        {"name": "Nora Dale", "before": "Una Rask"},
    ),
    "AddPersonRole": Plain(
        ("POST", "/people/{person}/roles"),
        "admin",
        lambda house: {"person": house.stranger.person_id},
        {"role": "teacher", "team": "Hill School"},
        [({}, "/role", "missing"), ({"role": "student", "team": "North"}, "/discipline", "missing")],
        lambda person, role, team: AddPersonRole(person, Role(role), team=team),
        "person.role-added.v1",
        {"role": "teacher", "discipline": "school", "team": "Scuola del Colle", "answered": []},
        ("person-role-added", "/people/{it[person]}/roles/new", "/people/{it[person]}/roles/new"),
        {"discipline": "school", "answered": []},
    ),
    "EndPersonRole": Plain(
        ("POST", "/people/{person}/roles/ending"),
        "admin",
        lambda house: {"person": _who_teaches_too(house)},
        {"reason": "Works in the service alone now", "role": "teacher"},
        [({}, "/role", "missing"), ({"role": "teacher", "reason": " "}, "/reason", "missing")],
        lambda person, role, reason: EndPersonRole(person, Role(role), reason),
        "person.role-ended.v1",
        {"role": "teacher", "team": "Scuola del Colle", "reason": "insegna altrove"},
        kept={"team": "Hill School"},
        why=Why("people.end_role", "/people/{it[person]}/roles/teacher/end", "That role is ended."),
    ),
    "EndStrategy": Plain(
        ("POST", "/cases/{case}/strategies/{strategy}/end"),
        "ot",
        lambda house: {"case": house.child, "strategy": strategy(house)},
        {"reason": "He does it without by now"},
        [({}, "/reason", "missing"), ({"reason": " "}, "/reason", "missing")],
        lambda case, strategy, reason: g.EndStrategy(case, strategy, reason),
        "case.strategy-ended.v1",
        {"strategy_id": UUID(int=0x62), "reason": "he reaches the floor now"},
        why=Why(
            "strategies.end",
            "/children/{it[case]}/strategies/{it[strategy]}/end",
            "It is no longer advised.",
            not_for="teacher",
            already=True,
        ),
    ),
    "EndAlert": Plain(
        ("POST", "/cases/{case}/alerts/{alert}/ending"),
        "ot",
        lambda house: {"case": house.child, "alert": alerted(house)},
        {"reason": "He has outgrown it"},
        [({}, "/reason", "missing"), ({"reason": " "}, "/reason", "missing")],
        lambda case, alert, reason: EndAlert(case, alert, reason),
        "case.alert-ended.v1",
        {"alert_id": UUID(int=0x6B), "reason": "the doctor says so"},
        why=Why(
            "children.end_alert",
            "/children/{it[case]}/alerts/{it[alert]}/end",
            "The alert is ended. It stays in the record, with your reason.",
            not_for="teacher",
            already=True,
        ),
    ),
    "EnterTrialInError": Plain(
        ("POST", "/cases/{case}/strategies/{strategy}/trials/{trial}/error"),
        "teacher",
        lambda house: {
            "strategy": (it := strategy(house)),
            "trial": tried(house, it, house.teacher),
            "case": house.child,
        },
        {"reason": "A slip of the finger"},
        [({}, "/reason", "missing"), ({"reason": " "}, "/reason", "missing")],
        lambda case, strategy, trial, reason: g.EnterTrialInError(case, strategy, trial, reason),
        "case.strategy-trial-entered-in-error.v1",
        {"strategy_id": UUID(int=0x62), "trial_id": UUID(int=0x6A), "reason": "told of the wrong one"},
        why=Why(
            "strategies.trial_error",
            "/children/{it[case]}/strategies/{it[strategy]}/trials/{it[trial]}/error",
            "Marked as entered in error. Only its author and the team lead still see it.",
            not_for="slt",
            already=True,
        ),
    ),
}


def emptied(name: str, known: Mapping[str, Any]) -> Any:
    """The command or question with what is ``known`` of it, and nothing typed: nobody's ids, no words; a version that
    never was where one is required, and none where it may be left out, so that what comes after its check is tried too.
    Who may send it is told what is wrong with it, and nothing changes."""
    kind = DECLARED[name].kind
    return _nothing_of(kind, known)


def _nothing_of(kind: Any, known: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    missing = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    given = {name: value for name, value in known.items() if name in hints}
    if "limit" in hints:
        given.setdefault("limit", 1)
    return kind(**{name: _nothing(hints[name]) for name in missing} | given)


def _nothing(hint: Any) -> Any:
    parts = get_args(hint)
    if type(None) in parts:
        return None
    kind = get_origin(hint) or hint
    if kind is UUID:
        return uuid4()
    if kind is int:
        return -1
    if is_dataclass(kind):
        return _nothing_of(kind, {})
    if kind in (Sequence, Mapping):
        return {} if kind is Mapping else ()
    return None if kind in (date, datetime) else ""


def id_of(sample: Sample, field: str) -> UUID:
    """The id that what is made shall have."""
    found: UUID = getattr(sample.command, field)
    return found
