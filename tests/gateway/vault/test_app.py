import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.log import AuditMemory, verify_audit
from gateway.contract.model import load_contract
from gateway.files import BadFile
from gateway.identities import Identities
from gateway.vault.app import Credentials, load_credentials, make_vault, serve_vault
from gateway.vault.client import VaultClient
from gateway.vault.facts import Neighbours, customers_of, obscured, site_facts
from gateway.vault.messages import VaultUnavailable
from gateway.vault.sealing import Seal

TOKENS = {"gateway": "g" * 32, "review": "r" * 32}
HOUSEHOLDS = {
    "schema": 1,
    "households": [
        {
            "household_id": "H01",
            "customer_id": "A1 / B?2",
            "devices": [{"site_id": "kitchen", "serial": "G0913L07"}, {"site_id": "attic", "serial": "G0913L08"}],
            "home": {
                "street": "12 Elm Street",
                "city": "Ashland",
                "state": "OR",
                "latitude": 42.1,
                "longitude": -122.7,
            },
            "work": [{"street": "9 Oak Avenue", "city": "Medford"}],
            "members": [
                {"person_id": "P1", "name": "Tim Vale", "given_name": "Tim", "age_group": "child"},
                {
                    "person_id": "P2",
                    "name": "Ann Vale",
                    "given_name": "Ann",
                    "family_name": "Vale",
                    "phones": ["+15415550142"],
                    "emails": ["ann@example.org"],
                },
            ],
            "contacts": [{"name": "Laura Reed", "phones": ["+15035550199"], "emails": ["laura@example.org"]}],
        },
        {"household_id": "H02", "consent": False, "devices": [{"site_id": "den"}]},
    ],
}
VALUES = ("kitchen", "G0913L07", "A1 / B?2", "12 Elm", "Vale", "Laura", "5550142", "example.org")


def identities() -> Identities:
    return Identities.model_validate(HOUSEHOLDS)


def ask(
    path: str, token: str, contract: str = "amazon-2019-before", audit: AuditMemory | None = None
) -> httpx.Response:
    app = make_vault(
        identities=identities(),
        credentials=Credentials(**TOKENS),
        contract=load_contract(contract),
        audit=audit or AuditMemory(),
    )

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://vault") as client:
            return await client.get(path, headers={"authorization": f"Bearer {token}"} if token else {})

    return asyncio.run(asked())


def test_site_facts_name_everybody_and_the_first_adult() -> None:
    home = identities().households[0]
    facts = site_facts(home, home.devices[0], Seal(b"k" * 32), Neighbours(identities()))
    assert facts.given_name == "Ann"
    assert facts.names == ("Tim Vale", "Ann Vale", "Laura Reed", "Tim", "Ann", "Vale")
    assert facts.contact_names == ("Laura Reed",)
    assert facts.phones == ("+15415550142", "+15035550199")
    assert facts.streets == ("12 Elm Street", "9 Oak Avenue")
    assert (facts.serial, facts.consent, facts.latitude) == ("G0913L07", True, 42.1)


def test_household_keys_join_a_home_s_devices_and_only_under_one_key() -> None:
    home, other = identities().households
    seal, near = Seal(b"k" * 32), Neighbours(identities())
    keys = [site_facts(home, device, seal, near).household_key for device in home.devices]
    assert keys[0] == keys[1]
    assert keys[0] != site_facts(other, other.devices[0], Seal(b"k" * 32), Neighbours(identities())).household_key
    assert keys[0] != site_facts(home, home.devices[0], Seal(b"q" * 32), Neighbours(identities())).household_key


def test_a_household_without_anything_has_facts_too() -> None:
    home = identities().households[1]
    facts = site_facts(home, home.devices[0], Seal(b"k" * 32), Neighbours(identities()))
    assert not facts.consent
    assert (facts.given_name, facts.city, facts.names) == (None, None, ())


