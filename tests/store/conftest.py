"""A house on each store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coord.patience import SERVING
from tests.house import House, open_house


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    """With the tables in it: it is the houses' own."""
    return prepared_database


@pytest.fixture
def house(database_url: str | None, data_folder: Path) -> Iterator[House]:
    with open_house(data_folder, database_url, patience=SERVING) as house:
        yield house
