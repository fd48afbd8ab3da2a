"""200 people work at once at a stated rate: no failed request, no lost annotation, no clip to two people.

Requests start when they are due, whether or not earlier ones were answered; times count from then. A connection that
breaks is no failed request as long as the request may be sent again, as a browser does: each is, once.
"""

import asyncio
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from gateway.storage.store import Store
from gateway.storage.tables import annotations
from tests.benchmarks.figures import Note
from tests.benchmarks.review.conftest import PASSWORD, filled, our_tool, served

PEOPLE, RATE, SECONDS = 200, 100.0, 60.0
OF_A_CLIP = 4
ROUNDS = int(RATE * SECONDS / OF_A_CLIP / PEOPLE)


class Seen:
    """What everybody saw: seconds by request, faults, who had which clip."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}
        self.faults: Counter[str] = Counter()
        self.again: Counter[str] = Counter()
        self.had: list[tuple[str, str]] = []
        self.late_s: list[float] = []


async def person(name: str, client: httpx.AsyncClient, seen: Seen, start: float, gap: float) -> None:
    """So many clips, a request every `gap` seconds from `start` on."""
    due, ref = start, ""

    async def ask(what: str, method: str, path: str, **more: object) -> httpx.Response | None:
        nonlocal due
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        seen.late_s.append(time.perf_counter() - due)
        try:
            answer = await client.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            seen.again[f"{what} {type(error).__name__}"] += 1
            try:
                answer = await client.request(method, f"{path}?resume=true" if what == "next" else path, **more)  # type: ignore[arg-type]
            except httpx.TransportError as twice:
                seen.faults[f"{what} {type(twice).__name__}"] += 1
                due += gap
                return None
        seen.took.setdefault(what, []).append(time.perf_counter() - due)
        due += gap
        if answer.status_code >= 300:
            seen.faults[f"{what} {answer.status_code}"] += 1
            return None
        return answer

    for _ in range(ROUNDS):
        answer = await ask("next", "POST", "/api/next", headers={"x-earlid": "1"})
        ref = str(answer.json()["ref"]) if answer else "none"
        seen.had.append((name, ref))
        await ask("clip", "GET", f"/api/clips/{ref}")
        await ask("audio", "GET", f"/api/clips/{ref}/audio")
        said = {"transcription": f"{name} heard {ref}", "intent": "message", "effective": "yes"}
        await ask("annotate", "POST", f"/api/clips/{ref}/annotations", json=said)


async def crowd(base: str, cookies: dict[str, httpx.Cookies], seen: Seen) -> float:
    gap, start = PEOPLE / RATE, time.perf_counter() + 1
    # A client each would be a pool each; what one connection carries makes no difference to the tool.
    # The tool closes a connection that idles for five seconds; one that it is about to close is not used again.
    limits = httpx.Limits(max_connections=PEOPLE, max_keepalive_connections=PEOPLE, keepalive_expiry=2.5)
    transport = httpx.AsyncHTTPTransport(limits=limits)
    clients = [
        httpx.AsyncClient(base_url=base, transport=transport, cookies=its, trust_env=False, timeout=60)
        for its in cookies.values()
    ]
    work = zip(cookies, clients, strict=True)
    tasks = [person(name, client, seen, start + at / RATE, gap) for at, (name, client) in enumerate(work)]
    await asyncio.gather(*tasks)
    await transport.aclose()
    return time.perf_counter() - start


@pytest.mark.bench
def test_a_crowd_at_a_stated_rate(two_urls: tuple[str, Callable[[], str]], tmp_path: Path, note: Note) -> None:
    url, _ = two_urls
    people = [f"rev{at:03}" for at in range(PEOPLE)]
    filled(url, tmp_path / "ours", PEOPLE * ROUNDS + PEOPLE, people)
    seen, cookies = Seen(), {}
    with served(our_tool(tmp_path / "ours", url)) as client:
        for name in people:
            said = {"username": name, "password": PASSWORD}
            answer = httpx.post(f"{client.base_url}/api/session", json=said, timeout=60, trust_env=False)
            assert answer.status_code == 200, answer.status_code
            cookies[name] = answer.cookies
        took_s = asyncio.run(crowd(str(client.base_url), cookies, seen))
    store = Store(url)
    with store.database.engine.connect() as db:
        refs = list(db.execute(sa.select(annotations.c.ref)).scalars())
    kept = {(each["reviewer"], ref, each["transcription"]) for ref in set(refs) for each in store.annotations(ref)}
    store.close()
    kind = url.partition("+")[0].partition(":")[0]
    for what, its in seen.took.items():
        p50, p99 = statistics.median(its) * 1_000, statistics.quantiles(its, n=100)[98] * 1_000
        note(f"{kind} crowd {what}", median_ms=round(p50, 1), p99_ms=round(p99, 1))
    lost = [one for one in seen.had if (*one, f"{one[0]} heard {one[1]}") not in kept]
    requests, twice = sum(map(len, seen.took.values())), len(seen.had) - len({ref for _, ref in seen.had})
    note(
        f"{kind} crowd",
        people=PEOPLE,
        requests=requests,
        rate=round(requests / took_s, 1),
        failed=seen.faults.total(),
        sent_again=seen.again.total(),
        lost=len(lost),
        twice=twice,
        late_p99_ms=round(statistics.quantiles(seen.late_s, n=100)[98] * 1_000, 1),
        load=round(os.getloadavg()[0], 1),
    )
    assert (dict(seen.faults), lost, twice, len(refs)) == ({}, [], 0, len(seen.had))
