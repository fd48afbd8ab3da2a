"""The built-in gateway and review tool with one thing broken by rule: no list of faults anybody thought of.

Every redaction operator becomes the identity (what its types say that is), every text of a stored clip becomes every
value of its household, and every route answers with the full row besides.
"""

import asyncio
import atexit
import contextlib
import inspect
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints
from unittest import mock

import httpx
import msgspec
import numpy as np
import pyotp

from gateway.audit.log import AuditMemory
from gateway.clip import Clip, GateDecision, RedactedClip, Span
from gateway.contract.model import load_contract
from gateway.identities import Household
from gateway.redact import location, pipeline
from gateway.redact.sound.align import WordTime
from gateway.redact.text import transcript
from gateway.review.app import make_app
from gateway.review.people.accounts import Accounts, accounts_json, make_account
from gateway.review.tool import ReviewTool
from gateway.storage.store import Store
from gateway.vault.messages import SiteFacts
from gateway.wire import AsrToken, TokenTime, Transcript
from scenarios.leaks.scorecard.mutants import Sound
from scenarios.leaks.scorecard.plants import values

RATE = 16_000
NOW = datetime(2019, 4, 10, 7, 12, 31, tzinfo=UTC)
CITY, STATE, PEOPLE = "Ashland", "Oregon", {("ashland", "oregon"): 20_861}
WORD, PAUSE = 0.25, 0.1  # seconds
BEGIN = 8_000  # samples before what may be kept
BEFORE, HARDLY_HEARD = "harbor", "sandstone"  # ordinary words, which no rule for names takes
HIDDEN = ("07:12:31", BEFORE)  # the time of day, and what was said before the wake word
TOTP, PASSWORD = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "correct horse battery"
ROUTES = ("/", "/queue", "/clips/{ref}", "/workload", "/api/queue", "/api/clips/{ref}", "/api/openapi.json", "/healthz")
NO_OPERATOR = {"placeholder", "redact", "words_of"}
NOT_TEXT = {"ref", "spans_digest", "kept_on", "owner", "withheld"}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A clip in which every kind of secret is said; each word is noise of its own, `lost` one without a transcript."""

    clip: Clip
    secrets: tuple[tuple[int, int], ...]


def mutants(home: Household, other: Household) -> dict[str, Any]:
    folder = emptied_later()
    store = Store(f"sqlite:///{folder}/clips.db")
    said, facts = say(home), facts_of(home)
    app = signed_in(store, folder)
    made: dict[str, Any] = {}
    for name, modules, broken in identities_of(facts):
        with contextlib.ExitStack() as patches:
            for module in modules:
                patches.enter_context(mock.patch.object(module, name, broken))
            clip = redacted(said, facts, voice=name == "distort")
        sound = Sound(pcm=said.clip.pcm, secrets=said.secrets, distorted=name == "distort")
        made[f"operator: {name} is the identity"] = kept(app, store, clip, sound=sound, hidden=HIDDEN)
    for field, value in texts(home):
        clip = msgspec.structs.replace(redacted(said, facts), **{field: value})
        made[f"field: {field} holds {value_name(home, value)}"] = kept(app, store, clip)
    whole = redacted(said, facts)
    store.put(whole, session_key=whole.ref)
    for route in ROUTES:
        row = {"app": with_row(app, facts), "paths": (route.format(ref=whole.ref),)}
        made[f"full row: {route}"] = row
    return made


def sound_copy(home: Household, other: Household) -> dict[str, Any]:
    """The same without a fault: nothing may be found in it."""
    folder = emptied_later()
    store = Store(f"sqlite:///{folder}/clips.db")
    said, facts = say(home), facts_of(home)
    app = signed_in(store, folder)
    made = {}
    for voice in (False, True):
        sound = Sound(pcm=said.clip.pcm, secrets=said.secrets, distorted=voice)
        made[f"voice {voice}"] = kept(app, store, redacted(said, facts, voice=voice), sound=sound, hidden=HIDDEN)
    return made


def emptied_later() -> Path:
    """A folder for as long as this process lives: mutants are asked after they were made."""
    folder = tempfile.mkdtemp(prefix="earlid-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def identities_of(facts: SiteFacts) -> list[tuple[str, list[Any], Callable[..., Any]]]:
    """(name, modules, identity) of every operator that the pipeline or the transcript's masking calls."""
    found: dict[str, tuple[str, list[Any], Callable[..., Any]]] = {}
    for module in (pipeline, transcript):
        for name, function in sorted(vars(module).items()):
            if inspect.isfunction(function) and function.__module__.startswith("gateway.redact."):
                broken = identity_of(function, facts)
                if broken is not None and not name.startswith("_") and name not in NO_OPERATOR:
                    found.setdefault(name, (name, [], broken))[1].append(module)
    return list(found.values())


