"""The store of the permission matrix, built once for each worker."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coord.bootstrap import build
from coord.settings import Settings
from tests.permissions.cast import BEFORE, Cast, Hands
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def cast() -> Iterator[Cast]:
    """Whatever is tried with it changes nothing, so that every file may have the same."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # twenty thousand accesses, each made durable
    folder = Path(tempfile.mkdtemp(dir=memory))
    hands = Hands(BEFORE)
    services = build(Settings(data=folder), hands)
    yield Cast(services, hands)
    services.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgres_cast(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    url, hands = postgres.new_database(), Hands(BEFORE)
    services = build(Settings(data=tmp_path_factory.mktemp("var"), database_url=url), hands)
    yield Cast(services, hands)
    services.close()
    postgres.drop_database(url)
