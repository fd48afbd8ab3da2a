"""The import arrows: who may know of whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("simulator", "gateway", "scenarios", "loadtests")
# files.py and fault_words.py are what the doors stand on: the error every file reader raises, and its words.
# ending.py says how a process ends at a signal, which is the same for every process of ours.
# geography/towns.py reads the list of towns that homes are made of; the gateway counts their people.
DOORS = {
    "gateway.wire",
    "gateway.decision",
    "gateway.contract",
    "gateway.identities",
    "gateway.ending",
    "gateway.files",
    "gateway.fault_words",
    "gateway.geography.towns",
}
MOST_FILES = 16  # of one room, without its __init__
ONE_HOME = {
    "simpy": {"simulator"},
    "faker": {"simulator"},
    "locust": {"loadtests"},
    "paho": {"simulator", "gateway"},
    "pydub": {"simulator", "gateway"},
    "onnxruntime": {"simulator", "gateway"},
    "hyperscan": {"scenarios"},
    "numba": {"scenarios"},
    "amqtt": {"scenarios"},
    "fastapi": {"gateway"},
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def wrong(module: str, imported: str) -> str | None:
    """Why `module` may not import `imported`; None when it may."""
    of, to = module.split(".")[0], imported.split(".")[0]
    if to in ONE_HOME and of not in ONE_HOME[to]:
        return f"{to} has its home in {', '.join(sorted(ONE_HOME[to]))}"
    if to not in FOLDERS or of == to:
        return _within(module, imported)
    if of == "gateway":
        return "gateway imports nothing of ours"
    if to == "gateway" and not any(imported == door or imported.startswith(f"{door}.") for door in DOORS):
        return None if imported == "gateway" else "only the gateway's doors are published"
    order = ("gateway", "simulator", "scenarios", "loadtests")
    return None if order.index(to) < order.index(of) else f"{of} may not know of {to}"


def _within(module: str, imported: str) -> str | None:
    forbidden = (
        "gateway.vault.app",
        "gateway.vault.facts",
        "gateway.vault.safety",
        "gateway.vault.journal",
        "gateway.vault.sealing",
        "gateway.commands",
        "gateway.identities",
        "gateway.intake",
        "gateway.clip",
    )
    exact = {*forbidden, *(name + "." for name in forbidden)}
    if module.startswith("gateway.review") and any(
        imported == name or imported.startswith(f"{name}.") for name in exact
    ):
        return "the review tool has no path to raw audio or identities"
    if imported.startswith("scenarios.leaks.") and module == "scenarios.leaks.controls":
        return "what plants a leak may not import what finds it"
    return None


def every_import() -> list[tuple[str, str]]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found += [(module, imported) for imported in imports(path)]
    return found


def room(module: str) -> str:
    """The package a module stands in; a file right in a top-level folder is a room of its own."""
    parts = module.split(".")
    return module if len(parts) == 2 else ".".join(parts[:-1])


def room_graph() -> dict[str, set[str]]:
    """Which room imports which other room of the same top-level folder."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for f in FOLDERS for path in (ROOT / f).rglob("*.py")
    }
    graph: dict[str, set[str]] = {room(module): set() for module in modules}
    for module, imported in every_import():
        if imported in modules and imported.split(".")[0] == module.split(".")[0] and room(imported) != room(module):
            graph[room(module)].add(room(imported))
    return graph


def test_no_room_imports_itself_through_others() -> None:
    graph = room_graph()
    assert len(graph) > 40
    with_circle = {name for name in graph if name in _reached(graph, name)}
    assert with_circle == set()


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in graph[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def test_a_circle_of_rooms_is_seen() -> None:
    assert "a" in _reached({"a": {"b"}, "b": {"c"}, "c": {"a"}}, "a")
    assert "a" not in _reached({"a": {"b"}, "b": {"c"}, "c": set()}, "a")


def test_every_room_is_small_and_says_what_it_is_for() -> None:
    rooms = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*/__init__.py")}
    crowded = {str(r.relative_to(ROOT)): n for r in rooms if (n := len(list(r.glob("*.py"))) - 1) > MOST_FILES}
    silent = [str(r) for r in rooms if not ast.get_docstring(ast.parse((r / "__init__.py").read_text()))]
    assert len(rooms) > 30
    assert (crowded, silent) == ({}, [])


def test_every_import_follows_the_arrows() -> None:
    found = every_import()
    faults = [f"{module} -> {imported}: {why}" for module, imported in found if (why := wrong(module, imported))]
    assert len(found) > 300
    assert faults == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("gateway.flow.service", "simulator.world.truth"),
        ("gateway.flow.service", "scenarios.verdict"),
        ("simulator.device.fleet", "scenarios.run.scenario_run"),
        ("simulator.device.fleet", "gateway.storage.store"),
        ("scenarios.checks.audio", "gateway.redact.sound.masking"),
        ("scenarios.run.scenario_run", "loadtests.watch.leakwatch"),
        ("scenarios.run.scenario_run", "locust"),
        ("gateway.review.site", "gateway.vault.app"),
        ("gateway.review.site", "gateway.identities.load_identities"),
        ("scenarios.leaks.controls", "scenarios.leaks.decode.layers"),
        ("gateway.redact.sound.masking", "simpy"),
    ],
)
def test_a_wrong_arrow_is_caught(module: str, imported: str) -> None:
    assert wrong(module, imported)


def test_the_top_level_holds_the_fixed_folders_only() -> None:
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))} - {"out"}
    assert folders == {*FOLDERS, "tests"}


def test_tests_stand_in_the_folder_of_the_room_they_test() -> None:
    """`tests/gateway/gate/test_decide.py` tests `gateway/gate/decide.py`; what spans rooms stands one folder up."""
    rooms = {path.parent.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    modules: dict[str, set[Path]] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            modules.setdefault(path.stem, set()).add(path.parent.relative_to(ROOT))
    tests = [
        path.relative_to(ROOT / "tests") for folder in FOLDERS for path in (ROOT / "tests" / folder).rglob("test_*.py")
    ]
    assert len(tests) > 150
    assert [str(path) for path in tests if path.parent not in rooms] == []
    elsewhere = [
        str(path)
        for path in tests
        if (homes := modules.get(path.stem.removeprefix("test_"))) and not homes & {path.parent, *path.parent.parents}
    ]
    assert elsewhere == []


def test_every_room_has_tests() -> None:
    untested = [
        name
        for name in room_graph()
        if (ROOT / name.replace(".", "/")).is_dir()
        and not any((ROOT / "tests" / name.replace(".", "/")).rglob("test_*.py"))
    ]
    assert untested == []


if __name__ == "__main__":  # `python tests/test_arrows.py` prints the rooms and what each one imports
    for name, others in sorted(room_graph().items()):
        print(f"{name}: {', '.join(sorted(others)) or '-'}")  # noqa: T201
