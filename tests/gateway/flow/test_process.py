"""The worker outlives what breaks beside it."""

from typing import Any

import pytest
import sqlalchemy as sa

from gateway.flow.loggable_counts import loggable
from gateway.flow.process import _work
from tests.gateway.world import World


class _Stopped(Exception):
    pass


class _Quiet:
    """A broker on which nothing happens but time: one `step_s` for each turn of the worker, until `until_s`."""

    def __init__(self, *, step_s: float, until_s: float) -> None:
        self.now, self._step_s, self._until_s = 0.0, step_s, until_s

    def shed(self) -> list[str]:
        return []

    def messages(self, _wait_s: float) -> list[Any]:
        if self.now >= self._until_s:
            raise _Stopped
        self.now += self._step_s
        return []


def test_a_sweep_that_breaks_is_counted_and_tried_again_a_minute_later() -> None:
    world, quiet, swept_at = World(), _Quiet(step_s=5.0, until_s=4_000.0), []

    def tidy() -> None:
        swept_at.append(quiet.now)
        if len(swept_at) <= 2:
            raise sa.exc.OperationalError("DELETE", {}, Exception("database is locked: Ada Lovelace"))

    with pytest.raises(_Stopped):
        _work(quiet, world.service, tidy, monotonic=lambda: quiet.now)  # type: ignore[arg-type]
    assert swept_at == [0.0, 60.0, 120.0, 3_720.0]
    assert loggable(world.service.counts) == "broke:OperationalError 2"
