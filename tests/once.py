"""What is made when it is first asked for, also when several threads ask at once."""

import functools
from threading import RLock
from typing import TYPE_CHECKING, Any

_MAKING = RLock()

if TYPE_CHECKING:
    from functools import cached_property as cached_property
else:

    class cached_property(functools.cached_property):  # noqa: N801 - as the library spells its own
        """The library's, with the lock that it lost in Python 3.12: two writers of a test are one person, not two."""

        def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
            """What was made; or make it, while everybody else who asks for something waits."""
            if instance is None:
                return self
            if self.attrname in instance.__dict__:
                return instance.__dict__[self.attrname]
            with _MAKING:
                return super().__get__(instance, owner)
