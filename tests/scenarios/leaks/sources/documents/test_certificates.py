"""Certificates in PEM, made by trustme: their DER holds names."""

from collections.abc import Callable
from typing import Any

import trustme

from tests.scenarios.leaks.sources.conftest import EMAIL, NAME


def test_a_certificate_names_whom_it_is_for(seen: Callable[..., Any]) -> None:
    made = trustme.CA().issue_cert(EMAIL, common_name=NAME).cert_chain_pems[0].bytes()
    assert seen(made).fields >= {"members.name", "members.emails"}


def test_a_certificate_of_nobody_is_clean(seen: Callable[..., Any]) -> None:
    made = trustme.CA().issue_cert("other@example.org", common_name="Anna Brandt").cert_chain_pems[0].bytes()
    assert (seen(made).fields, seen(made).unread) == (set(), [])
