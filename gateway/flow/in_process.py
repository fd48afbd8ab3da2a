"""The whole gateway in one process behind a pipe: vault, service, store and review tool without a socket.

It is for tools that set up many small worlds one after another. The wake engine is loaded once. The parts are the same
as in the separate processes; only the transport differs. Each line is a JSON object and gets one line as its answer;
`gateway/docs/clients.md` lists them. Waiting times are skipped. Randomness is real.
"""

import asyncio
import secrets
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import httpx
import msgspec
from fastapi import FastAPI

from gateway.audit.log import AuditMemory
from gateway.contract.model import Contract, load_contract
from gateway.files import BadFile
from gateway.flow.service import Dependencies, Service
from gateway.gate.verify import verifier_of
from gateway.gate.wake import Detector, load_detector
from gateway.identities import load_provisioning
from gateway.keys import read_key
from gateway.redact.location import town_populations
from gateway.review.app import make_app
from gateway.review.people.accounts import Accounts
from gateway.review.tool import ReviewTool
from gateway.storage.store import Store
from gateway.vault.app import Credentials, make_vault
from gateway.vault.client import VaultClient

_WAIT_STEP_S = 0.6  # simulated time advances in such steps while a watermark waits
_WAIT_MOST_S = 120.0


class Provision(msgspec.Struct, frozen=True, kw_only=True, tag="provision", tag_field="do"):
    """Set up a new world: the households of a provisioning file, an empty store at a URL, new keys.

    `at_ms` is the fixed time of the gateway's clock in epoch milliseconds. Without it the clock is wall time. The
    review tool always uses wall time. `contract` is the path of the contract of this world and those after it, instead
    of the one before.
    """

    identities: str
    store: str
    at_ms: int | None = None
    contract: str | None = None


class Publish(msgspec.Struct, frozen=True, kw_only=True, tag="publish", tag_field="do"):
    """A message to the gateway; `payload` is base64 on the line."""

    topic: str
    payload: bytes


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag="ask", tag_field="do"):
    """A request to the review tool; `body` is base64 on the line."""

    method: str
    path: str
    headers: list[tuple[str, str]] = []
    body: bytes = b""


class Read(msgspec.Struct, frozen=True, kw_only=True, tag="read", tag_field="do"):
    """Read every clip that the store shows, as the review tool's pages do, without asking through them."""


class ShownClip(msgspec.Struct, frozen=True, kw_only=True):
    """One redacted clip. `wav` is base64 on the line; None if the audio is withheld."""

    ref: str
    transcript: str | None
    withheld: str | None
    wav: bytes | None


class ShownClips(msgspec.Struct, frozen=True, kw_only=True):
    """All clips under review."""

    clips: list[ShownClip]


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The messages that the gateway publishes in answer, as (topic, payload)."""

    answers: list[tuple[str, bytes]] = []


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The review tool's answer. Headers keep their order."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A line that could not be carried out. `fault` says why and quotes nothing of the line."""

    fault: str


