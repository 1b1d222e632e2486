"""Answers are sent compressed, so that their length tells nothing (BREACH).

Who can make a browser ask for pages, and sees how long the answers are, learns whether what they put into an address
stands on the page as well. So nothing is compressed that repeats the query, nor what another site asked for; a form's
token is another in each answer (`coord.web.form_token`); and gzip's own header holds a name of chance length.
"""

from __future__ import annotations

import secrets
from gzip import GzipFile
from io import BytesIO

from flask import Flask, Response, request

LEVEL = 5
"""Of zlib: beyond it a page takes longer, and is hardly smaller (docs/benchmarks.md)."""
WORTH_IT = 500
"""Bytes; less is one packet of the network anyway."""
FILLER = 256
"""Bytes of chance in an answer's length, fewer than this many; a word that stands there twice saves some ten."""
KINDS = frozenset({"text/html", "application/json", "application/problem+json"})
"""Styles and scripts are static files, which bring their compressed bodies with them (`coord.web.layout`)."""
OURS = frozenset({"same-origin", "none"})
"""What a browser says of a request that a page of ours, or its reader, made (Sec-Fetch-Site)."""


def init_compressing(app: Flask) -> None:
    """Compress what the app answers, where that is safe."""
    app.after_request(_compressed)


def compressed(content: bytes) -> bytes:
    """The content's gzip, another length each time."""
    out = BytesIO()
    filler = "-" * (1 + secrets.randbelow(FILLER))  # a header without a name would lack the byte that ends it, too
    with GzipFile(filler, "wb", LEVEL, out, mtime=0) as file:
        file.write(content)
    return out.getvalue()


def _compressed(response: Response) -> Response:
    if not _could_be(response):
        return response
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    if _asked_by_us() and request.accept_encodings["gzip"] > 0:
        response.set_data(compressed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _could_be(response: Response) -> bool:
    """Whether compressing is right for the answer, whoever asked. A page with a query repeats it: in the search, in
    the filter of a list, in the form that chooses the language. A strong ETag names these very bytes, and comes back
    in If-Match. What is sent bit by bit (the history's files) stays so."""
    return (
        response.mimetype in KINDS
        and not request.query_string
        and not response.is_streamed
        and "Content-Encoding" not in response.headers
        and not response.headers.get("ETag", "").startswith('"')
        and (response.content_length or 0) >= WORTH_IT
    )


def _asked_by_us() -> bool:
    """Whether no other site can have had the browser ask. Without a cookie there is nobody whom it could ask for:
    programs that use the API say nothing of sites, and browsers that say nothing are asked for nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    return site in OURS if site else not request.cookies
