"""Twin runs of a gateway in this process: the shipped one looks the same whoever lives there, broken ones do not."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import msgspec
import pyotp
import pytest

from gateway.contract.model import load_contract
from gateway.files import write_private
from gateway.flow import in_process as pipe
from gateway.flow.in_process import InProcessGateway, serve_lines
from gateway.gate.wake import Detector, Heard, Pcm, load_detector
from gateway.review.people.accounts import accounts_json, make_account
from scenarios.run.target import Reviewer
from scenarios.twin.difference import Comparison, Difference
from scenarios.twin.page import twin_page
from scenarios.twin.run import Side, TwinReport, Worlds, findings, others, reference_world, relabelled, twin
from scenarios.twin.world import ROLES, InProcessTwinWorld
from scenarios.verdict import Outcome
from simulator.device import device as device_module
from simulator.device.fleet import FleetSettings
from simulator.sound.scenes import Scene, Sound, render
from simulator.world.households import make_identities
from simulator.world.twins import SILENT_FIELDS, make_twin
from tests.broken.telling_worlds import TELLING, order

JOIN_KEY = b"j" * 32
SETTINGS = FleetSettings(seed=4, households=3, utterances_per_device=3, fixed_slots=True)


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    identities = make_identities(seed=2019, households=3)
    return Worlds(scenario="mine", contract=load_contract("strict"), identities=identities, settings=SETTINGS)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessTwinWorld]:
    folder = tmp_path_factory.mktemp("twin")
    write_private(folder / "join.key", JOIN_KEY)
    people, accounts = {}, []
    for role in ROLES[:1]:
        secret = pyotp.random_base32()
        people[role] = Reviewer(username=role, password="correct horse", totp_secret=secret)
        accounts.append(make_account(role, role, "correct horse", secret))  # type: ignore[arg-type]
    (folder / "accounts.json").write_bytes(accounts_json(accounts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipe, "load_detector", lambda model: Remembering(load_detector(model)))
        world = InProcessGateway(
            load_contract("strict"), accounts=folder / "accounts.json", join_key=folder / "join.key"
        )
    yield InProcessTwinWorld(serve_lines(world), folder=folder, people=people, join_key=JOIN_KEY)
    world.close()


class Remembering:
    """The wake engine, asked once for each sound: most worlds of these tests sound alike."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._known: dict[bytes, Heard] = {}

    def hear(self, pcm: Pcm) -> Heard:
        key = pcm.tobytes()
        if key not in self._known:
            self._known[key] = self._detector.hear(pcm)
        return self._known[key]


@functools.cache
def render_once(scene: Scene) -> Sound:
    return render(scene)


@pytest.fixture(autouse=True)
def _rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "render", render_once)


def only(name: str) -> Callable[..., Iterator[object]]:
    """`others`, save that one side is made."""
    return lambda *args, **more: (side for side in others(*args, **more) if side[0] == name)


def quiet(_name: str) -> None: ...


@pytest.mark.slow
def test_the_strict_contract_shows_the_same_whoever_lives_there(worlds: Worlds, house: InProcessTwinWorld) -> None:
    report = twin(worlds, house, progress=quiet)
    assert [(side.name, side.outcome.value) for side in report.sides] == [
        (name, "pass") for name in ("silent", "unequal", "relabelled", "absent", "spoken")
    ]
    assert report.outcome is Outcome.PASS
    assert report.clips > 2
    assert report.masked["GET /api/clips/{ref}: body device"] == report.clips  # pseudonyms: random by themselves
    assert not {*report.leaking, *report.unsteady, *report.not_asked}
    assert findings(report) == ()


QUICK = 1  # of them runs with every change


