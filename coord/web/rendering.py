"""How templates are rendered: as Jinja does it, with nothing looked up at each rendering that stands beforehand.

Each language has an environment of its own, in which a template is compiled with its sentences in it: ``_("Goals")``
is a part of the page's text there, and no question to the catalogue. A page says a hundred such sentences. Templates
are written as for any Jinja environment, and mean the same in one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any
from uuid import UUID

from babel import Locale
from babel.support import NullTranslations
from flask import Flask
from flask.templating import Environment
from flask_babel import get_translations
from jinja2 import BytecodeCache, Template, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro, markup_join
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # the part of escape that is C

from coord.web.catalogue import text_of
from coord.web.labels import label_in
from coord.web.layout import apart, isolated_name
from coord.web.spelling import filters_of, reading, spelling

APART = "isolated_name"


def shown(value: Any) -> str:
    """What stands on the page for a value: `markupsafe.escape`, without the wrapping in `Markup`, which what is written
    down at once does not need. A page does this thousands of times."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int or kind is UUID else str(escape(value))


class _Code(CodeGenerator):
    """Writes `shown` where Jinja writes ``escape``."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")


class _Context(Context):
    """Calls macros and plain functions, which most calls are of, without first asking what they wish to be given."""

    def call(self, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What ``obj`` answers."""
        kind = type(obj)
        if kind is Macro:
            given = (self.eval_ctx, *args)
        elif kind is FunctionType:
            if "jinja_pass_arg" in obj.__dict__:
                return super().call(obj, *args, **kwargs)
            given = args
        elif kind is BuiltinMethodType or (kind is MethodType and "jinja_pass_arg" not in obj.__func__.__dict__):
            given = args
        else:
            return super().call(obj, *args, **kwargs)
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return obj(*given, **kwargs)


class Words:
    """The sentences of one language, as a template asks for them."""

    def __init__(self, translations: NullTranslations) -> None:
        """Those of a catalogue."""
        self._catalogue = translations

    def gettext(self, text: str, /, **variables: Any) -> Markup:
        """The sentence."""
        return Markup(self._catalogue.gettext(text)) % apart(variables)  # noqa: S704 - what translators wrote

    def pgettext(self, context: str, text: str, /, **variables: Any) -> Markup:
        """The sentence as it is said in a context."""
        return Markup(self._catalogue.pgettext(context, text)) % apart(variables)  # noqa: S704

    def ngettext(self, singular: str, plural: str, num: int, /, **variables: Any) -> Markup:
        """The sentence for a number of things."""
        said = Markup(self._catalogue.ngettext(singular, plural, num))  # noqa: S704
        return said % apart({"num": num, **variables})

    def npgettext(self, context: str, singular: str, plural: str, num: int, /, **variables: Any) -> Markup:
        """The sentence for a number of things, as it is said in a context."""
        said = Markup(self._catalogue.npgettext(context, singular, plural, num))  # noqa: S704
        return said % apart({"num": num, **variables})

    def pattern(self, function: str, texts: list[Any]) -> Markup | None:
        """The sentence that a call asks for, its variables not yet in it; None where it depends on a number."""
        if function in ("_", "gettext") and len(texts) == 1:
            return Markup(self._catalogue.gettext(*texts))  # noqa: S704
        if function == "pgettext" and len(texts) == 2:
            return Markup(self._catalogue.pgettext(*texts))  # noqa: S704
        return None


class _Saying(NodeTransformer):
    """Puts the sentences of a language into a template, in place of the calls that ask for them."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 - the name that Jinja looks for
        """The sentence; what varies in it is put there when the page is rendered."""
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        texts = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        said = self._words.pattern(node.node.name, texts) if len(texts) == len(node.args) else None
        if said is None:
            return node
        if not node.kwargs:
            return nodes.Const(said % {}, lineno=node.lineno)
        variables = [
            nodes.Pair(nodes.Const(kw.key), nodes.Filter(kw.value, APART, [], [], None, None, lineno=node.lineno))
            for kw in node.kwargs
        ]
        return nodes.Mod(nodes.Const(said), nodes.Dict(variables), lineno=node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802
        """Jinja itself would forget, of what it joins beforehand, that it is markup."""
        self.generic_visit(node)
        values = [part.value for part in node.nodes if isinstance(part, nodes.Const)]
        return nodes.Const(markup_join(values), lineno=node.lineno) if len(values) == len(node.nodes) else node


def made_of(language: str) -> str:
    """What the code of a template depends on beside its source: the sentences put into it, and what puts them there.

    A worker that is reloaded finds what older ones have compiled; under this name it is what is said today.
    """
    texts = text_of(language)
    told = hashlib.sha256(Path(__file__).read_bytes() + (texts.read_bytes() if texts.is_file() else b""))
    return f"{language}-{told.hexdigest()[:16]}"


class _InLanguage(BytecodeCache):
    """What templates were compiled to in one language, kept where all of it is kept."""

    def __init__(self, cache: BytecodeCache, language: str) -> None:
        self._cache, self._language = cache, language

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Another one in each language."""
        return f"{self._language}-{self._cache.get_cache_key(name, filename)}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """What is there."""
        self._cache.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._cache.dump_bytecode(bucket)


class Templates(Environment):
    """Flask's templates, in the reader's language."""

    context_class = _Context
    code_generator_class = _Code
    shown = staticmethod(shown)
    _words: Words | None = None

    def __init__(self, app: Flask, **options: Any) -> None:
        """Made by Flask, which is told so by ``jinja_environment``."""
        super().__init__(app, **options)
        self._languages: dict[Locale | None, Templates] = {}

    def get_or_select_template(self, *args: Any, **kwargs: Any) -> Template:
        """The template, in the language of the one who asks."""
        if self._words is None:
            return self._in_the_readers_language().get_or_select_template(*args, **kwargs)
        return super().get_or_select_template(*args, **kwargs)

    def get_template(self, *args: Any, **kwargs: Any) -> Template:
        """The same for one that is called by its name."""
        if self._words is None:
            return self._in_the_readers_language().get_template(*args, **kwargs)
        return super().get_template(*args, **kwargs)

    def from_string(self, *args: Any, **kwargs: Any) -> Template:
        """The same for what is no file."""
        if self._words is None:
            return self._in_the_readers_language().from_string(*args, **kwargs)
        return super().from_string(*args, **kwargs)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One and the same for all templates: to put two mappings together is dear when every page does it anew."""
        return super().make_globals(d) if d else self.globals

    def _in_the_readers_language(self) -> Templates:
        """Made when the first reader of the language comes, when everything has been put into this one."""
        locale = reading()
        found = self._languages.get(locale)
        return found or self._languages.setdefault(locale, self._spoken(locale))

    def _spoken(self, locale: Locale | None) -> Templates:
        cache = self.bytecode_cache
        spoken = self.overlay(autoescape=True, bytecode_cache=cache and _InLanguage(cache, made_of(str(locale))))
        words = spoken._words = Words(get_translations())
        said: dict[str, Callable[..., object]] = {
            "_": words.gettext,
            "gettext": words.gettext,
            "pgettext": words.pgettext,
            "ngettext": words.ngettext,
            "npgettext": words.npgettext,
            "label": label_in(locale),
        }
        spoken.globals = {**self.globals, **said}
        spoken.filters = {**self.filters, **filters_of(spelling()), APART: isolated_name}
        return spoken

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        if self._words is not None:
            source = _Saying(self._words).visit(source)
        return super()._generate(source, *args, **kwargs)
