"""What threads do together: each hears of its own, whoever fails, dies or runs out of time."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from coord.domain.errors import Unavailable
from coord.patience import answer_within
from coord.persistence.together import AT_MOST, SPARED, Together


class Work:
    """Doubles numbers, in groups that it remembers; odd ones fail, and it stands still until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.goes_on = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(numbers))
        self.goes_on.wait()
        return [ValueError(n) if n % 2 else 2 * n for n in numbers]


class Thread(threading.Thread):
    """Somebody who asks for a number, and keeps what came of it."""

    def __init__(self, together: Together[int, int], number: int, within: float | None = None) -> None:
        super().__init__(daemon=True)
        self.together, self.number, self.within = together, number, within
        self.came: Any = None
        self.start()

    def run(self) -> None:
        if self.within is not None:
            answer_within(self.within)
        try:
            self.came = self.together.do(self.number)
        except BaseException as error:
            self.came = error


def until(met: Any) -> None:
    while not met():
        time.sleep(0.001)


def waiting(together: Together[int, int], *numbers: int, within: float | None = None) -> list[Thread]:
    """Threads that wait, each having come after the one before."""
    threads = []
    for number in numbers:
        before = len(together._queue)
        threads.append(Thread(together, number, within))
        until(lambda before=before: len(together._queue) == before + 1)
    return threads


def begun(work: Work, together: Together[int, int], number: int) -> Thread:
    thread = Thread(together, number)
    until(lambda: work.groups)
    return thread


def test_who_is_alone_waits_for_nobody():
    work = Work()
    work.goes_on.set()
    together = Together(work)
    assert [together.do(n) for n in (2, 4)] == [4, 8]
    assert work.groups == [[2], [4]]


def test_who_comes_meanwhile_is_done_together_and_each_hears_of_its_own():
    work = Work()
    together = Together(work, most=4)
    threads = [begun(work, together, 0), *waiting(together, 2, 3, 4, 5, 6)]
    work.goes_on.set()
    for thread in threads:
        thread.join()
    assert [len(group) for group in work.groups] == [1, 4, 1]
    assert sorted(n for group in work.groups for n in group) == [0, 2, 3, 4, 5, 6]
    for thread in threads:
        if thread.number % 2:
            assert isinstance(thread.came, ValueError)
            assert thread.came.args == (thread.number,)
        else:
            assert thread.came == 2 * thread.number
    assert together.do(8) == 16


def test_whose_time_is_up_while_they_wait_are_not_done_at_all():
    work = Work()
    together = Together(work)
    first = begun(work, together, 0)
    hurried, patient = waiting(together, 2, within=0.05)[0], waiting(together, 4)[0]
    hurried.join()
    assert isinstance(hurried.came, Unavailable)
    work.goes_on.set()
    for thread in (first, patient):
        thread.join()
    assert work.groups == [[0], [4]]


def test_who_has_the_most_time_does_it_for_the_others():
    work = Work()
    led: list[str] = []

    def perform(numbers: Sequence[int]) -> list[int | Exception]:
        led.append(threading.current_thread().name)
        return work(numbers)

    together = Together(perform, patience=100)
    first = begun(work, together, 0)
    early, late, later = (waiting(together, n, within=w)[0] for n, w in ((2, 60), (4, 90), (6, 70)))
    work.goes_on.set()
    for thread in (first, early, late, later):
        thread.join()
    assert led == [first.name, late.name]


def test_who_dies_at_it_leaves_nobody_waiting():
    work = Work()

    def perform(numbers: Sequence[int]) -> list[int | Exception]:
        done = work(numbers)
        if len(numbers) > 1:
            raise SystemExit
        return done

    together = Together(perform)
    first = begun(work, together, 0)
    threads = waiting(together, 2, 4)
    work.goes_on.set()
    for thread in (first, *threads):
        thread.join()
    assert first.came == 0
    assert sorted(type(thread.came).__name__ for thread in threads) == ["SystemExit", "Unavailable"]
    assert together.do(8) == 16


def test_many_threads_each_get_what_is_theirs_once():
    counted: dict[int, int] = {}

    def perform(numbers: Sequence[int]) -> list[int | Exception]:
        for number in numbers:
            counted[number] = counted.get(number, 0) + 1
        return [-n for n in numbers]

    together, wrong = Together(perform), list[int]()

    def ask(start: int) -> None:
        for number in range(start, start + 400):
            if together.do(number) != -number:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(1000 * n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(counted.values()) == {1}
    assert len(counted) == 8 * 400


class Watched(threading.Condition):
    """On which a leader waits for company: for how long at most is kept, and somebody may come just then."""

    def __init__(self, together: Together[int, int], comes: int | None = None) -> None:
        super().__init__(together._lock)
        together._come = self
        self.together, self.comes = together, comes
        self.at_most: list[float | None] = []
        self.came: list[Thread] = []

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        self.at_most.append(timeout)
        if self.comes is None:
            return super().wait_for(predicate, timeout)
        self.came.append(Thread(self.together, self.comes))
        return super().wait_for(predicate)


def after_a_group_of_two(work: Work, took: float) -> Together[int, int]:
    work.goes_on.set()
    together = Together(work)
    together._company, together._took = 1, took
    return together


def test_who_comes_back_while_the_next_group_waits_for_its_company_is_in_it():
    work = Work()
    together = after_a_group_of_two(work, took=0.01)
    watched = Watched(together, comes=4)
    assert together.do(2) == 4
    watched.came[0].join()
    assert watched.came[0].came == 8
    assert work.groups == [[2, 4]]


@pytest.mark.parametrize(("took", "at_most"), [(0.01, 0.01 * SPARED), (4.0, AT_MOST)])
def test_company_that_does_not_come_is_waited_for_once_and_briefly_even_after_a_stall(took: float, at_most: float):
    work = Work()
    together = after_a_group_of_two(work, took)
    watched = Watched(together)
    assert [together.do(n) for n in (2, 4)] == [4, 8]
    assert work.groups == [[2], [4]]
    assert watched.at_most == [at_most]
