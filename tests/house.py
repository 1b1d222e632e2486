"""A house to test in: real stores, a clock that the test turns, people of every role, and a child with a care team."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from coord.application.activities.commands import WriteActivity
from coord.application.asked import as_meant
from coord.application.case.commands import AddToTeam, OpenCase
from coord.application.note_templates.commands import DrawUpNoteTemplate
from coord.application.notes.commands import SignNote
from coord.application.people.commands import RegisterPerson
from coord.application.services import Services
from coord.application.summary.commands import PublishSummary
from coord.bootstrap import build
from coord.domain.activity import ActivityContent
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import NoteContent, SummaryContent
from coord.domain.case.note_twins import SAME_TIME, SAME_WORDS
from coord.domain.errors import Unavailable
from coord.domain.note_template import SectionContent, TemplateContent
from coord.domain.teams import on_purpose
from coord.office.accounts import Accounts
from coord.office.passwords import Hasher
from coord.projections import People
from coord.settings import MailServer, Settings
from coord.web import create_app
from coord.web.visit import Entrance, entrance
from tests.compiled import TEMPLATES
from tests.once import cached_property
from tests.stores import furnish

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in the clinic (Europe/Rome)."""
PASSWORD = "seven calm otters read"


class Clock:
    """Stands still until told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        """Let time pass: ``turn(days=1, minutes=5)``."""
        self.now += timedelta(**by)
        return self.now


class _OneHash(Hasher):
    """Everybody in the house has the same password: its hash, made at its full cost, is made once."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, str] = {}

    def hash(self, password: str) -> str:
        if password not in self._made:
            self._made[password] = super().hash(password)
        return self._made[password]


_HASHER = _OneHash()


