"""Contact checks and break-glass over the vault's own app: who may ask what, and what the log says of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.audit.log import AuditMemory
from gateway.contract.model import BreakGlass, ContactCheck, Contract, load_contract
from gateway.files import BadFile
from gateway.identities import Identities
from gateway.vault.app import Credentials, make_vault
from gateway.vault.facts import Neighbours, site_facts
from gateway.vault.sealing import Seal

HOMES = Identities.model_validate(
    {
        "schema": 1,
        "households": [
            {
                "household_id": "H01",
                "devices": [{"site_id": "kitchen"}],
                "home": {"street": "12 Elm Street", "city": "Ashland", "state": "Oregon"},
                "members": [{"person_id": "P1", "name": "Ann Vale", "phones": ["+15415550142"]}],
                "contacts": [{"name": "Laura Reed"}],
            },
            {"household_id": "H02", "devices": [{"site_id": "den"}], "contacts": [{"name": "Zoe Park"}]},
        ],
    }
)
SEAL = Seal(b"k" * 32)
OFFICERS = {"olga": "o" * 32, "otto": "t" * 32}
GATEWAY, REVIEW, OLGA, OTTO = "g" * 32, "r" * 32, "o" * 32, "t" * 32


def owner(label: str) -> str:
    home = next(home for home in HOMES.households if home.household_id == label)
    found = site_facts(home, home.devices[0], SEAL, Neighbours(HOMES)).owner
    assert found
    return found


class World:
    def __init__(self, contract: Contract | None = None) -> None:
        self.now, self.audit, self.kept = datetime(2019, 4, 10, tzinfo=UTC), AuditMemory(), [HOMES]
        strict = load_contract("strict")
        review = strict.review.model_copy(
            update={"contact_check": ContactCheck(), "break_glass": BreakGlass(show=("home",), open_minutes=60)}
        )
        self.app = make_vault(
            identities=HOMES,
            credentials=Credentials(gateway=GATEWAY, review=REVIEW, officers=OFFICERS),
            contract=contract or strict.model_copy(update={"review": review}),
            audit=self.audit,
            seal=SEAL,
            keep=self.kept.append,
            now=lambda: self.now,
        )

    def ask(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://vault") as client:
                headers = {"authorization": f"Bearer {token}"}
                return await client.request(method, path, json=body, headers=headers)

        return asyncio.run(asked())

    def check(self, heard: str, label: str = "H01", clip: str = "c1", token: str = REVIEW) -> httpx.Response:
        return self.ask(
            "POST", "/contacts/check", token, {"owner": owner(label), "reviewer": "ada", "clip": clip, "heard": heard}
        )

    def standing(self, token: str = OTTO) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "/cases", token).json()["cases"]
        return found

    def case(self, token: str = OLGA, reason: str = "threat_to_life") -> httpx.Response:
        return self.ask("POST", "/cases", token, {"owner": owner("H01"), "clip": "c1", "reason": reason})

    def said(self) -> list[tuple[str, str, str, str | None, str | None]]:
        return [(e.actor, e.action, e.result, e.clip, e.detail) for e in self.audit.entries]


def test_a_check_says_match_or_no_match_and_nothing_else() -> None:
    world = World()
    assert world.check("Lora").content == b'{"match":true}'
    assert world.check("Zoe", clip="c3").content == b'{"match":false}'
    assert world.check("Zoe", "H02", "c2").content == b'{"match":true}'
    assert "Laura" not in str(world.said())
    assert world.said()[0] == ("review", "contact_checked", "ok", "c1", None)


def test_tries_are_limited_and_the_limit_is_in_the_log() -> None:
    world = World()
    codes = [world.check("Laura").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert [entry[2] for entry in world.said()] == ["ok", "ok", "ok", "limited", "limited"]


@pytest.mark.parametrize("token", [GATEWAY, OLGA, "x" * 32])
def test_only_the_review_tool_may_check(token: str) -> None:
    assert World().check("Laura", token=token).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"owner": "x", "reviewer": "ada", "clip": "c1", "heard": "y" * 81},
        {"owner": "x", "clip": "c1", "heard": "y"},
        {"owner": "x", "reviewer": "Ada Reed", "clip": "c1", "heard": "y"},
        [],
        {"owner": 7},
    ],
)
def test_a_question_of_another_shape_is_refused_without_a_word_of_it(body: Any) -> None:
    answer = World().ask("POST", "/contacts/check", REVIEW, body)
    assert (answer.status_code, answer.content) == (422, b'{"error":"refused"}')


def test_a_clip_of_nobody_is_unknown() -> None:
    body = {"owner": "made up", "reviewer": "ada", "clip": "c1", "heard": "Laura"}
    assert World().ask("POST", "/contacts/check", REVIEW, body).status_code == 404


def test_a_contract_without_them_has_no_such_routes() -> None:
    world = World(load_contract("apple-2019"))
    assert world.check("Laura").status_code == 404
    assert world.case().status_code == 404


def test_two_people_open_a_case_and_it_shows_what_the_contract_lets_it() -> None:
    world = World()
    name = world.case().json()["case"]
    assert world.ask("GET", f"/cases/{name}", OLGA).status_code == 403
    assert world.ask("POST", f"/cases/{name}/approval", OLGA).status_code == 403
    assert world.ask("POST", f"/cases/{name}/approval", OTTO).status_code == 200
    assert world.ask("POST", f"/cases/{name}/approval", OTTO).status_code == 403
    shown = world.ask("GET", f"/cases/{name}", OLGA)
    assert shown.json() == {"home": {"street": "12 Elm Street", "city": "Ashland", "state": "Oregon"}}
    assert world.ask("GET", f"/cases/{name}", OTTO).status_code == 403
    world.now += timedelta(minutes=60)
    assert world.ask("GET", f"/cases/{name}", OLGA).status_code == 403
    steps = [(actor, action, result) for actor, action, result, _, _ in world.said()]
    assert steps == [
        ("olga", "case_asked", "ok"),
        ("olga", "case_read", "refused"),
        ("olga", "case_approved", "refused"),
        ("otto", "case_approved", "ok"),
        ("otto", "case_approved", "refused"),
        ("olga", "case_read", "ok"),
        ("otto", "case_read", "refused"),
        ("olga", "case_read", "refused"),
    ]
    assert world.said()[0][3:] == ("c1", "threat_to_life")
    assert "Elm" not in str(world.said())


def test_an_approver_sees_who_asks_and_why_before_deciding_and_may_deny() -> None:
    world = World()
    name = world.case().json()["case"]
    seen = world.standing()
    assert [(each["asked_by"], each["reason"], each["clip"], each["state"]) for each in seen] == [
        ("olga", "threat_to_life", "c1", "waiting")
    ]
    assert "Elm" not in str(seen)
    assert world.ask("POST", f"/cases/{name}/denial", OLGA).status_code == 403
    assert world.ask("POST", f"/cases/{name}/denial", OTTO).status_code == 200
    assert world.standing()[0]["state"] == "denied"
    assert world.ask("POST", f"/cases/{name}/approval", OTTO).status_code == 403
    assert world.ask("GET", f"/cases/{name}", OLGA).status_code == 403


def test_a_case_is_closed_by_either_and_its_openings_are_counted() -> None:
    world = World()
    name = world.case().json()["case"]
    world.ask("POST", f"/cases/{name}/approval", OTTO)
    for _ in range(2):
        assert world.ask("GET", f"/cases/{name}", OLGA).status_code == 200
    assert world.standing()[0]["opens"] == 2
    assert world.ask("DELETE", f"/cases/{name}", OTTO).status_code == 200
    assert world.ask("GET", f"/cases/{name}", OLGA).status_code == 403


def test_a_key_opens_nothing_in_another_persons_session() -> None:
    world = World()
    name = world.case().json()["case"]

    async def approve(session: str) -> int:
        transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://vault") as client:
            headers = {"authorization": f"Bearer {OTTO}", "x-earlid-officer": session}
            return (await client.post(f"/cases/{name}/approval", headers=headers)).status_code

    assert asyncio.run(approve("olga")) == 401
    assert world.said()[-1][:3] == ("otto", "case_approved", "refused")
    assert asyncio.run(approve("otto")) == 200


def test_an_approval_comes_in_time_or_not_at_all() -> None:
    world = World()
    name = world.case().json()["case"]
    world.now += timedelta(minutes=240)
    assert world.ask("POST", f"/cases/{name}/approval", OTTO).status_code == 403


@pytest.mark.parametrize("token", [REVIEW, GATEWAY, "x" * 32])
def test_no_other_credential_opens_a_case(token: str) -> None:
    world = World()
    name = world.case().json()["case"]
    assert world.case(token).status_code == 401
    assert world.ask("POST", f"/cases/{name}/approval", token).status_code == 401
    assert world.ask("GET", f"/cases/{name}", token).status_code == 401
    assert world.said()[-1][:3] == ("-", "case_read", "refused")


def test_a_case_needs_a_reason_of_the_list() -> None:
    assert World().case(reason="curious").status_code == 422


def test_a_household_is_forgotten_with_what_was_sealed_for_it() -> None:
    world = World()
    sealed = [owner("H01"), owner("H02"), owner("H01"), "x"]
    theirs = world.ask("POST", "/owned", GATEWAY, {"site_id": "kitchen", "owners": sealed}).json()["owners"]
    assert theirs == [sealed[0], sealed[2]]
    assert world.ask("DELETE", "/sites/kitchen", REVIEW).status_code == 401
    assert world.ask("DELETE", "/sites/kitchen", GATEWAY).status_code == 200
    assert [home.household_id for home in world.kept[-1].households] == ["H02"]
    assert world.ask("GET", "/sites/kitchen", GATEWAY).status_code == 404
    assert world.check("Laura").status_code == 404
    assert world.ask("DELETE", "/sites/kitchen", GATEWAY).status_code == 404
    assert world.ask("POST", "/owned", GATEWAY, {"site_id": "kitchen", "owners": sealed}).json()["owners"] == []


def test_what_cannot_be_written_is_not_forgotten() -> None:
    world = World()

    def full(_left: Identities) -> None:
        raise BadFile("no room")

    world.app = make_vault(
        identities=HOMES,
        credentials=Credentials(gateway=GATEWAY, review=REVIEW),
        contract=load_contract("strict"),
        audit=world.audit,
        seal=SEAL,
        keep=full,
    )
    assert world.ask("DELETE", "/sites/kitchen", GATEWAY).status_code == 409
    assert world.ask("GET", "/sites/kitchen", GATEWAY).status_code == 200
    assert ("gateway", "household_forgotten", "unavailable", None, None) in world.said()


def test_officers_need_tokens_of_their_own() -> None:
    with pytest.raises(ValueError, match="tokens of their own"):
        Credentials(gateway=GATEWAY, review=REVIEW, officers={"olga": REVIEW})
