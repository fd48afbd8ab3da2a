"""Compiles a function with Numba, which keeps the machine code where `loading` says."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def jit(function: Function) -> Function:
    """Return the function as machine code. It is compiled for the types of its arguments when it is first called."""
    return cast(Function, numba.njit(cache=True, nogil=True)(function))