class InProcessGateway:
    """A gateway. Each `provision` gives it a new world, under its contract or another."""

    def __init__(self, contract: Contract, *, accounts: Path, join_key: Path | None = None) -> None:
        self._accounts = Accounts(accounts)
        self._join_key = read_key(join_key) if join_key else None
        self._detector: Detector = load_detector(contract.gate.wake_model)
        self._wake_model = contract.gate.wake_model
        self._ruled_by(contract)
        self._now = 0.0
        self._loop = asyncio.Runner()
        self._store: Store | None = None
        self._service: Service | None = None
        self._review: FastAPI | None = None

    def provision(self, wanted: Provision) -> Published:
        """Set up a new world. Raises BadFile if the identities, the store's URL or the contract are wrong."""
        self.close()
        if wanted.contract is not None:
            self._ruled_by(load_contract(wanted.contract))
        tokens = {role: secrets.token_urlsafe(32) for role in ("gateway", "review")}
        vault = make_vault(
            identities=load_provisioning(Path(wanted.identities)),
            credentials=Credentials(**tokens),
            contract=self._contract,
            audit=AuditMemory(),
        )
        self._store = Store(wanted.store)
        self._service = Service(
            Dependencies(
                contract=self._contract,
                detector=self._detector,
                verifier=self._verifier,
                vault=_Within(vault, tokens["gateway"]),
                store=self._store,
                population=self._population,
                key=secrets.token_bytes(32),
                now=_clock(wanted.at_ms),
                join_key=self._join_key,
                monotonic=lambda: self._now,
            )
        )
        self._review = make_app(
            ReviewTool.over(
                store=self._store,
                contract=self._contract,
                accounts=self._accounts,
                audit=AuditMemory(),
                vault=_Within(vault, tokens["review"]),
            )
        )
        return Published()

    def _ruled_by(self, contract: Contract) -> None:
        """The wake model is loaded again only where it is another."""
        if contract.gate.wake_model != self._wake_model:
            self._detector, self._wake_model = load_detector(contract.gate.wake_model), contract.gate.wake_model
        self._contract, self._verifier = contract, verifier_of(contract.gate)
        self._population = town_populations() if contract.redact.location.show == "locality" else {}

    def publish(self, message: Publish) -> Published:
        """Handle one message, and for a watermark advance the time until it is reached. Raises BadFile before
        `provision`."""
        service = self._service
        if service is None:
            raise BadFile("provision first")
        answers = service.handle(message.topic, message.payload) + service.settle()
        waited = 0.0
        while "/watermark/ask/" in message.topic and not _reached(answers) and waited < _WAIT_MOST_S:
            self._now, waited = self._now + _WAIT_STEP_S, waited + _WAIT_STEP_S
            answers += service.settle()
        return Published(answers=answers)

    def ask(self, asked: Ask) -> Answered:
        """Send a request to the review tool. Raises BadFile before `provision`."""
        if self._review is None:
            raise BadFile("provision first")
        answer = self._loop.run(_answer(self._review, asked.method, asked.path, asked.headers, asked.body))
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw]
        return Answered(status=answer.status_code, headers=headers, body=answer.content)

    def read(self) -> ShownClips:
        """The redacted clips of the store. Raises BadFile before `provision`."""
        if self._store is None:
            raise BadFile("provision first")
        shown = {ref: row for ref in self._store.refs() if (row := self._store.get(ref)) is not None}
        return ShownClips(
            clips=[
                ShownClip(ref=ref, transcript=row["transcript"], withheld=row["withheld"], wav=self._store.audio(ref))
                for ref, row in shown.items()
            ]
        )

    def close(self) -> None:
        """Close the store. The next world needs a new one."""
        if self._store is not None:
            self._store.close()
        self._loop.close()
        self._loop = asyncio.Runner()


class _Within(VaultClient):
    """A vault client that asks a vault in this process."""

    def __init__(self, vault: FastAPI, token: str) -> None:
        super().__init__(Path(), token)
        self._vault = vault

    def _answer(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        # The review tool asks from its own threads, which have no event loop.
        answer = asyncio.run(_answer(self._vault, method, path, list(self._headers.items()), content or b""))
        return answer.status_code, answer.content


def _clock(at_ms: int | None) -> Callable[[], datetime]:
    """Wall time, or a clock that stands still."""
    if at_ms is None:
        return lambda: datetime.now(UTC)
    still = datetime.fromtimestamp(at_ms / 1000, UTC)
    return lambda: still


async def _answer(
    app: FastAPI, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes
) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://pipe.test") as client:
        return await client.request(method, path, headers=list(headers), content=body)


def _reached(answers: Iterable[tuple[str, bytes]]) -> bool:
    return any("/watermark/reached/" in topic for topic, _ in answers)


def serve_pipe(world: InProcessGateway, lines: IO[bytes], out: IO[bytes] | None = None) -> None:
    """Print "pipe ready", then answer each line until the input ends."""
    said, answer = out or sys.stdout.buffer, serve_lines(world)
    said.write(b"pipe ready\n")
    said.flush()
    for line in lines:
        said.write(answer(line) + b"\n")
        said.flush()
    world.close()


def serve_lines(world: InProcessGateway) -> Callable[[bytes], bytes]:
    """A function that answers one line (JSON in, JSON out)."""
    reader = msgspec.json.Decoder(Provision | Publish | Ask | Read)
    return lambda line: msgspec.json.encode(_obeyed(world, line, reader))


def _obeyed(
    world: InProcessGateway, line: bytes, reader: "msgspec.json.Decoder[Provision | Publish | Ask | Read]"
) -> Published | Answered | ShownClips | Failed:
    try:
        match reader.decode(line):
            case Provision() as wanted:
                return world.provision(wanted)
            case Publish() as message:
                return world.publish(message)
            case Ask() as asked:
                return world.ask(asked)
            case Read():
                return world.read()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Failed(fault="no such line: do, and what it wants")
    except BadFile as error:
        return Failed(fault=str(error))
