"""The levels of a scale as they are sent: a list, since names such as "-1" and "1" are one word to many a client."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from coord.domain.case.goals.scales import LEVELS
from coord.domain.input import STATEMENT
from coord.web.api.fields import Items, Part, Strict, number, words

_OLDER = "An object with the names `-2` to `2` is still taken for it (older)"


class NewLevel(Strict):
    """What one sees at a level: from much less than expected (-2) to much more than expected (2)."""

    level = number(LEVELS[0], LEVELS[-1], required=True)
    text = words(required=True, limit=STATEMENT)


class Levels(Items):
    """Texts by level, as the domain has them."""

    def __init__(self, *, metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """One of each."""
        bounds = {"minItems": len(LEVELS), "maxItems": len(LEVELS), "description": _OLDER}
        super().__init__(Part(NewLevel), metadata={**(metadata or {}), **bounds}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return _by_name(value)
        found: dict[int, str] = {}
        sent: Any = super()._deserialize(value, attr, data, **kwargs)
        for i, one in enumerate(sent):
            if one["level"] in found:
                raise ValidationError({i: {"level": ["given-twice"]}})
            found[one["level"]] = one["text"]
        return found


def _by_name(value: dict[str, Any]) -> dict[int, str]:
    names = {str(level): level for level in LEVELS}
    wrong = {name: ["unknown-field"] for name in value.keys() - names.keys()}
    wrong |= {name: ["not-text"] for name in names.keys() & value.keys() if not isinstance(value[name], str)}
    if wrong:
        raise ValidationError(wrong)
    return {names[name]: text for name, text in value.items()}