@given(st.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"))
def test_some_digits_are_always_obscured_and_the_last_four_never(phone: str) -> None:
    seen = obscured(phone)
    assert seen.endswith(phone[-4:])
    assert "*" in seen
    assert sum(c.isdigit() for c in seen) <= 7


def test_the_look_up_shows_area_code_and_last_four() -> None:
    facts = customers_of(identities())["A1 / B?2"]
    assert facts.phones == ("(541) ***-0142",)
    assert facts.contacts[0].phones == ("(503) ***-0199",)
    assert "5550142" not in repr(facts)


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/sites/kitchen", TOKENS["gateway"], 200),
        ("/sites/cellar", TOKENS["gateway"], 404),
        ("/standing/kitchen", TOKENS["gateway"], 200),
        ("/standing/cellar", TOKENS["gateway"], 404),
        ("/standing/kitchen", TOKENS["review"], 401),
        ("/sites/kitchen", TOKENS["review"], 401),
        ("/sites/kitchen", "wrong", 401),
        ("/sites/kitchen", "", 401),
        ("/sites/cellar", "wrong", 401),
        ("/customers/A1%20%2F%20B%3F2", TOKENS["review"], 200),
        ("/customers/A9", TOKENS["review"], 404),
        ("/customers/A1%20%2F%20B%3F2", TOKENS["gateway"], 401),
        ("/openapi.json", TOKENS["gateway"], 404),
        ("/docs", TOKENS["gateway"], 404),
    ],
)
def test_each_credential_opens_its_own_route_only(path: str, token: str, status: int) -> None:
    assert ask(path, token).status_code == status


def test_strict_has_no_customer_route() -> None:
    answer = ask("/customers/A1%20%2F%20B%3F2", TOKENS["review"], "strict")
    assert (answer.status_code, answer.json()) == (404, {"error": "refused"})


def test_refusals_and_the_audit_log_hold_no_values() -> None:
    audit = AuditMemory()
    bodies = ask("/sites/kitchen", "wrong", audit=audit).text + ask("/sites/Vale", TOKENS["gateway"], audit=audit).text
    ask("/sites/kitchen", TOKENS["gateway"], audit=audit)
    ask("/customers/A1%20%2F%20B%3F2", TOKENS["review"], audit=audit)
    assert [(each.actor, each.action, each.result) for each in audit.entries] == [
        ("-", "site_asked", "refused"),
        ("gateway", "site_asked", "unknown"),
        ("gateway", "site_asked", "ok"),
        ("review", "customer_asked", "ok"),
    ]
    told = bodies + repr(audit.entries)
    assert not [value for value in VALUES if value in told]


def test_who_may_be_listened_to_is_told_without_a_name_and_without_an_entry() -> None:
    audit = AuditMemory()
    told = ask("/standing/kitchen", TOKENS["gateway"], audit=audit)
    assert set(told.json()) == {"household_key", "consent"}
    assert ask("/standing/den", TOKENS["gateway"], audit=audit).json()["consent"] is False
    assert audit.entries == []
    ask("/standing/kitchen", "wrong", audit=audit)
    assert [(each.action, each.result) for each in audit.entries] == [("site_asked", "refused")]


def write_files(folder: Path) -> None:
    (folder / "identities.json").write_text(json.dumps(HOUSEHOLDS))
    (folder / "credentials.json").write_text(json.dumps(TOKENS))
    (folder / "credentials.json").chmod(0o600)


