"""The import arrows: who may know of whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("simulator", "gateway", "scenarios", "loadtests")
# files.py is what the three doors stand on: the error every file reader raises.
DOORS = {"gateway.wire", "gateway.contract", "gateway.identities", "gateway.files"}
ONE_HOME = {
    "simpy": {"simulator"},
    "faker": {"simulator"},
    "locust": {"loadtests"},
    "paho": {"simulator", "gateway"},
    "pydub": {"simulator", "gateway"},
    "onnxruntime": {"gateway"},
    "hyperscan": {"scenarios"},
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
        "gateway.vault",
        "gateway.vault_facts",
        "gateway.vault_safety",
        "gateway.sealed",
        "gateway.custody",
        "gateway.identities",
        "gateway.assemble",
        "gateway.ingest",
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


def test_every_import_follows_the_arrows() -> None:
    found = every_import()
    faults = [f"{module} -> {imported}: {why}" for module, imported in found if (why := wrong(module, imported))]
    assert len(found) > 300
    assert faults == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("gateway.service", "simulator.truth"),
        ("gateway.service", "scenarios.verdict"),
        ("simulator.fleet", "scenarios.run"),
        ("simulator.fleet", "gateway.store"),
        ("scenarios.checks.audio", "gateway.redact.audio"),
        ("scenarios.run", "loadtests.leakwatch"),
        ("scenarios.run", "locust"),
        ("gateway.review.pages", "gateway.vault"),
        ("gateway.review.pages", "gateway.identities.load_identities"),
        ("scenarios.leaks.controls", "scenarios.leaks.decoding"),
        ("gateway.redact.audio", "simpy"),
    ],
)
def test_a_wrong_arrow_is_caught(module: str, imported: str) -> None:
    assert wrong(module, imported)


def test_the_top_level_holds_the_fixed_folders_only() -> None:
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))} - {"out"}
    assert folders == {*FOLDERS, "tests"}
