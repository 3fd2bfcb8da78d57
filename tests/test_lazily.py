"""Values that are worked out once."""

from __future__ import annotations

from threading import Event, Thread

from msgspec import Struct

from conformance.lazily import lazily

NEVER_HANGS = 10.0


class Counting(Struct, frozen=True, dict=True):
    asked: list[str]

    @lazily
    def value(self) -> int:
        """What it is."""
        self.asked.append("value")
        return len(self.asked)


def test_a_value_is_worked_out_once_for_each_object() -> None:
    first, second = Counting([]), Counting(["before"])
    assert [first.value, first.value, second.value, second.value] == [1, 1, 2, 2]
    assert first.asked == ["value"]
    assert Counting.value.__doc__ == "What it is."


def test_one_object_does_not_wait_for_another() -> None:
    """As it would with `functools.cached_property` of Python 3.11."""
    begun, may_end = Event(), Event()

    class Waiting:
        def __init__(self, *, waits: bool) -> None:
            self.waits = waits

        @lazily
        def value(self) -> str:
            if self.waits:
                begun.set()
                may_end.wait(NEVER_HANGS)
            return "done"

    slow = Waiting(waits=True)
    thread = Thread(target=lambda: slow.value)
    thread.start()
    begun.wait(NEVER_HANGS)
    found: list[str] = []
    other = Thread(target=lambda: found.append(Waiting(waits=False).value), daemon=True)
    other.start()
    other.join(1.0)
    may_end.set()
    thread.join()
    assert found == ["done"]
