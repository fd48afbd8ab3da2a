"""Small worlds for twin runs: set one up, send it a fleet's messages, and collect what everybody sees."""

import base64
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Self

import msgspec

from gateway.contract.model import Contract
from gateway.files import write_private
from gateway.identities import Identities
from scenarios.model.ledger import join_tag
from scenarios.model.observations import Served
from scenarios.run.processes import ProcessDied, finished
from scenarios.run.target import Reviewer, stored_clips
from scenarios.twin.visit import Reply, Visit, visit
from simulator.device.fleet import FleetSettings, plan_fleet, run_fleet
from simulator.links.link import MemoryLink

Say = Callable[[bytes], bytes]
ROLES = ("reviewer", "lead", "safety_officer", "safety_approver", "auditor")


class TwinWorld(Protocol):
    """Sets up one world after another."""

    def show(self, identities: Identities, settings: FleetSettings) -> Visit:
        """Run the fleet of these households and return everything that anybody can see afterwards."""


class InProcessTwinWorld:
    """The whole gateway behind a pipe. Keys and refs are new for each world.

    `say` sends one line and returns the answer. `folder` is private. `people` are the accounts of each role. `join_key`
    is the key the gateway was given.
    """

    def __init__(self, say: Say, *, folder: Path, people: Mapping[str, Reviewer], join_key: bytes) -> None:
        self._say_line, self._folder, self._people, self.join_key = say, folder, people, join_key
        self._worlds = 0

    def show(self, identities: Identities, settings: FleetSettings) -> Visit:
        self._worlds += 1
        store, known = f"sqlite:///{self._folder / f'{self._worlds}.db'}", self._folder / "identities.json"
        write_private(known, identities.without_secrets().to_json())
        # The gateway's clock stands still; otherwise two worlds would differ by the time.
        self.provision(known, store, settings.began_ms)
        plan = plan_fleet(settings, identities)
        link = MemoryLink(self.publish)
        truth = run_fleet(plan, link=link, transcripts=link.talker())
        tags = {join_tag(self.join_key, said.session_id): said.utterance_id for said in truth.utterances}
        return self.visited({clip.ref: tags[clip.tag] for clip in stored_clips(store)})

    def visited(self, labels: Mapping[str, str]) -> Visit:
        """What every role and a stranger are shown of the world. `labels` maps a clip's ref to its utterance's label.

        Raises:
            PermissionError: the review tool refused an account.
        """
        return visit(self._ask, self._people, labels)

    def provision(self, identities: Path, store: str, at_ms: int, contract: Path | None = None) -> None:
        """Set up a new world: these households, an empty store at a URL, the gateway's clock fixed at `at_ms`.

        With a `contract` file it rules this world and those after it.
        """
        said = {"do": "provision", "identities": str(identities), "store": store, "at_ms": at_ms}
        self._say(said if contract is None else {**said, "contract": str(contract)})

    def publish(self, topic: str, payload: bytes) -> list[tuple[str, bytes]]:
        """Send one message to the gateway. Returns what it publishes in answer."""
        answer = self._say({"do": "publish", "topic": topic, "payload": base64.b64encode(payload).decode()})
        return [(where, base64.b64decode(said)) for where, said in answer["answers"]]

    def served(self) -> dict[str, Served]:
        """The redacted clips by ref, as the review tool serves them."""
        return {
            clip["ref"]: Served(
                ref=clip["ref"],
                facts={"transcript": clip["transcript"], "withheld": clip["withheld"]},
                wav=None if clip["wav"] is None else base64.b64decode(clip["wav"]),
                clean=True,
            )
            for clip in self._say({"do": "read"})["clips"]
        }

    def _ask(self, method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        encoded = base64.b64encode(body).decode()
        answer = self._say({"do": "ask", "method": method, "path": path, "headers": list(headers), "body": encoded})
        shown = tuple((name, value) for name, value in answer["headers"])
        return Reply(status=answer["status"], headers=shown, body=base64.b64decode(answer["body"]))

    def _say(self, line: Mapping[str, object]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(self._say_line(json.dumps(line).encode() + b"\n"))
        except ValueError:
            raise ProcessDied("gateway: its answer on the pipe is not JSON") from None
        if "fault" in answer:
            raise ProcessDied(f"gateway: {answer['fault']}")
        return answer


@contextmanager
def pipe_house(contract: Contract) -> Iterator[InProcessTwinWorld]:
    """Start the built-in gateway in a child process.

    Every clip is under review, because two random samples of clips could not be compared.

    Raises:
        ProcessDied: it does not start, or it ends.
    """
    with tempfile.TemporaryDirectory(prefix="earlid-twin-") as name:
        folder, join_key = Path(name), secrets.token_bytes(32)
        people = _people(folder)
        write_private(folder / "join.key", join_key)
        write_private(folder / "contract.yaml", wholly_reviewed(contract))
        files = {"accounts": "accounts.json", "contract": "contract.yaml", "join-key": "join.key"}
        options = [word for name, file in files.items() for word in (f"--{name}", folder / file)]
        with _Child([sys.executable, "-P", "-m", "gateway", "pipe", *map(str, options)]) as child:
            yield InProcessTwinWorld(child.say, folder=folder, people=people, join_key=join_key)


def wholly_reviewed(contract: Contract) -> bytes:
    """The contract as JSON bytes, changed so that every clip is reviewed."""
    whole = contract.model_copy(update={"review": contract.review.model_copy(update={"sampling": 1.0})})
    return whole.model_dump_json(by_alias=True).encode()


class _Child:
    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> Self:
        if self._line() != b"pipe ready\n":
            self._end()
            raise ProcessDied(f"gateway: {self._last_words}")
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def say(self, line: bytes) -> bytes:
        try:
            if self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except OSError:
            pass  # it has ended; its stderr says why
        answer = self._line()
        if not answer:
            self._end()
            raise ProcessDied(f"gateway: {self._last_words}")
        return answer

    def _line(self) -> bytes:
        return self._process.stdout.readline() if self._process.stdout else b""

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            said = self._process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            said = self._process.communicate()[1]
        except ValueError:  # ended before
            return
        self._last_words = said.decode(errors="replace").strip()[-200:] or "ended without a word"


def _people(folder: Path) -> dict[str, Reviewer]:
    """Make an account for each role, all in one accounts file."""
    people, accounts = {}, []
    for role in ROLES:
        path = folder / f"{role}.json"
        options = ["--accounts", str(path), "--role", role, f"{role.replace('_', '-')}1"]
        command = [sys.executable, "-P", "-m", "gateway", "accounts", *options]
        made = finished(command)
        if made.returncode:
            raise ProcessDied(f"accounts: {made.stderr.decode(errors='replace').strip()[-200:]}")
        people[role] = msgspec.json.decode(made.stdout, type=Reviewer)
        accounts += json.loads(path.read_bytes())
    write_private(folder / "accounts.json", json.dumps(accounts).encode())
    return people