@dataclass
class House:
    """The service, and everybody in it. People and children are made when first asked for."""

    services: Services
    clock: Clock
    emails: dict[UUID, str] = field(default_factory=dict)

    @cached_property
    def app(self) -> Flask:
        """The pages and the API over these stores."""
        app = create_app(self.services)
        app.jinja_env.bytecode_cache = TEMPLATES
        return app

    @cached_property
    def accounts(self) -> Accounts:
        """Who may sign in, in the office store."""
        return Accounts(self.services.office, _HASHER)

    # ---- people: one of each, made when first asked for; more with `person`

    def person(self, name: str, role: Role, discipline: Discipline | None = None, team: str = "North") -> Actor:
        """Somebody who is registered. Their account is made when they first sign in."""
        person_id = uuid4()
        self.emails[person_id] = f"{name.split()[0].lower()}.{person_id.hex[:6]}@example.org"
        command = RegisterPerson(person_id, name, self.emails[person_id], role, discipline, team, on_purpose(team))
        self.services.doors.execute(COMMAND_LINE, command)
        return Actor(person_id, name, role, discipline, team)

    @cached_property
    def ot(self) -> Actor:
        """The occupational therapist who opened the child's case."""
        return self.person("Ada Lind", Role.THERAPIST, Discipline.OT)

    @cached_property
    def slt(self) -> Actor:
        """A speech and language therapist, on the team."""
        return self.person("Sol Berg", Role.THERAPIST, Discipline.SLT)

    @cached_property
    def psychologist(self) -> Actor:
        """A psychologist, on the team."""
        return self.person("Pia Holm", Role.THERAPIST, Discipline.PSYCHOLOGY)

    @cached_property
    def student(self) -> Actor:
        """A student of occupational therapy, on the team: what they sign awaits a co-signature."""
        return self.person("Stig Moe", Role.STUDENT, Discipline.OT)

    @cached_property
    def teacher(self) -> Actor:
        """The class teacher, on the team."""
        return self.person("Tove Dahl", Role.TEACHER, Discipline.SCHOOL, "Hill School")

    @cached_property
    def lead(self) -> Actor:
        """The lead of the service team."""
        return self.person("Lea Strand", Role.TEAM_LEAD)

    @cached_property
    def admin(self) -> Actor:
        """Looks after accounts."""
        return self.person("Max Vik", Role.ADMINISTRATOR)

    @cached_property
    def stranger(self) -> Actor:
        """A therapist of the same service who is on no care team."""
        return self.person("Una Rask", Role.THERAPIST, Discipline.OT)

    # ---- children

    @cached_property
    def child(self) -> UUID:
        """Zig, with an occupational and a speech therapist, a psychologist, a student and a class teacher."""
        return self.open_case("Zig")

    def open_case(self, preferred_name: str, *, members: Any = None, by: Actor | None = None, **details: Any) -> UUID:
        """Open a child's case and make the care team (pairs of person and relation; the usual one if None)."""
        case_id = uuid4()
        facts = {
            "full_name": f"{preferred_name} Zander",
            "birth_date": date(2019, 5, 4),
            "languages": ("English",),
            "school": "Hill School",
            "school_class": "2B",
            **details,
        }
        self._give_a_lead((by or self.ot).team)
        answered(self.services.doors, by or self.ot, OpenCase(case_id, preferred_name, **facts))
        if members is None:
            members = (
                (self.slt, Relation.SPEECH_THERAPIST),
                (self.psychologist, Relation.PSYCHOLOGIST),
                (self.student, Relation.STUDENT),
                (self.teacher, Relation.CLASS_TEACHER),
            )
        for person, relation in members:
            self.services.doors.execute(by or self.ot, AddToTeam(case_id, person.person_id, relation))
        return case_id

    def _give_a_lead(self, team: str) -> None:
        """No child goes to a team without a lead, once there is a lead anywhere."""
        with self.services.views.reading(self.services.record.head()) as snapshot:
            rows = snapshot.view(People).all(snapshot.connection)
        led = {row["team"] for row in rows if row["role"] == Role.TEAM_LEAD.value}
        if led and team not in led:
            _ = self.lead if team == "North" else self.person(f"Lead of {team}", Role.TEAM_LEAD, team=team)

    def note(
        self, author: Actor, text: str = "Tied the laces twice.", *, case_id: UUID | None = None, **content: Any
    ) -> UUID:
        """Sign a note about the child; ``content`` has parts of `NoteContent` other than a narrative of an hour ago."""
        note_id = uuid4()
        teacher = author.role is Role.TEACHER
        parts = {
            "format": "school-observation" if teacher else "narrative",
            "sections": {"observed" if teacher else "text": text},
            "observed_from": self.clock.now - timedelta(hours=1),
            "audience": "care-team",
            **content,
        }
        command = SignNote(case_id or self.child, note_id, NoteContent(**parts))
        answered(self.services.doors, author, command, SAME_WORDS, SAME_TIME)
        return note_id

    def summary(
        self,
        *,
        case_id: UUID | None = None,
        version: int = 0,
        sources: Any = (),
        review_in: int = 90,
        valid_in: int = 0,
        words: str = "Loves trains",
    ) -> None:
        """Publish a school summary of the child that follows ``version``, its first statement citing ``sources``;
        ``valid_in`` so many days."""
        today = self.clock.now.astimezone(self.services.settings.zone).date()
        content = SummaryContent(
            {"strengths": [(words, list(sources))], "helps": [("Give one step at a time", [])]},
            "Ada, through the school office",
            today + timedelta(days=valid_in),
            today + timedelta(days=review_in),
        )
        self.services.doors.execute(self.ot, PublishSummary(case_id or self.child, version, content))

    # ---- the templates of notes

    def template(self, name: str = "First visit", *, by: Actor | None = None, **content: Any) -> UUID:
        """Draw up a template of notes with four sections; ``content`` has other parts of `TemplateContent`."""
        parts = {
            "sections": [
                SectionContent("Why they came", "In their own words", counts_as="subjective"),
                SectionContent("At the table", counts_as="objective"),
                SectionContent("How I understand it", required=True, counts_as="assessment"),
                SectionContent("For next time", counts_as="plan"),
            ],
            **content,
        }
        template_id = uuid4()
        self.services.doors.execute(by or self.lead, DrawUpNoteTemplate(template_id, TemplateContent(name, **parts)))
        return template_id

    # ---- the activity library

    def activity(self, title: str, *, by: Actor | None = None, **content: Any) -> UUID:
        """Write an activity; ``content`` has parts of `ActivityContent` other than these."""
        parts: dict[str, Any] = {
            "purpose": "Listening together.",
            "kinds": ["therapeutic-play"],
            "skills": ["attention"],
            "age_from": 3,
            "age_to": 6,
            **dict.fromkeys(("cognitive", "motor", "communication"), "low"),
            "watch": ["Rice on the floor is slippery"],
            "steps": ["Sit down.", "Let it rain."],
            **content,
        }
        activity_id = uuid4()
        command = WriteActivity(activity_id, ActivityContent(title=title, **parts))
        self.services.doors.execute(by or self.ot, command)
        return activity_id

    # ---- signing in

    def email(self, person: Actor) -> str:
        """The person's address, with an account behind it."""
        address = self.emails[person.person_id]
        if self.accounts.by_person(person.person_id) is None:
            self.accounts.create_account(person.person_id, address, PASSWORD, now=self.clock.now)
        return address

    def browser_of(self, person: Actor | None) -> "Client":
        """A browser without JavaScript in which the person has signed in by the form. Whose fortnight for a second
        factor is over has set up one-time codes by now."""
        client = Client(self.app.test_client())
        if person is not None:
            answer = client.post("/sign-in", {"email": self.email(person), "password": PASSWORD}, form_on="/sign-in")
            assert answer.status_code == 303, answer.text
            if answer.location.startswith("/account/factors"):
                self._sets_up_codes(person)
            elif answer.location.startswith("/sign-in/second"):
                code = self._entrance.factors.make_recovery_codes(person.person_id, self.clock.now)[0]
                answer = client.post("/sign-in/second", {"recovery_code": code})
                assert answer.status_code == 303, answer.text
        return client

    @property
    def _entrance(self) -> Entrance:
        with self.app.app_context():
            return entrance()

    def _sets_up_codes(self, person: Actor) -> None:
        factors, now = self._entrance.factors, self.clock.now
        secret = factors.begin_codes(person.person_id, now)
        assert factors.confirm_codes(person.person_id, pyotp.TOTP(secret).at(now), now)
        for one in self._entrance.sign_ins.open_of(person.person_id, now):
            self._entrance.sign_ins.set_free(one.id)


