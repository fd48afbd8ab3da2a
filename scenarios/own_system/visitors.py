"""People at work in somebody's review app, while every answer is searched: the load of a scenario."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx

from gateway.files import write_private
from gateway.identities import Identities
from scenarios.checks.thresholds import whole
from scenarios.kept.read.client import Client, host_of
from scenarios.kept.read.review import Looked, shape
from scenarios.kept.read.visited import Visited
from scenarios.model.observations import read_spool, unanswered_in
from scenarios.model.scenario import Scenario
from scenarios.model.targets.review import Review
from scenarios.model.targets.target_file import Attached, Own
from scenarios.run.load import (
    LoadLimits,
    LoadStopped,
    command,
    figures,
    lines_in,
    recorded_in,
    run_locust,
    staged,
)
from scenarios.run.processes import Processes
from scenarios.run.progress import Step


def wanted(scenario: Scenario, target: Own) -> bool:
    """Whether the scenario asks for a load, and this target may be put under one."""
    allowed = not isinstance(target, Attached) or "load" in target.may
    return "load" in scenario.judged_by and target.review is not None and allowed


def visited(
    scenario: Scenario,
    review: Review,
    beside: Path,
    looked: Looked,
    ids: Mapping[str, str],
    identities: Identities,
    *,
    processes: Processes,
    folder: Path,
    step: Step,
) -> Visited:
    """Let people look at what the harness was shown, stage by stage, until the time of each is up.

    Raises:
        BadFile: a credential is missing. Unreadable: the login is refused. ProcessDied: Locust cannot run, or a part of
        the system has ended.
    """
    pages = list(_pages(review, looked, ids))
    if not pages:
        return Visited(trouble="nobody could work in the review app: none of its declared pages answered the harness")
    headers, cookies = _account(review, beside)
    visiting = {"addresses": pages, "headers": headers, "cookies": cookies, "role": review.role}
    known, spool = folder / "searched-for.json", folder / "spool.jsonl"
    write_private(known, identities.to_json())
    settings = {"identities": str(known), "role": review.role, "visiting": visiting}
    limits, stopped = LoadLimits([whole(each) for each in scenario.thresholds], spool), None
    base = httpx.URL(review.url)
    host = str(base.copy_with(path="/", query=None, fragment=None)).rstrip("/")
    began = time.monotonic()

    def tick() -> None:
        step(lines_in(spool), 0)
        limits.look(time.monotonic() - began)

    try:
        for stage in staged(scenario.load):
            line = command(host, stage, "visitors")
            run_locust(processes, folder, line, settings, spool=spool, within_s=stage.max_seconds, tick=tick)
    except LoadStopped as error:
        stopped = str(error)
        processes.stop("locust")
    seconds = time.monotonic() - began
    limits.end()
    responses, _ = read_spool(spool)
    if not responses and stopped is None:
        return Visited(trouble=f"nobody could work in the review app: {processes.last_words('locust')}")
    return Visited(
        responses=responses,
        load=figures(responses, seconds, unanswered=unanswered_in(spool)),
        stopped=stopped,
        warm=limits.warm,
        recorded=tuple(path.read_bytes() for path in recorded_in(folder)),
    )


def _pages(review: Review, looked: Looked, ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The declared pages that answered the harness, each once: its path and the name of its route."""
    base = httpx.URL(review.url)
    answered = {(page.route, page.clip) for page in looked.pages if page.status < 400}
    for route in dict.fromkeys(review.routes):
        name = shape(base, route)
        if (name, None) in answered:
            yield {"path": _path(base, route), "name": name}
    for route in dict.fromkeys(review.clips):
        name = shape(base, route)
        for label, known in ids.items():
            if (name, label) in answered:
                yield {"path": _path(base, route.replace("{id}", quote(known, safe=""))), "name": name, "clip": label}


def _path(base: httpx.URL, route: str) -> str:
    return base.join(route).raw_path.decode("ascii", "replace")


def _account(review: Review, beside: Path) -> tuple[dict[str, str], dict[str, str]]:
    """(headers, cookies) of one who is signed in."""
    client = Client({host_of(review.url), *review.hosts}, review.login, beside)
    try:
        return client.account()
    finally:
        client.close()
