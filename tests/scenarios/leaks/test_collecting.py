import gc

import pytest

from scenarios.leaks.collecting import not_collecting


@not_collecting()
def stopped() -> None:
    assert not gc.isenabled()
    raise ValueError("stop")


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_as_it_was(was_on: bool) -> None:
    before = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(ValueError, match="stop"):
            stopped()
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()
