"""The token that every form sends back (CSRF), masked anew in each answer.

Pages are sent compressed, and how long such an answer is tells something of what repeats in it (BREACH): a token that
stood in each of them unchanged could be found piece by piece. Flask-WTF makes the token and checks it; here it is
masked on its way out and unmasked on its way in.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, urlsafe_b64encode
from typing import cast

from flask import Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf


class FormTokens(CSRFProtect):  # type: ignore[misc]  # Flask-WTF is untyped
    """Flask-WTF's protection, with tokens that no two answers share."""

    def init_app(self, app: Flask) -> None:
        """Protect the app; its templates get masked tokens and no others.

        Raises RuntimeError where Flask-WTF hands its token to templates in a way that is not known here.
        """
        super().init_app(app)
        added = app.template_context_processors[None].pop()  # the library's, which gives a page the token as it is
        if cast(dict[str, object], added()).get("csrf_token") is not generate_csrf:
            raise RuntimeError("Flask-WTF gives pages its unmasked token in another way: see coord/web/form_token.py")
        del app.jinja_env.globals["csrf_meta_tag"]  # so does this
        app.jinja_env.globals["csrf_token"] = form_token

    def _get_csrf_token(self) -> str | None:
        sent: str | None = super()._get_csrf_token()
        return sent and unmasked(sent)


def form_token() -> str:
    """The token of this sign-in, as this answer has it: the same in each of its forms."""
    token: str = generate_csrf()
    if g.get("form_token", ("", ""))[0] != token:
        g.form_token = token, masked(token)
    return str(g.form_token[1])


def masked(token: str) -> str:
    """A token as a page holds it: chance, and the token XOR that chance."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return urlsafe_b64encode(pad + _xor(plain, pad)).decode()


def unmasked(sent: str) -> str:
    """The token behind what a form sent; nothing, if it was none.

    One that was never masked is taken as it is: pages from before tokens were masked are still open.
    """
    if "." in sent:  # as every signed token has, and no masked one
        return sent
    try:
        both = b64decode(sent, altchars=b"-_", validate=True)
        half, odd = divmod(len(both), 2)
        return "" if odd else _xor(both[:half], both[half:]).decode()
    except ValueError:
        return ""


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
