"""Write the bytes of events that have none yet: ``python -m tests.events.freeze``. Those that stand are not changed."""

import json

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.events import EVENT_CLASSES
from tests.events.test_samples import FILE, MAPPER, SAMPLES, meaning


def main() -> None:
    new = {topic: MAPPER.to_stored_event(kind(**meaning(topic))) for topic, kind in EVENT_CLASSES.items()}
    bytes_of = {topic: stored.state.decode() for topic, stored in new.items() if topic not in SAMPLES}
    FILE.write_text(json.dumps({**SAMPLES, **bytes_of}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
