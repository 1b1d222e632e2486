"""Write the bytes of events that have none yet: ``python -m tests.events.freeze``. Those that stand are not changed.

An event that tells more by now, in ``expected.py``, gets new bytes, where it is said what the older ones are:
``python -m tests.events.freeze "before follow-ups"``. They stay, under the topic and these words, and can be read for
ever; `test_an_event_of_before_has_the_default_of_what_came_later` holds them to that.
"""

import json
import sys

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.events import EVENT_CLASSES
from tests.events.test_samples import FILE, MAPPER, SAMPLES, meaning


def main(of_before: str = "") -> None:
    new = {topic: MAPPER.to_stored_event(kind(**meaning(topic))) for topic, kind in EVENT_CLASSES.items()}
    kept = dict(SAMPLES)
    for topic, stored in new.items():
        text = stored.state.decode()
        if of_before and SAMPLES.get(topic, text) != text:
            kept |= {f"{topic} {of_before}": SAMPLES[topic], topic: text}
        kept.setdefault(topic, text)
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
