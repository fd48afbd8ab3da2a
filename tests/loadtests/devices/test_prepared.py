"""Which device a user is, and what it says: no device twice, no session twice, times of the plan."""

import itertools
from pathlib import Path

import pytest

from gateway.files import BadFile
from loadtests.devices.prepared import Prepared
from loadtests.devices.settings import Speaking
from simulator.world.households import make_identities


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    path = tmp_path_factory.mktemp("ids") / "ids.json"
    path.write_bytes(make_identities(seed=7, households=4).to_json())
    return Prepared(Speaking(broker="mqtt://127.0.0.1", identities=path, gap_s=5, sounds=2))


def test_workers_share_the_devices_and_a_device_comes_back(fleet: Prepared) -> None:
    taken = [fleet.take(worker, 2) for worker in (0, 1) for _ in fleet.plan.devices]
    numbers = [found[0] for found in taken if found is not None]
    assert sorted(numbers) == list(range(len(fleet.plan.devices)))
    assert fleet.take(0, 2) is None
    fleet.give_back(2)
    assert fleet.take(1, 2) is None
    assert fleet.take(0, 2) == (2, fleet.plan.devices[2])
    for number in numbers:
        fleet.give_back(number)


def test_sessions_never_repeat_and_times_rise(fleet: Prepared) -> None:
    spoken = list(itertools.islice(fleet.spoken(0, fleet.plan.devices[0]), 40))
    assert len({each.said.session_id for each in spoken}) == 40
    times = [each.after_s for each in spoken]
    assert times == sorted(times)
    assert 100 < times[-1] < 300  # 40 utterances, about 5 s apart


def test_identities_without_a_device_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ids.json"
    path.write_text(
        '{"schema": 1, "households": [{"household_id": "H01", "members": [{"person_id": "P1", "name": "Ann Lee"}]}]}'
    )
    with pytest.raises(BadFile, match="no device"):
        Prepared(Speaking(broker="mqtt://127.0.0.1", identities=path))
