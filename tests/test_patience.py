"""One limit for all that a request asks of the stores."""

import threading

from coord.patience import answer_within, left, no_hurry


def test_what_is_left_is_shared_and_ends_with_the_request():
    assert left(4.0) == 4.0
    answer_within(60)
    assert left(4.0) == 4.0
    assert 0 < left(1000.0) <= 60
    answer_within(0)
    assert left(4.0) == 0
    others: list[float] = []
    other = threading.Thread(target=lambda: others.append(left(4.0)))
    other.start()
    other.join()
    assert others == [4.0]  # another request's time is its own
    no_hurry()
    assert left(4.0) == 4.0
