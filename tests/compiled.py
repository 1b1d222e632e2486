"""What an app compiles when it starts, compiled once for all the apps of a run: most of what many a test would take."""

from collections.abc import Callable
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class _Templates(BytecodeCache):
    """Keeps compiled templates in memory; their keys have the source in them."""

    def __init__(self) -> None:
        self._buckets: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._buckets:
            bucket.bytecode_from_string(self._buckets[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._buckets[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = _Templates()
"""For an app's ``jinja_env.bytecode_cache``."""


def _when_used(compile_builder: Callable[[Rule, bool], Callable[..., Any]]) -> Callable[..., Callable[..., Any]]:
    """Werkzeug writes and compiles two functions for each route, to build its address with. An app here has two hundred
    routes and seldom builds the address of ten, so each is compiled when it is first called."""

    def made_later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(rule: Rule, /, **values: Any) -> Any:
            if not made:
                made.append(compile_builder(rule, append_unknown))
            return made[0](rule, **values)

        return build

    return made_later


Rule._compile_builder = _when_used(Rule._compile_builder)  # type: ignore[method-assign]
