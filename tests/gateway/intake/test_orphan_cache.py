"""What came before its session is bounded in all, for each device and in time, and nobody's fills another's."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.orphan_cache import KEPT_S, MOST, MOST_PER_SITE, OrphanCache


def test_one_devices_flood_is_its_own_loss() -> None:
    box: OrphanCache[int] = OrphanCache()
    box.put(("meek", "m"), 1, 0.0)
    for number in range(10_000):
        box.put(("hostile", str(number)), number, 0.0)
    assert len(box) == MOST_PER_SITE + 1
    assert box.pop(("meek", "m")) == 1
    assert box.pop(("hostile", "9999")) == 9_999
    assert box.pop(("hostile", "0")) is None


def test_many_devices_are_bounded_as_well() -> None:
    box: OrphanCache[int] = OrphanCache()
    for number in range(MOST + 100):
        box.put((f"d{number}", "s"), number, 0.0)
    assert len(box) == MOST
    assert ("d99", "s") not in box
    assert ("d100", "s") in box


def test_nothing_is_kept_for_long() -> None:
    box: OrphanCache[int] = OrphanCache()
    box.put(("a", "early"), 1, 0.0)
    box.put(("b", "late"), 2, KEPT_S)
    box.forget_old(KEPT_S)
    assert len(box) == 2
    box.forget_old(KEPT_S + 0.1)
    assert (("a", "early") in box, ("b", "late") in box) == (False, True)


ACT = st.tuples(st.sampled_from(["put", "pop", "old"]), st.sampled_from("abc"), st.integers(0, 20))


@given(st.lists(ACT, max_size=80))
def test_it_counts_what_it_has(acts: list[tuple[str, str, int]]) -> None:
    box: OrphanCache[int] = OrphanCache()
    there: dict[tuple[str, str], float] = {}
    for now, (act, site, session) in enumerate(acts):
        key = (site, str(session))
        if act == "put":
            box.put(key, session, float(now))
            there.pop(key, None)
            there[key] = now
        elif act == "pop":
            assert (box.pop(key) is not None) == (there.pop(key, None) is not None)
        else:
            box.forget_old(float(now))
            there = {each: came for each, came in there.items() if now - came <= KEPT_S}
        for name in "abc":
            own = [each for each in there if each[0] == name]
            for each in own[: max(0, len(own) - MOST_PER_SITE)]:
                del there[each]
        assert len(box) == len(there)
        assert all(each in box for each in there)
