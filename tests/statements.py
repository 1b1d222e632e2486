"""What is asked of the stores: every statement that a piece of code sends, by any way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from coord.application.services import Services


@dataclass(frozen=True)
class Statement:
    """What was sent where (views, office, access or record); ``params`` as the driver got them."""

    store: str
    text: str
    params: Any


@contextmanager
def statements_of(services: Services) -> Iterator[list[Statement]]:
    """What the services send to their stores meanwhile, without what begins and ends a transaction."""
    sent: list[Statement] = []
    views: Any = services.views._reader
    engines = {"views": views._proxied, "office": services.office, "access": services.access._engine}
    listeners = []
    for name, engine in engines.items():

        def note(_: Any, __: Any, text: str, params: Any, *___: Any, store: str = name) -> None:
            if not text.startswith(("PRAGMA", "BEGIN", "SET ", "SAVEPOINT", "RELEASE")):
                sent.append(Statement(store, text, params))

        event.listen(engine, "before_cursor_execute", note)
        listeners.append((engine, note))
    recorder: Any = services.record.recorder
    kind = type(recorder)
    rows = kind._rows

    def asked(self: Any, text: str, params: Sequence[Any] = ()) -> Any:
        sent.append(Statement("record", text, params))
        return rows(self, text, params)

    kind._rows = asked
    try:
        yield sent
    finally:
        kind._rows = rows
        for engine, note in listeners:
            event.remove(engine, "before_cursor_execute", note)
