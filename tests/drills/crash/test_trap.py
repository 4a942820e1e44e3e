"""The trap kills at the drawn passing, and at no other."""

import os
import signal

from drills.crash.trap import Set, Trap


def test_it_kills_at_the_drawn_passing_of_its_own_spot() -> None:
    heard, tell = os.pipe()
    child = os.fork()
    if child == 0:
        trap = Trap(Set(spot="order.done", passing=3, share=0.5), tell=tell)
        for number in range(5):
            trap.passing("order.enter")
            os.write(tell, str(number).encode())
            trap.passing("order.done")
        os._exit(0)
    os.close(tell)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert os.read(heard, 100) == b"012sprung"
    os.close(heard)


def test_without_a_spot_nothing_ever_springs() -> None:
    trap = Trap(None, tell=-1)
    trap.passing("order.done")
    assert not trap.is_set
    assert not trap.is_next("order.torn")