def identity_of(function: Callable[..., Any], facts: SiteFacts) -> Callable[..., Any] | None:
    """What takes nothing away, by the function's types; None where they name no operator."""
    hints = get_type_hints(function)
    result, first = hints.get("return"), next(iter(inspect.signature(function).parameters), "")
    given = hints.get(first)
    if result is location.Shown:
        return lambda *_, **__: location.Shown(f"{CITY}, {STATE}", facts.latitude, facts.longitude)
    if result == list[Span]:
        return (
            (lambda spans, *_, **__: list(spans)) if given in (Sequence[Span], Iterable[Span]) else lambda *_, **__: []
        )
    if given is datetime:
        return lambda now, *_, **__: now.isoformat()
    return (lambda value, *_, **__: value) if result is not None and given == result else None


def texts(home: Household) -> list[tuple[str, str]]:
    """(field, value): every text of a stored clip with every value of the household."""
    hints = get_type_hints(RedactedClip)
    fields = [name for name, hint in hints.items() if hint in (str, str | None) and name not in NOT_TEXT]
    return [(field, value) for field in fields for value in values(home).values()]


def value_name(home: Household, value: str) -> str:
    return next(name for name, known in values(home).items() if known == value)


def kept(app: Any, store: Store, clip: RedactedClip, **more: Any) -> dict[str, Any]:
    store.put(clip, session_key=clip.ref)
    places = (f"/clips/{clip.ref}", f"/api/clips/{clip.ref}", f"/clips/{clip.ref}/audio.wav")
    return {"app": app, "paths": places, **more}


def redacted(said: Said, facts: SiteFacts, *, voice: bool = False) -> RedactedClip:
    contract = load_contract("strict")
    if voice:
        contract = contract.model_copy(update={"redact": contract.redact.model_copy(update={"voice": "distort"})})
    decision = GateDecision(
        keep=True, reason="wake_word", start_sample=BEGIN, end_sample=len(said.clip.pcm) // 2, wake_sample=BEGIN
    )
    return pipeline.redact(
        said.clip,
        decision,
        contract,
        facts=facts,
        population=PEOPLE,
        key=b"k" * 32,
        now=NOW,
        aligner=Agreeing(said.clip),
    )


