"""Write the bytes of events that have none yet: ``python -m tests.events.freeze``. Those that stand are not changed.

An event that tells more by now, in ``expected.py``, gets new bytes, where it is said which it is and what the older
ones are: ``python -m tests.events.freeze case.note-signed.v1 "before follow-ups"``. They stay, under the topic and
these words, and can be read for ever; `test_an_event_of_before_has_the_default_of_what_came_later` holds them to that.
"""

import json
import sys
from collections.abc import Mapping

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.events import EVENT_CLASSES
from tests.events.test_samples import FILE, MAPPER, SAMPLES, meaning


def frozen(samples: Mapping[str, str], written: Mapping[str, str], topic: str = "", before: str = "") -> dict[str, str]:
    """The samples with those that are ``written`` of topics that had none; of the one ``topic`` what is written now,
    and what was under it with the words ``before``. No bytes are ever lost: raises `ValueError` where some would be, or
    where there is nothing to freeze."""
    kept = dict(samples)
    if topic:
        earlier = f"{topic} {before}"
        if not before or earlier in samples:
            raise ValueError(f"other words for what was before are needed: {earlier!r}")
        if topic not in samples or samples[topic] == written.get(topic, samples[topic]):
            raise ValueError(f"{topic} tells nothing else than before")
        kept |= {earlier: samples[topic], topic: written[topic]}
    return {**kept, **{name: text for name, text in written.items() if name not in kept}}


def main(topic: str = "", before: str = "") -> None:
    new = {name: MAPPER.to_stored_event(kind(**meaning(name))) for name, kind in EVENT_CLASSES.items()}
    kept = frozen(SAMPLES, {name: stored.state.decode() for name, stored in new.items()}, topic, before)
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
