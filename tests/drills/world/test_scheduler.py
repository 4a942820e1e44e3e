import inspect
from importlib.metadata import version

import trio
from trio.testing import MockClock

from drills.world.scheduler import run_seeded


def order_of_turns(seed: int) -> list[str]:
    turns: list[str] = []

    async def turn(name: str) -> None:
        for _ in range(3):
            turns.append(name)
            await trio.sleep(1)

    async def main(_clock: MockClock) -> None:
        async with trio.open_nursery() as nursery:
            for name in "abcdefgh":
                nursery.start_soon(turn, name)

    run_seeded(main, seed=seed)
    return turns


def test_a_seed_gives_one_order_and_seeds_give_many() -> None:
    assert order_of_turns(3) == order_of_turns(3)
    assert len({tuple(order_of_turns(seed)) for seed in range(20)}) == 20


def test_time_jumps_to_the_next_deadline() -> None:
    async def main(clock: MockClock) -> float:
        await trio.sleep(86_400.0)
        return clock.current_time()

    assert run_seeded(main, seed=1) == 86_400.0


def test_trios_private_switches_are_where_they_were() -> None:
    run = trio._core._run  # what the adapter stands on
    assert version("trio") == "0.35.0"
    before = run._ALLOW_DETERMINISTIC_SCHEDULING
    assert order_of_turns(1)
    assert run._ALLOW_DETERMINISTIC_SCHEDULING is before  # put back after each run
    assert hasattr(run._r, "seed")
    assert "_r.shuffle(batch)" in inspect.getsource(run.unrolled_run)
