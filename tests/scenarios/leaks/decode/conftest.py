"""The compiled functions, and both ways through the decoders."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from scenarios.leaks.decode import base85, bases, containers, guesses, runs, sieve
from scenarios.leaks.decode.kernels.loading import loaded

_CALLERS = (base85, bases, containers, guesses, runs, sieve)
Ways = Callable[[Callable[[], Any]], tuple[Any, Any]]


@pytest.fixture(scope="session")
def functions() -> ModuleType:
    found = loaded()
    assert found is not None, "Numba is missing, or the cache folder is open to others"
    return found


@pytest.fixture(scope="session")
def both_ways(functions: ModuleType) -> Ways:
    """Return what a call gives with the compiled functions, and what it gives without them."""

    def ask(call: Callable[[], Any]) -> tuple[Any, Any]:
        answers = []
        for chosen in (functions, None):
            with pytest.MonkeyPatch.context() as patch:
                for module in _CALLERS:
                    patch.setattr(module, "kernels", lambda _size, chosen=chosen: chosen)
                answers.append(call())
        return answers[0], answers[1]

    return ask