@pytest.mark.parametrize(
    ("text", "mode", "fault"),
    [
        ('{"gateway": "' + "g" * 32 + '", "review": "' + "r" * 32 + '"}', 0o644, "chmod 600"),
        ('{"gateway": "' + "g" * 32 + '"}', 0o600, "review"),
        ('{"gateway": "' + "g" * 32 + '", "review": "' + "r" * 32 + '", "lead": "x"}', 0o600, "unknown key"),
        ('{"gateway": "' + "g" * 32 + '", "review": "' + "g" * 32 + '"}', 0o600, "of their own"),
        ('{"gateway": "short", "review": "' + "r" * 32 + '"}', 0o600, "gateway"),
    ],
)
def test_wrong_credentials_are_named_never_quoted(tmp_path: Path, text: str, mode: int, fault: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(BadFile, match=fault) as refused:
        load_credentials(path)
    assert not [token for token in ("gggg", "rrrr", "short") if token in str(refused.value)]


def test_the_vault_refuses_secrets(tmp_path: Path) -> None:
    write_files(tmp_path)
    home = HOUSEHOLDS["households"][0] | {"secrets": [{"kind": "card", "value": "4111111111111111"}]}  # type: ignore[index]
    (tmp_path / "identities.json").write_text(json.dumps({"schema": 1, "households": [home]}))
    with pytest.raises(BadFile, match="secrets"):
        serve_vault(
            identities=tmp_path / "identities.json",
            socket=tmp_path / "vault.sock",
            credentials=tmp_path / "credentials.json",
            contract=load_contract("strict"),
        )
    assert not (tmp_path / "vault.sock").exists()


SERVE = """
import sys
from pathlib import Path
from gateway.contract.model import load_contract
from gateway.vault.app import serve_vault
here = Path(sys.argv[1])
serve_vault(identities=here / "identities.json", socket=here / "vault.sock",
            credentials=here / "credentials.json", contract=load_contract("amazon-2019-before"))
"""


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    write_files(tmp_path)
    with socket.socket(socket.AF_UNIX) as stale:  # left by a killed vault: nobody answers
        stale.bind(str(tmp_path / "vault.sock"))
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


TRACED = """
import asyncio
import httpx
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from gateway.audit.log import AuditMemory
from gateway.contract.model import load_contract
from gateway.identities import Identities
from gateway.vault.app import Credentials, make_vault
seen, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(seen))
trace.set_tracer_provider(provider)
app = make_vault(identities=Identities(households=()), credentials=Credentials(gateway="g" * 32, review="r" * 32),
                 audit=AuditMemory(), contract=load_contract("strict"))
async def ask():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://vault") as client:
        await client.get("/sites/kitchen")
asyncio.run(ask())
print([each.attributes for each in seen.get_finished_spans()])
"""


def test_tracing_of_the_process_hears_nothing_of_the_vault() -> None:
    """The web framework would name the path of each request, with a site or a customer in it."""
    told = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_the_real_process_answers_its_doors_and_stops_cleanly(tmp_path: Path, vault: subprocess.Popen[str]) -> None:
    assert vault.stdout is not None
    assert vault.stdout.readline() == "vault ready\n"
    path = tmp_path / "vault.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    gateway, review = (VaultClient(path, TOKENS[who]) for who in ("gateway", "review"))
    facts = gateway.site("kitchen")
    assert facts is not None
    assert facts.city == "Ashland"
    assert [gateway.site(name) for name in ("cellar", "..", ".", "a/b", "%2e", "")] == [None] * 6
    customer = review.customer("A1 / B?2")
    assert customer is not None
    assert customer.home is not None
    assert customer.home.street == "12 Elm Street"
    for refused in (lambda: review.site("kitchen"), lambda: gateway.customer("A1 / B?2")):
        with pytest.raises(VaultUnavailable) as error:
            refused()
        assert "kitchen" not in str(error.value)
    vault.send_signal(signal.SIGTERM)
    out, err = vault.communicate(timeout=10)
    assert (vault.returncode, out, err) == (0, "", "")
    assert not path.exists()
    with pytest.raises(VaultUnavailable):
        gateway.site("kitchen")
    gateway.close()
    review.close()
    assert verify_audit(tmp_path / "vault-audit.jsonl").entries == 10
    told = (tmp_path / "vault-audit.jsonl").read_text()
    assert not [value for value in VALUES if value in told]
