import ast
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

import scenarios.leaks.controls as controls
from gateway.identities import Household, Identities
from scenarios.leaks.controls import INDEX, LABEL, ControlServer, Index, Plant, control_household, plants, with_control
from scenarios.leaks.decode.layers import Limits
from scenarios.leaks.detector import Haystack, LeakDetector, Part


def _served(server: ControlServer) -> Iterator[tuple[Plant, Haystack]]:
    with httpx.Client(trust_env=False, base_url=server.url) as client:
        index = msgspec.json.decode(client.get(INDEX).content, type=Index)
        for plant in index.plants:
            response = client.get(plant.path)
            assert response.status_code == 200
            headers = [Part(kind="header", name="h", data=k + b": " + v) for k, v in response.headers.raw]
            yield plant, Haystack(parts=(*headers, Part(kind="body", name="b", data=response.content)))


@pytest.mark.parametrize("seed", range(500, 503))
def test_every_plant_is_found_over_http(seed: int, known: Identities) -> None:
    control = control_household(seed)
    detector = LeakDetector(with_control(known, control))
    with ControlServer(control) as server:
        served = list(_served(server))
    missed = [
        plant.name
        for plant, haystack in served
        if not any(f.household_id == LABEL and f.field == plant.field for f in detector.scan(haystack))
    ]
    assert missed == []
    assert len(served) == len(plants(control)) > 20


def test_a_blind_detector_misses_every_plant() -> None:
    control = control_household(1)
    blind = LeakDetector(Identities(schema=1, households=(control_household(2),)))
    with ControlServer(control) as server:
        assert not [plant.name for plant, haystack in _served(server) if blind.scan(haystack)]


def test_a_detector_that_cannot_decode_misses_the_encoded_plants() -> None:
    control = control_household(1)
    detector = LeakDetector(Identities(schema=1, households=(control,)), limits=Limits(depth=0))
    found = {
        name
        for name, plant in plants(control).items()
        if detector.scan(Haystack(parts=(Part(kind="body", name="b", data=plant.body),)))
    }
    assert "exact" in found
    assert not found & {
        "base64",
        "hex",
        "html_entities",
        "json_escaped",
        "gzip_body",
        "four_deep",
        "phone_in_markup_x",
    }


def test_the_index_describes_the_household() -> None:
    control = control_household(5)
    with ControlServer(control) as server, httpx.Client(trust_env=False) as client:
        index = msgspec.json.decode(client.get(server.url + INDEX).content, type=Index)
        assert client.get(server.url + "/none").status_code == 404
    assert Household.model_validate(index.household) == control


def test_the_same_seed_gives_the_same_household() -> None:
    assert control_household(7) == control_household(7) != control_household(8)
    assert control_household(7).household_id == LABEL


def test_what_plants_does_not_import_what_finds() -> None:
    tree = ast.parse(Path(controls.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    assert not [name for name in imported if name.startswith("scenarios")]
    assert not imported & {"binascii", "zlib", "re", "urllib.parse", "hyperscan"}
