"""What every page shares: how templates are found and rendered, and how the style sheet and scripts are served.

Call `init_layout(app)` once in `create_app`. It only sets attributes of the Jinja environment, so it does not matter
whether Flask-Babel, which brings `_()` and `{% trans %}`, is initialised before or after.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from flask import Flask, Response, abort, request, url_for
from flask_babel import Domain
from jinja2 import (
    FileSystemBytecodeCache,
    StrictUndefined,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from coord.web.catalogue import catalogue
from coord.web.kit.moment import comes_twice
from coord.web.local_time import typed_day
from coord.web.spelling import reading
from coord.words import isolated

PRODUCT_NAME = "Coord"

# One year, the longest that caches honour. Only an address that carries the content's hash gets it.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
# Named here rather than asked of the machine, whose own table may differ; with nosniff a wrong type breaks the page.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".txt": "text/plain; charset=utf-8",
}
_WORTH_COMPRESSING = frozenset({".css", ".js", ".svg"})

# What base.html reads and a page may leave out. Templates are strict: any other missing name is an error.
_BASE_DEFAULTS: dict[str, object] = {
    "product_name": PRODUCT_NAME,
    "home_url": "/",
    "find_url": None,
    "phrases_url": "",
    "navigation": (),
    "current_actor": None,
    "account_url": None,
    "sign_out_url": None,
    "forgotten_url": None,
    "health_url": None,
    "current_language": "en",
    "languages": (),
    "language_url": None,
    "footer_links": (),
    "uses_htmx": False,
}


@dataclass(frozen=True)
class _Asset:
    """A static file as it was when the application started."""

    content: bytes
    suffix: str
    digest: str

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES.get(self.suffix, "application/octet-stream")

    @cached_property
    def compressed(self) -> bytes | None:
        """Its gzip, if it is worth it; made when first asked for, which is seldom: a browser keeps the file."""
        return gzip.compress(self.content, 9, mtime=0) if self.suffix in _WORTH_COMPRESSING else None


class _Compiled(FileSystemBytecodeCache):
    """What templates were compiled to, so that one worker does it for all: a page's first time takes half a second.

    Nothing depends on it: where the folder is gone or the disk is full, each worker compiles for itself.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """What is there."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, if there is room."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_layout(app: Flask, compiled: Path | None = None) -> None:
    """Set up templates and static files. ``compiled``: a folder, for this purpose alone, that the workers share."""
    environment = app.jinja_env
    if compiled is not None:
        with suppress(OSError):
            compiled.mkdir(mode=0o700, parents=True, exist_ok=True)
            environment.bytecode_cache = _Compiled(str(compiled))
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals.setdefault("clock", lambda: datetime.now(UTC))  # create_app puts the services' own here
    for name, value in _BASE_DEFAULTS.items():
        environment.globals.setdefault(name, value)

    assets = _read_assets(Path(app.static_folder)) if app.static_folder else {}
    environment.globals["static_url"] = _static_url(assets)
    environment.filters["typed_day"] = typed_day
    environment.filters["comes_twice"] = comes_twice
    app.view_functions["static"] = _serve(assets)


class IsolatingDomain(Domain):  # type: ignore[misc]  # Flask-Babel is untyped
    """The catalogue, whose sentences take names in without being turned about by one that runs from right to left."""

    def get_translations(self) -> NullTranslations:
        """What is said in the reader's language."""
        return catalogue(reading())

    def gettext(self, string: str, **variables: Any) -> str:
        """The sentence in the reader's language."""
        return str(super().gettext(string, **apart(variables)))

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """The sentence for a number of things."""
        return str(super().ngettext(singular, plural, num, **apart(variables)))

    def pgettext(self, context: str, string: str, **variables: Any) -> str:
        """The sentence as it is said in a context."""
        return str(super().pgettext(context, string, **apart(variables)))

    def npgettext(self, context: str, singular: str, plural: str, num: int, **variables: Any) -> str:
        """The sentence for a number of things, as it is said in a context."""
        return str(super().npgettext(context, singular, plural, num, **apart(variables)))


def apart(variables: dict[str, Any]) -> dict[str, Any]:
    """What goes into a sentence, each so that it does not turn the sentence about."""
    return {name: isolated_name(value) for name, value in variables.items()}


def isolated_name(value: Any) -> Any:
    """A name that may run from right to left, as it stands in a sentence; all else as it is."""
    if not isinstance(value, str) or value.isascii():
        return value
    return Markup(isolated(value)) if isinstance(value, Markup) else isolated(value)  # noqa: S704 - it was one before


def _read_assets(folder: Path) -> dict[str, _Asset]:
    assets = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            assets[path.relative_to(folder).as_posix()] = _Asset(
                content=content,
                suffix=path.suffix,
                digest=hashlib.sha256(content).hexdigest()[:16],
            )
    return assets


def _static_url(assets: dict[str, _Asset]) -> Callable[[str], str]:
    def static_url(filename: str) -> str:
        """The address of a static file, which changes when its content does. An unknown file is a KeyError."""
        return url_for("static", filename=filename, v=assets[filename].digest)

    return static_url


def _serve(assets: dict[str, _Asset]) -> Callable[[str], Response]:
    """A static view from memory, half a megabyte in all: a name that was not there at the start cannot be asked for.

    Each is compressed once, and for whoever asks: nothing in it is anybody's secret, as it is in a page
    (`coord.web.compressing`).
    """

    def static(filename: str) -> Response:
        asset = assets.get(filename)
        if asset is None:
            abort(404)
        response = Response(asset.content, content_type=asset.media_type)
        if asset.compressed is not None:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"] > 0:
                response.set_data(asset.compressed)
                response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = _FOR_EVER if request.args.get("v") == asset.digest else _ASK_FIRST
        response.set_etag(asset.digest, weak=True)  # the two encodings share it
        response.make_conditional(request)
        return response

    return static