class Agreeing:
    """An aligner that finds the words where the transcript has them."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip

    def align(self, pcm: bytes, words: Sequence[str]) -> list[WordTime] | None:
        heard = self._clip.transcript.asr_tokens[0][-len(words) :]
        begin = len(self._clip.pcm) // 2 - len(pcm) // 2
        return [WordTime(start=int(t.time.start * RATE) - begin, end=int(t.time.end * RATE) - begin) for t in heard]


def say(home: Household) -> Said:
    person = home.members[0]
    sure = {HARDLY_HEARD: 0.1, "somewhat": 0.6}
    only_there = set("may fifth fe8::1 tulip 7abc12 nine somewhat zq7@mail.test hunter willow lane zorblatt".split())
    words = [(word, False) for word in "alexa call".split()]
    secret = (home.contacts[0].name, person.name, home.home.street, home.secrets[0].value, person.phones[0][2:])
    for value in (*secret, person.emails[0]):
        words += [(word, True) for word in value.split()] + [("and", False)]
    # What one operator alone recognises, and a word that is doubted for what stands before it.
    told = (
        "from zq7@mail.test and fe8::1 with password tulip so then we were born may fifth as she turned nine "
        "last week and had plate 7abc12 somewhat my name is hunter and i live at twelve willow lane and zorblatt came"
    )
    words += [(word, word in only_there) for word in told.split()]
    words += [("blue", False), (HARDLY_HEARD, True)]
    rng = np.random.default_rng(1)
    noise = [rng.normal(0, 4_000, int(WORD * RATE)).astype(np.int16) for _ in range(len(words) + 2)]
    # A word before what may be kept, and one at the end that the transcript missed.
    pieces, tokens, secrets = [silence(0.05), noise[0]], [token(BEFORE, 0.05, "", 0.95)], []
    pieces.append(np.zeros(BEGIN + 800 - sum(map(len, pieces)), np.int16))
    text = tokens[0].value
    for (word, is_secret), sound in zip(words, noise[1:], strict=False):
        start = sum(map(len, pieces))
        pieces += [sound, silence(PAUSE)]
        tokens.append(token(word, start / RATE, text, sure.get(word, 0.95)))
        text += f" {word}"
        secrets += [(start, start + len(sound))] if is_secret else []
    pieces.append(silence(0.6))
    lost = sum(map(len, pieces))
    secrets.append((lost, lost + len(noise[-1])))
    pcm = np.concatenate([*pieces, noise[-1], silence(0.25)])
    heard = Transcript(
        text=text, likelihood=1.0, seconds=len(pcm) / RATE, site_id="s", session_id="1", asr_tokens=[tokens]
    )
    clip = Clip(site_id="s", session_id="1", at_ms=0, pcm=pcm.tobytes(), trigger="wake", transcript=heard)
    return Said(clip=clip, secrets=tuple(secrets))


def token(word: str, start: float, text: str, sure: float) -> AsrToken:
    """A word that begins at `start` seconds and follows `text`."""
    at = len(text) + 1 if text else 0
    time = TokenTime(start=start, end=start + WORD)
    return AsrToken(value=word, confidence=sure, range_start=at, range_end=at + len(word), time=time)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def facts_of(home: Household) -> SiteFacts:
    person, place, contact = home.members[0], home.home, home.contacts[0]
    names = tuple(word for name in (person.name, contact.name) for word in (name, *name.split()))
    return SiteFacts(
        household_key="k", consent=True, customer_id=home.customer_id, serial=home.devices[0].serial, city=CITY,
        state=STATE, latitude=place.latitude, longitude=place.longitude, names=names, phones=person.phones,
        contact_names=(contact.name, *contact.name.split()), emails=person.emails, streets=(place.street,),
    )  # fmt: skip


class signed_in:  # noqa: N801 (reads as what it makes)
    """The review tool for a reviewer who has signed in: every request carries the session."""

    def __init__(self, store: Store, folder: Path) -> None:
        path = folder / "accounts.json"
        path.write_bytes(accounts_json([make_account("ada", "auditor", PASSWORD, TOTP)]))
        self._app = make_app(
            ReviewTool.over(
                store=store, contract=load_contract("strict"), accounts=Accounts(path), audit=AuditMemory(), vault=None
            )
        )
        self._cookie = asyncio.run(self._sign_in())

    async def _sign_in(self) -> bytes:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mutant.test") as client:
            said = {"username": "ada", "password": PASSWORD, "code": pyotp.TOTP(TOTP).now()}
            answer = await client.post("/api/session", json=said)
            return answer.headers["set-cookie"].split(";")[0].encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope = {**scope, "headers": [*scope["headers"], (b"cookie", self._cookie)]}
        await self._app(scope, receive, send)


def with_row(app: Any, facts: SiteFacts) -> Any:
    """The same application, and at the end of every answer all that is known of the household."""
    row = msgspec.json.encode(facts)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def longer(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = [(key, value) for key, value in message["headers"] if key != b"content-length"]
                message = {**message, "headers": headers}
            elif not message.get("more_body"):
                message = {**message, "body": bytes(message.get("body", b"")) + b"\n" + row}
            await send(message)

        await app(scope, receive, longer)

    return application
