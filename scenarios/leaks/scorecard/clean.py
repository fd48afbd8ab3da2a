"""A clean corpus: responses of a review tool about other households, with everything real responses are full of."""

import base64
import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence

from gateway.identities import Household
from scenarios.leaks.controls import control_household
from scenarios.leaks.detector import Haystack, Part

_NORTH = 3.0  # degrees from the sea the made-up households live in
_SAID = (
    "turn on the kitchen lights",
    "what is the weather in ashland tomorrow",
    "call one of my friends at five thirty",
    "add two litres of milk to the list",
    "play something by a band from the nineties",
    "double five minutes on the timer please",
    "how far is it to springfield",
    "read chapter seven of the book",
)


def clean_corpus(seed: int, count: int, known: Sequence[Household]) -> Iterator[Haystack]:
    """`count` responses. Households that share a name with a known one by chance are left out, as they would be
    rightly found."""
    rng = random.Random(f"clean {seed}")
    taken = {word for home in known for person in home.members for word in (person.name or "").lower().split()}
    numbers = {number for home in known for person in home.members for number in person.phones}
    for at in range(count):
        home = control_household(900_000 + seed * 100_000 + at)
        text = home.model_dump_json().lower()
        if home.members[0].phones[0] not in numbers and not any(word in text for word in taken):
            yield _response(home, rng)


def _response(home: Household, rng: random.Random) -> Haystack:
    person, device, place = home.members[0], home.devices[0], home.home
    clip = {
        "ref": rng.randbytes(16).hex(),
        "transcript": rng.choice(_SAID),
        "peaks": [rng.randrange(100) for _ in range(120)],
        "owner": {"given": person.given_name, "family": person.family_name, "phone": person.phones[0]},
        "masked": f"({person.phones[0][2:5]}) ***-**{person.phones[0][-2:]}",
        "device": hashlib.sha256((device.serial or "").encode()).hexdigest(),
        "where": {"lat": (place.latitude or 0) + _NORTH, "lon": place.longitude} if place else None,
        "street": place.street if place else None,
        "at": 1_554_883_200_000 + rng.randrange(10**9),
        "checksum": f"{rng.getrandbits(32):08x}",
        "trace": base64.b64encode(rng.randbytes(24)).decode(),
    }
    page = "".join(f"<tr><td>{key}</td><td>{value}</td></tr>" for key, value in clip.items())
    body = rng.choice((json.dumps(clip), f"<html><table>{page}</table></html>", json.dumps([clip] * 4))).encode()
    if rng.random() < 0.2:
        body = gzip.compress(body)
    cookie = base64.urlsafe_b64encode(rng.randbytes(32)).rstrip(b"=")
    return Haystack(
        parts=(
            Part(kind="status_line", name="clean", data=b"200 OK"),
            Part(kind="response_header", name="clean", data=b"set-cookie: session=" + cookie + b"; HttpOnly"),
            Part(kind="response_header", name="clean", data=f'etag: "{rng.getrandbits(64):x}"'.encode()),
            Part(kind="response_body", name="clean", data=body),
        )
    )
