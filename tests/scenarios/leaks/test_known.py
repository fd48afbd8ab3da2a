"""What is known of two groups of homes finds in a text what each finds by itself."""

import hashlib

from gateway.identities import Identities
from scenarios.leaks.decode.layers import outermost
from scenarios.leaks.detector import LeakDetector
from scenarios.leaks.known import Known
from scenarios.leaks.needles.literals import fold, spaced
from scenarios.verdict import Where

BODY = Where(kind="response_body", name="GET /x")


def test_a_detector_of_two_groups_finds_both(known: Identities, strangers: Identities) -> None:
    groups = Known(known), Known(strangers)
    both = LeakDetector(groups[0], beside=groups[1:], key=b"k" * 32)
    text = known.to_json() + strangers.to_json()
    found = {(each.household_id, each.field) for each in both.scan_bytes(text, BODY)}
    single = [LeakDetector(group, key=b"k" * 32).scan_bytes(text, BODY) for group in groups]
    assert found == {(each.household_id, each.field) for each in (*single[0], *single[1])}
    assert {home[0] for home, _ in found} == {"H", "S"}
    assert both.needle_count == sum(group.needle_count for group in groups)
    assert both.fields["customer_id"] == len(known.households) + len(strangers.households)


def test_hashes_made_before_are_found_at_once(known: Identities) -> None:
    ready = Known(known)
    ready.hash_now()
    email = known.households[0].members[0].emails[0]
    layer = outermost(hashlib.sha1(email.encode(), usedforsecurity=False).hexdigest().encode())
    folded = fold(layer.text)
    (found,) = [finding for _, finding in ready.search(layer, folded, spaced(folded), BODY)]
    assert (found.field, found.how) == ("members.emails", ("sha1",))