@pytest.mark.parametrize(
    "name",
    [name if at < QUICK else pytest.param(name, marks=pytest.mark.slow) for at, name in enumerate(TELLING)],
)
def test_a_telling_gateway_is_found_and_the_field_is_named(
    name: str, worlds: Worlds, house: InProcessTwinWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, patch = TELLING[name]
    if patch is order:  # two random orders of few clips are too often the same
        many = msgspec.structs.replace(SETTINGS, utterances_per_device=7)
        worlds = msgspec.structs.replace(worlds, settings=many)
    patch(lambda module, what, make: monkeypatch.setattr(module, what, make(getattr(module, what))))
    if by in SILENT_FIELDS:
        innocent = ("members.emails",) if by == "customer_id" else ()
        report = twin(worlds, house, fields=(by, *innocent), progress=quiet)
        assert report.leaking == (by,)
    else:
        monkeypatch.setattr("scenarios.twin.run.others", only(by))
        monkeypatch.setattr("scenarios.twin.run._taken_apart", lambda *_: [])
        report = twin(worlds, house, progress=quiet)
        assert [side.name for side in report.sides] == [by]
    assert report.outcome is Outcome.FAIL
    found = findings(report)
    assert found
    assert {finding.field for finding in found} == {by}
    values = [worlds.identities.to_json(), make_twin(worlds.identities, seed=77).to_json()]
    assert all(finding.masked_evidence.encode() not in value for finding in found for value in values)


@pytest.mark.slow
def test_a_red_side_is_taken_apart_into_its_fields(
    worlds: Worlds, house: InProcessTwinWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    TELLING["ETag from the customer id"][1](
        lambda module, what, make: monkeypatch.setattr(module, what, make(getattr(module, what)))
    )
    monkeypatch.setattr("scenarios.twin.run.SILENT_FIELDS", ("members.emails", "customer_id"))
    monkeypatch.setattr("scenarios.twin.run.others", only("silent"))
    report = twin(worlds, house, which="silent", progress=quiet)
    assert report.leaking == ("customer_id",)
    assert {finding.where.kind for finding in findings(report)} == {"header etag"}
    assert all("--field customer_id" in finding.reproduce for finding in findings(report))


def test_neighbours_change_their_labels_and_nothing_else() -> None:
    ours = make_identities(seed=1, households=3)
    theirs = relabelled(ours)
    before, after = ([d for home in known.households for d in home.devices] for known in (ours, theirs))
    assert sorted(d.site_id for d in after) == sorted(d.site_id for d in before)
    assert (after[0].serial, after[1].serial) == (before[1].serial, before[0].serial)
    assert [home.members for home in theirs.households] == [home.members for home in ours.households]


def test_what_is_disclosed_on_purpose_is_never_swapped(tmp_path: Path) -> None:
    ours = reference_world(make_identities(seed=1, households=2))
    for _, _, fields, theirs in others(ours, ("home.city", "home.state"), which="both", fields=()):
        assert not {"home.city", "home.state"} & set(fields)
        places = [home.home for home in theirs.households]
        assert [(p.city, p.state) for p in places if p] == [
            (h.home.city, h.home.state) for h in ours.households[: len(places)] if h.home
        ]


def test_the_page_says_which_field_and_never_a_value() -> None:
    passed = Side(
        name="silent",
        about="other ids",
        fields=("devices.serial", "customer_id"),
        outcome=Outcome.PASS,
        comparison=Comparison(answers=9, words=900, masked=3, differences=()),
    )
    told = Difference(place="reviewer GET /clips/{ref}", part="header etag", clips=("H01-D1-001",))
    failed = msgspec.structs.replace(
        passed,
        fields=("customer_id",),
        outcome=Outcome.FAIL,
        comparison=msgspec.structs.replace(passed.comparison, differences=(told,)),
    )
    report = TwinReport(
        schema=1,
        scenario="mine",
        contract="strict",
        seed=1,
        households=3,
        clips=4,
        outcome=Outcome.PASS,
        sides=(passed,),
        leaking=(),
        lengths=None,
        masked={"GET /clips/{ref}: body": 3},
        unsteady=(),
        not_asked=(),
        declared=("home.city",),
    )
    assert "Nothing anybody was shown depends on who the 3 households are" in twin_page(report)
    leaking = msgspec.structs.replace(report, outcome=Outcome.FAIL, sides=(failed,), leaking=("customer_id",))
    text = twin_page(leaking)
    assert "changes with customer_id" in text
    assert "header etag" in text
    assert "http" not in text
    jsonschema.validate(msgspec.json.decode(msgspec.json.encode(leaking)), msgspec.json.schema(TwinReport))
