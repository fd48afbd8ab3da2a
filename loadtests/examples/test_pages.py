"""Tests of your own that also say that nobody is given away: the pytest fixture `no_leaks`.

pytest loadtests/examples/test_pages.py --earlid-identities identities.json
"""

import os
from collections.abc import Callable

import httpx
import pytest

PAGES = ("/", "/clips/1", "/api/clips/1", "/audio/1", "/tagged", "/moved", "/error")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_gives_nobody_away(page: str, no_leaks: Callable[[object], None]) -> None:
    no_leaks(httpx.get(os.environ.get("REVIEW_URL", "http://127.0.0.1:8000") + page))
