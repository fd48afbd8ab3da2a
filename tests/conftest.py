"""What every test shares: the Hypothesis profile, and which tests are slow.

EARLID_HYPOTHESIS chooses the profile: dev (few examples), ci (more, and the same each time) or soak (many). A test that
names its own number keeps it.
"""

import gc
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

END_TO_END = Path(__file__).parent / "end_to_end"
# The runs of the whole line that `make test` keeps: one scenario on each broker, and the commands.
QUICK = frozenset({"test_smoke.py", "test_commands.py"})
# The run of a real Locust that `make test` keeps besides. The runs of the whole line hold one with reviewers.
QUICK_LOCUST = frozenset({"test_every_channel_of_a_leaking_server_is_found"})
# The compiled functions beside the plain ones: to compile them takes longer than most folders of tests.
COMPILED = Path(__file__).parent / "scenarios" / "leaks" / "decode" / "kernels"

# Each of these is shared out test by test: two of a file may take a minute each.
SHARED_OUT = "tests/end_to_end/"
# But the tests of these look at the same runs.
TOGETHER = frozenset({"tests/end_to_end/test_smoke.py", "tests/end_to_end/test_existence.py"})

settings.register_profile("dev", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("EARLID_HYPOTHESIS", "dev"))


def pytest_configure() -> None:
    """No search for garbage while modules are imported. Next to nothing that an import makes is garbage: the searches
    cost a fifth of the collecting, in every worker."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What the modules made stays for the whole run. Later searches leave it out."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        end_to_end = item.path.parent == END_TO_END and item.path.name not in QUICK
        fixtures = getattr(item, "fixturenames", ())
        real_locust = ("locust" in fixtures or "earlid" in fixtures) and item.name not in QUICK_LOCUST
        if end_to_end or real_locust or item.path.parent == COMPILED:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, so that what a file's tests share is made once. pytest-xdist's own way to say so,
    `xdist_group`, does nothing under pytest 9: it writes to an attribute that is there no more."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = _run_together
    return scheduler


def _run_together(nodeid: str) -> str:
    """A name that all tests share which go to one process."""
    file = nodeid.partition("::")[0]
    return nodeid if file.startswith(SHARED_OUT) and file not in TOGETHER else file
