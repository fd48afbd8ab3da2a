"""Twin worlds on a real broker. Broker, vault, gateway and review tool are started again for each world."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from gateway.contract.model import Contract
from gateway.files import reason_of, write_private
from gateway.identities import Identities
from scenarios.model.ledger import join_tag
from scenarios.run.drive import drive
from scenarios.run.processes import ProcessDied, Processes
from scenarios.run.target import Target, start_builtin, stored_clips
from scenarios.twin.visit import Reply, Visit, visit
from scenarios.twin.world import wholly_reviewed
from simulator.device.fleet import FleetSettings, plan_fleet


class LiveTwinWorld:
    """Shows what a reviewer and a stranger see. Times count as random, because the worlds run one after another.

    Raises:
        ProcessDied: a part does not start, or breaks.
    """

    def __init__(self, contract: Contract, asked: Target, *, logs: Path) -> None:
        self._contract, self._asked, self._logs, self._worlds = contract, asked, logs, 0

    def show(self, identities: Identities, settings: FleetSettings) -> Visit:
        self._worlds += 1
        with (
            tempfile.TemporaryDirectory(prefix="earlid-twin-") as name,
            Processes(self._logs / str(self._worlds)) as processes,
        ):
            folder = Path(name)
            write_private(folder / "contract.yaml", wholly_reviewed(self._contract))
            target = start_builtin(
                processes,
                folder,
                identities=identities,
                contract=str(folder / "contract.yaml"),
                reviewers=1,
                asked=self._asked,
            )
            truth = drive(plan_fleet(settings, identities), target, processes, lambda _done, _total: None)
            tags = {join_tag(target.join_key, said.session_id): said.utterance_id for said in truth.utterances}
            labels = {clip.ref: tags[clip.tag] for clip in stored_clips(target.store_url)}
            with httpx.Client(base_url=target.review_url, timeout=20.0, trust_env=False) as http:
                return visit(_Asking(http), {"reviewer": target.reviewers[0]}, labels)


class _Asking:
    """Sends requests without a cookie jar, because a visit sends its own cookies."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def __call__(self, method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        self._http.cookies.clear()
        try:
            answer = self._http.request(method, path, headers=list(headers), content=body)
        except httpx.HTTPError as error:
            raise ProcessDied(f"review: does not answer ({reason_of(error)})") from None
        shown = tuple((name.lower(), value) for name, value in answer.headers.items() if name.lower() != "date")
        return Reply(status=answer.status_code, headers=shown, body=answer.content)