def legible(page: str) -> str:
    """A page without the tokens of its forms and its head: among so many random letters a short name stands by chance,
    now and then, and a test that asks for no such name would fail for nothing."""
    return re.sub(r'name="(csrf_token|csrf-token|coord-session)" (value|content)="[^"]*"', "", page)


class Client:
    """A browser without JavaScript: keeps cookies, and sends a form with the token that its page holds."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> Any:
        """Fetch a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, *, form_on: str | None = None, **more: Any) -> Any:
        """Send a form; ``form_on`` is the page it stands on, if that is not ``path``."""
        page = self.get(form_on or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token, page
        return self.client.post(path, data={"csrf_token": token[1], **(data or {})}, **more)


A_MINUTE = 60.0
answered = as_meant
"""Carry out a command; what is asked about (the children of these houses are much alike) is meant so."""


@contextmanager
def open_house(
    data: Path, database_url: str | None = None, *, patience: float = A_MINUTE, mail: MailServer | None = None
) -> Iterator[House]:
    """A house over fresh stores, closed at the end. An empty folder is furnished with those of SQLite.

    It waits a minute for its stores: a machine that is busy with other tests is no fault of theirs. Where it is the
    test how quickly a fault is answered, ``patience`` is that of the service.
    """
    clock = Clock()
    if database_url is not None and patience == A_MINUTE:
        database_url += ("&" if "?" in database_url else "?") + "connect_timeout=60"
    if database_url is None and not any(data.iterdir()):
        furnish(data)
    settings = Settings(data=data, database_url=database_url, secret_key="k" * 40, mail=mail)
    services = _opened(settings, clock, patience)
    try:
        yield House(services, clock)
    finally:
        services.close()


def _opened(settings: Settings, clock: Clock, patience: float) -> Services:
    """The services over these stores. A server that is busy with other tests is asked again for a minute, however
    little patience the service has once it is open."""
    give_up = time.monotonic() + A_MINUTE
    while True:
        try:
            return build(settings, clock, patience)
        except Unavailable:
            if time.monotonic() > give_up:
                raise
