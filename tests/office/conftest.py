"""An office store on each database, a clock that the test turns, and an app with nothing but sign-in in it."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from flask_babel import Babel
from flask_security import current_user
from sqlalchemy import Connection, Engine, event
from werkzeug.test import TestResponse

from coord.domain.actors import Actor, Discipline, Role
from coord.office import accounts, create_tables, factors, sign_ins, steps, throttle, tokens  # noqa: F401 - they declare the tables
from coord.office.accounts import Account
from coord.persistence import Stores, open_stores
from coord.settings import Settings
from coord.web.factors import init_factors
from coord.web.layout import init_layout
from coord.web.sign_in import (
    Unauthenticated,
    actor_from_bearer,
    current_actor,
    current_language,
    init_sign_in,
    require_actor,
)
from coord.web.spelling import init_spelling
from coord.web.visit import Entrance
from coord.worded import Lookup
from tests.compiled import TEMPLATES
from tests.stores import furnish

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "seven calm otters read"


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    """With the tables in it: it is the houses' own."""
    return prepared_database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _has_its_turn(connection: Connection, _: object, statement: str, *__: object) -> None:
    """On SQLite whoever writes waits for it as whoever begins with ``write=True`` does, and badly else."""
    if statement.startswith(("INSERT", "UPDATE", "DELETE")):
        assert connection.get_execution_options().get("write"), f"written without the turn to: {statement}"


@pytest.fixture
def open_office(database_url: str | None, data_folder: Path) -> Iterator[Callable[[], Engine]]:
    """Open the same office store as another worker would: by an engine of its own."""
    opened: list[Stores] = []
    if database_url is None:  # as on PostgreSQL, beside the other stores: an office alone is one whose others are lost
        furnish(data_folder)

    def opener() -> Engine:
        stores = open_stores(Settings(data=data_folder, database_url=database_url, secret_key="k" * 40))
        opened.append(stores)
        create_tables(stores.office)
        event.listen(stores.office, "before_cursor_execute", _has_its_turn)
        return stores.office

    yield opener
    for stores in opened:
        stores.close()


@pytest.fixture
def engine(open_office: Callable[[], Engine]) -> Engine:
    return open_office()


@dataclass
class Site:
    """A site of one or more workers, seen from a browser."""

    engine: Engine
    clock: Clock
    settings: Settings
    people: dict[UUID, Actor] = field(default_factory=dict)
    records: list[tuple[str, UUID | None, str, dict[str, object]]] = field(default_factory=list)
    log_is_down: bool = False
    person_loader: Callable[[UUID], Actor | None] | None = None
    entrances: list[Entrance] = field(default_factory=list)

    @property
    def entrance(self) -> Entrance:
        return self.entrances[0]

    def worker(self, engine: Engine | None = None) -> Flask:
        """One more process of the service, as far as a test can tell."""
        app = Flask("coord.web.layout")
        app.config["TESTING"] = True
        app.jinja_env.bytecode_cache = TEMPLATES
        init_layout(app)
        Babel(app)
        init_spelling(app, ZoneInfo("Europe/Rome"))
        entrance = init_sign_in(app, engine or self.engine, self.settings, self._load, self._record, self.clock)
        self.entrances.append(entrance)
        init_factors(app)

        @app.get("/")
        def front() -> str:
            return f"{require_actor().name} by {require_actor().channel}"

        @app.get("/who")
        def who() -> str:
            actor = current_actor()
            return actor.name if actor else "nobody"

        @app.get("/user")
        def user() -> str:
            return current_user.email if current_user.is_authenticated else "nobody"

        @app.get("/plain")
        def plain() -> str:
            return "plain"

        @app.get("/apology")
        def apology() -> str:
            return " ".join({str(current_language()) for _ in range(2)})

        @app.post("/write")
        def write() -> str:
            return require_actor().name

        @app.get("/api/me")
        def me() -> Any:
            from flask import request

            try:
                actor = actor_from_bearer(request.headers.get("Authorization"))
            except Unauthenticated as refused:
                return jsonify(code=refused.code), 401
            return jsonify(name=actor.name, channel=actor.channel)

        return app

    def _load(self, person_id: UUID, role: str = "") -> Actor | None:
        return self.person_loader(person_id) if self.person_loader else self.people.get(person_id)

    def _record(
        self,
        kind: str,
        *,
        person_id: UUID | None,
        name: str,
        detail: dict[str, object],
        actor: Actor | None = None,
    ) -> None:
        if self.log_is_down:
            raise OSError("no space left on device")
        self.records.append((kind, person_id, name, detail))

    def person(self, email: str = "ida@example.org", password: str | None = PASSWORD, **more: Any) -> Account:
        """Somebody who may come in."""
        actor = Actor(uuid4(), "Ida Berg", Role.THERAPIST, Discipline.OT, "North")
        self.people[actor.person_id] = actor
        return self.entrance.accounts.create_account(actor.person_id, email, password, now=self.clock.now, **more)

    def kinds(self) -> list[str]:
        return [record[0] for record in self.records]


@pytest.fixture
def settings(data_folder: Path) -> Settings:
    return Settings(data=data_folder, secret_key="k" * 40)


@pytest.fixture
def site(engine: Engine, clock: Clock, settings: Settings) -> Site:
    return Site(engine, clock, settings)


class Browser:
    """A browser without JavaScript: keeps cookies, sends forms with what the form holds."""

    def __init__(self, app: Flask, https: bool = False) -> None:
        self.client: FlaskClient = app.test_client()
        self.base = "https://coord.test" if https else "http://coord.test"

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base, **more)

    def token(self, page: str = "/sign-in") -> str:
        text = self.get(page).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found, text
        return found[1]

    def post(
        self, path: str, *, form_on: str = "/sign-in", data: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        filled = {"csrf_token": self.token(form_on), **(data or {})}
        return self.client.post(path, data=filled, base_url=self.base, **more)

    def sign_in(
        self, email: str = "ida@example.org", password: str = PASSWORD, next: str = "", **more: Any
    ) -> TestResponse:
        return self.post("/sign-in", data={"email": email, "password": password, "next": next}, **more)

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.client._cookies.values()}  # type: ignore[union-attr]


@pytest.fixture
def app(site: Site) -> Flask:
    return site.worker()


@pytest.fixture
def browser_of() -> Callable[..., Browser]:
    return Browser


@pytest.fixture
def secure_settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, secure_cookies=True)


@pytest.fixture
def statements(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first word of every statement that the office store gets from now on."""
    heard: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: heard.append(given[2].split()[0]))
    first = Lookup.first

    def heard_first(self: Lookup, engine: Engine, **asked: Any) -> Any:
        heard.append("SELECT")
        return first(self, engine, **asked)

    monkeypatch.setattr(Lookup, "first", heard_first)
    return heard
