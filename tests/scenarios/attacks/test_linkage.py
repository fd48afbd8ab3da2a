"""Linking: an attacker who can is seen to, one who cannot is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from scenarios.attacks.linkage import Linkage, ShownClip, auc, linkage


def clips(homes: int = 8, each: int = 4, seed: int = 0, **facts: str) -> list[ShownClip]:
    """In random order; `facts` are formats of the household's number."""
    owners = np.random.default_rng(seed).permutation(np.repeat(np.arange(homes), each))
    return [
        ShownClip(
            household=f"H{home}", position=at, **{name: text.format(home=home, at=at) for name, text in facts.items()}
        )
        for at, home in enumerate(owners)
    ]


def by(name: str, shown: list[ShownClip]) -> Linkage:
    return next(link for link in linkage(shown) if link.by == name)


def test_equal_ids_link_and_other_ids_do_not() -> None:
    linked, apart = by("ids", clips(device="p{home}")), by("ids", clips(device="p{at}"))
    assert (linked.auc, linked.low, linked.high) == (1.0, 1.0, 1.0)
    assert linked.chance is not None
    assert linked.chance < 0.001
    assert (apart.auc, apart.chance) == (0.5, 1.0)


def test_an_hour_of_ones_own_links() -> None:
    link = by("times", clips(recorded_on="2019-04-10T{home:02d}:00:00"))
    assert link.auc == 1.0
    assert by("times", clips(recorded_on="2019-04-10")).auc == 0.5


def test_a_queue_in_the_order_of_households_links() -> None:
    ordered = [ShownClip(household=f"H{at // 4}", position=at) for at in range(32)]
    link = by("order", ordered)
    assert link.auc is not None
    assert link.auc > 0.9
    assert link.low is not None
    assert link.low > 0.5


def test_a_random_order_does_not() -> None:
    found = [by("order", clips(seed=seed)) for seed in range(5)]
    assert all(link.chance is not None and link.chance > 0.001 for link in found)
    assert sum(link.low is not None and link.high is not None and link.low <= 0.5 <= link.high for link in found) >= 3


@pytest.mark.parametrize("shown", [[], clips(homes=1, each=1), clips(homes=5, each=1), clips(homes=1, each=5)])
def test_without_pairs_nothing_is_said(shown: list[ShownClip]) -> None:
    assert {link.auc for link in linkage(shown)} == {None}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_the_area_is_that_of_another_library(same: list[int], other: list[int]) -> None:
    truth = np.array([1] * len(same) + [0] * len(other))
    found = auc(np.array(same + other), truth, 1 - truth)
    assert found == pytest.approx(roc_auc_score(truth, same + other))
