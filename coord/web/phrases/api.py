"""One's own phrases, and what colleagues share."""

from __future__ import annotations

from flask import Response

from coord.application.phrases.commands import KeepPhrase, RemovePhrase
from coord.application.phrases.questions import PhrasesAnswer, ReadPhrases
from coord.web.api import answers, schemas
from coord.web.api.operations import ApiBlueprint, actor, operation, services
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("phrases", "Words that you write again and again, by a short name.")

reads(
    blueprint,
    "/phrases",
    ReadPhrases,
    PhrasesAnswer,
    about="""List your phrases, and those that colleagues share

    `[…]` in a text is a place to fill. To take a colleague's over, put it under a name of yours.
    """,
)
sends(
    blueprint,
    "PUT",
    "/phrases/<string:name>",
    KeepPhrase,
    example={"text": "Tied the laces [how often], with [help].", "shared": True},
    about="""Keep a phrase under a short name, in place of what stands there

    In `If-Match` you may say which version you saw (`"0"`: there was none).
    """,
)


@operation(blueprint, "DELETE", "/phrases/<string:name>", answer=schemas.Receipt, etag=False)
def remove_phrase(name: str) -> Response:
    """Throw a phrase of yours away

    What was written with it stays, and so does what a colleague took over.
    """
    return answers.receipt(services().doors.execute(actor(), RemovePhrase(name)), etag=False)
