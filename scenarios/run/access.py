"""Asks the review tool questions from outside, with the harness's own accounts: who may sign in, and who sees what."""

import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pyotp

from gateway.contract.model import Contract
from gateway.files import reason_of, write_private
from scenarios.model.observations import Probe
from scenarios.run.processes import ProcessDied, finished
from scenarios.run.target import Reviewer, Running

PROBES = (("reviewer", ("probe-leaver", "probe-one", "probe-two")), ("lead", ("probe-lead",)))
_IN = {"X-Earlid": "harness"}
_MOST_CLAIMS = 40
_MORE = 5  # clips that the first person annotates besides, so that a second is offered one of them
_FIRST = {"transcription": "alexa what is the weather", "intent": "weather", "effective": "yes", "heard": []}
_SECOND = {"transcription": "alexa play the weather", "intent": "music", "effective": "partly", "heard": ["child"]}
# Routes of others: (role that asks, method, path).
_FOREIGN = (
    ("reviewer", "GET", "/audit"),
    ("reviewer", "GET", "/api/audit/clips"),
    ("reviewer", "GET", "/workload"),
    ("reviewer", "GET", "/cases"),
    ("lead", "GET", "/audit"),
    ("lead", "GET", "/cases"),
)


class Access:
    """One run's questions. `begin` signs in and asks. `take_away` withdraws an account that is signed in.

    `end` looks at the audit log, once the review tool is down.
    """

    def __init__(self, target: Running, folder: Path, contract: Contract) -> None:
        self._target, self._folder, self._contract = target, folder, contract
        self._people = {each.username: each for each in target.probes}
        self._open: dict[str, httpx.Client] = {}
        self._held: str | None = None
        self._gone = False
        self.probes: list[Probe] = []

    def begin(self, checks: frozenset[str]) -> None:
        """Sign in, and ask what can be asked before an account is taken away.

        Raises:
            ProcessDied: the review tool does not answer.
        """
        try:
            self.probes += self._second_factor()
            for name in self._people:
                if name not in self._open:
                    self._open[name] = self._signed_in(self._people[name])
            if "access" in checks:
                self.probes += self._roles()
                self._held = self._claim("probe-leaver")
            if "review_work" in checks:
                self.probes += self._work()
            if "access" not in checks:
                self.probes = [probe for probe in self.probes if probe.of != "access"]
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise ProcessDied(f"review: the harness's own questions failed ({reason_of(error)})") from None

    def take_away(self) -> None:
        """Remove the account from the accounts file while its session is open and holds a clip. Ask at once what it
        still may."""
        if self._gone or "probe-leaver" not in self._open:
            return
        self._gone, path = True, self._folder / "accounts.json"
        left = [entry for entry in json.loads(path.read_bytes()) if entry["username"] != "probe-leaver"]
        fresh = path.with_suffix(".new")
        write_private(fresh, json.dumps(left).encode())
        fresh.replace(path)
        http, ref = self._open["probe-leaver"], self._held
        asked = [("GET", "/queue"), ("GET", "/api/queue"), ("POST", "/api/next")]
        if ref is not None:
            asked += [("GET", f"/api/clips/{ref}"), ("GET", f"/clips/{ref}"), ("GET", f"/api/clips/{ref}/audio")]
        for method, route in asked:
            status = http.request(method, route, headers=_IN).status_code
            shown = route.replace(ref or "-", "{ref}")
            self._say("access", f"an account that was taken away asks {method} {shown}", status in (401, 303), status)
        status = self._sign_in(httpx.Client(), self._people["probe-leaver"]).status_code
        self._say("access", "it signs in anew", status in (401, 429), status)

    def end(self) -> None:
        """Check, after the review tool has stopped, that its audit log is whole and that a changed line would be
        noticed."""
        for http in self._open.values():
            http.close()
        log = self._folder / "review-audit.jsonl"
        if not log.is_file():
            return
        self._say("access", "the audit log is verified", _verified(log) == 0, "holds")
        copy = self._folder / "probed" / log.name
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        for path in self._folder.glob(f"{log.name}*"):
            shutil.copy2(path, copy.parent / path.name)  # a key others may read is refused
        lines = copy.read_bytes().splitlines(keepends=True)
        copy.write_bytes(b"".join(lines[:1] + lines[2:]))
        self._say("access", "a line is taken out of a copy of the audit log", _verified(copy) == 1, "noticed")

    def _say(self, of: str, asked: str, held: bool, got: object) -> None:
        self.probes.append(Probe(of=of, asked=asked, held=held, got=str(got)))

    def _second_factor(self) -> Iterator[Probe]:
        """Try to sign in with the right password and a wrong code, then with a code that was used before."""
        person = self._people["probe-one"]
        wrong = self._sign_in(httpx.Client(), person, code="000000").status_code
        yield Probe(of="access", asked="right password, wrong code", held=wrong == 401, got=str(wrong))
        code = pyotp.TOTP(person.totp_secret).now()
        self._open["probe-one"] = self._client()
        first = self._sign_in(self._open["probe-one"], person, code=code)
        first.raise_for_status()
        again = self._sign_in(httpx.Client(), person, code=code).status_code
        yield Probe(of="access", asked="a code that was used already", held=again == 401, got=str(again))

    def _roles(self) -> Iterator[Probe]:
        for role, method, path in _FOREIGN:
            status = self._open["probe-lead" if role == "lead" else "probe-two"].request(method, path).status_code
            yield Probe(of="access", asked=f"a {role} asks {method} {path}", held=status in (403, 404), got=str(status))
        status = self._client().get("/api/queue").status_code
        yield Probe(of="access", asked="nobody asks GET /api/queue", held=status == 401, got=str(status))

    def _work(self) -> Iterator[Probe]:
        """One person annotates a clip. A second person is offered the same clip and must not see it. A lead must see
        both."""
        ref = self._claim("probe-one", with_sound=True)
        if ref is None:
            return
        status = self._annotate("probe-one", ref, _FIRST)
        yield Probe(of="review_work", asked="a reviewer listens and annotates", held=status == 201, got=str(status))
        refs = [ref, *(self._more() if self._contract.review.reviews_per_clip > 1 else ())]
        self._claim("probe-one")  # goes on to the next, as people do: the clips are not theirs any more
        wanted = {_FIRST["intent"]}
        if self._contract.review.reviews_per_clip > 1:
            met = self._meet("probe-two", refs)
            held = met is not None
            yield Probe(of="review_work", asked="the clip is offered to a second one", held=held, got=str(held))
            if met is not None:
                ref = met
                seen = len(self._view("probe-two", ref).get("annotations", ()))
                yield Probe(
                    of="review_work", asked="what the second sees of the first's work", held=seen == 0, got=str(seen)
                )
                status = self._annotate("probe-two", ref, _SECOND)
                yield Probe(of="review_work", asked="the second annotates", held=status == 201, got=str(status))
                wanted.add(_SECOND["intent"])
        told = self._view("probe-lead", ref).get("annotations", ())
        intents = sorted(each["intent"] for each in told)
        yield Probe(
            of="review_work",
            asked="what a lead reads of it",
            held=wanted <= set(intents),
            got=", ".join(intents) or "nothing",
        )

    def _more(self) -> list[str]:
        """Some more clips that the first person annotates. One that a reviewer of the load had open at the end is
        offered to nobody yet."""
        refs: list[str] = []
        while len(refs) < _MORE and (ref := self._claim("probe-one", with_sound=True)) is not None:
            if self._annotate("probe-one", ref, _FIRST) != httpx.codes.CREATED:
                break
            refs.append(ref)
        return refs

    def _meet(self, name: str, refs: Collection[str]) -> str | None:
        """Which of these clips this person is offered. Other clips that are offered are given back."""
        for _ in range(_MOST_CLAIMS):
            got = self._claim(name)
            if got is None or got in refs:
                return got
            self._open[name].post(f"/api/clips/{got}/release", json={"why": "later"})
        return None

    def _annotate(self, name: str, ref: str, said: Mapping[str, object]) -> int:
        self._open[name].get(f"/api/clips/{ref}/audio").raise_for_status()
        return self._open[name].post(f"/api/clips/{ref}/annotations", json=said).status_code

    def _view(self, name: str, ref: str) -> Mapping[str, Any]:
        answer = self._open[name].get(f"/api/clips/{ref}")
        found: Mapping[str, Any] = answer.json() if answer.status_code == httpx.codes.OK else {}
        return found

    def _claim(self, name: str, *, with_sound: bool = False) -> str | None:
        for _ in range(_MOST_CLAIMS):
            ref: str | None = self._open[name].post("/api/next", headers=_IN).json().get("ref")
            if ref is None or not with_sound or self._view(name, ref).get("audio"):
                return ref
            self._open[name].post(f"/api/clips/{ref}/release", json={"why": "technical"})
        return None

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self._target.review_url, timeout=20.0, trust_env=False)

    def _signed_in(self, person: Reviewer) -> httpx.Client:
        http = self._client()
        self._sign_in(http, person).raise_for_status()
        return http

    def _sign_in(self, http: httpx.Client, person: Reviewer, *, code: str | None = None) -> httpx.Response:
        said = {"username": person.username, "password": person.password}
        said["code"] = code if code is not None else pyotp.TOTP(person.totp_secret).now()
        return http.post(f"{self._target.review_url}/api/session", json=said, timeout=20.0)


def _verified(log: Path) -> int:
    command = [sys.executable, "-P", "-m", "gateway", "audit", "verify", str(log)]
    return finished(command).returncode
