"""A house over real stores for the tests of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, open_house


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    """With the tables in it: it is the houses' own."""
    return prepared_database


@pytest.fixture
def house(data_folder: Path) -> Iterator[House]:
    """The service over fresh SQLite files; see `tests.house.House` for the people and the child in it."""
    with open_house(data_folder) as house:
        yield house


@pytest.fixture
def either_house(data_folder: Path, database_url: str | None) -> Iterator[House]:
    """The same on each store."""
    with open_house(data_folder, database_url) as house:
        yield house
