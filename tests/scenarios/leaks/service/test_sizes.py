"""Sizes as people write them."""

import pytest

from gateway.files import BadFile
from scenarios.leaks.service.sizes import size_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("512MiB", 512 * 1024**2), ("2GiB", 2 * 1024**3), ("10 GB", 10**10), ("1.5k", 1_500), ("1000", 1_000), ("0", 0)],
)
def test_sizes(text: str, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "2 GiB more", "1e9", "2X"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadFile, match="allowed: a size such as 512MiB"):
        size_of(text)
