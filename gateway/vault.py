"""The vault: the one process that knows who lives where. Answers the gateway about a device, reviewers hardly ever.

Loads the provisioning file into memory and answers over a Unix domain socket; every ask is in the audit log,
without its values.
"""

import hashlib
import hmac
import re
import secrets
import stat
from pathlib import Path
from typing import Annotated

import msgspec
import pydantic
from fastapi import FastAPI, Header, Request, Response
from starlette.exceptions import HTTPException

from gateway.audit import Action, Audit, AuditFile, Result
from gateway.contract import Contract
from gateway.files import BadFile, describe
from gateway.identities import Contact, Device, Household, Identities, Member, Place, load_provisioning
from gateway.listen import listen_unix, serve
from gateway.vault_door import ContactFacts, CustomerFacts, PlaceFacts, SiteFacts

_NANP = re.compile(r"^\+1([0-9]{3})[0-9]{3}([0-9]{4})$")


class Credentials(pydantic.BaseModel):
    """One token per client: the review tool's opens customers only, the gateway's opens sites only."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    gateway: str = pydantic.Field(min_length=16)
    review: str = pydantic.Field(min_length=16)

    @pydantic.model_validator(mode="after")
    def _differ(self) -> "Credentials":
        if self.gateway == self.review:
            raise ValueError("gateway and review need tokens of their own")
        return self


def load_credentials(path: Path) -> Credentials:
    """Raises BadFile: not there, readable by others, an unknown key, a short token. Tokens are never quoted."""
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadFile(f"{path}: others may read it; chmod 600 it")
    try:
        return Credentials.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Credentials)) from None


def serve_vault(
    *, identities: Path, socket: Path, credentials: Path, contract: Contract, audit: Path | None = None
) -> None:
    """Serve until SIGTERM, then remove the socket. Says "vault ready" on stdout.

    `audit` is the log's file, by default `vault-audit.jsonl` beside the socket.

    Raises:
        BadFile: a file is wrong, or the socket cannot be opened.
    """
    known, tokens = load_provisioning(identities), load_credentials(credentials)
    log = AuditFile(audit or socket.parent / "vault-audit.jsonl")
    app = make_vault(identities=known, credentials=tokens, contract=contract, audit=log)
    listener = listen_unix(socket)
    ours = socket.stat().st_ino
    try:
        serve(app, listener, "vault ready")
    finally:
        if socket.exists() and socket.stat().st_ino == ours:
            socket.unlink()


def make_vault(*, identities: Identities, credentials: Credentials, contract: Contract, audit: Audit) -> FastAPI:
    """The vault's app. The customer route exists only when the contract's review has a look-up."""
    key = secrets.token_bytes(32)
    sites = {device.site_id: site_facts(home, device, key) for home in identities.households for device in home.devices}
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Exception, _fail)

    def answer(client: str, action: Action, sent: str, facts: msgspec.Struct | None) -> Response:
        wanted: str = getattr(credentials, client)
        allowed = hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode())
        result: Result = "refused" if not allowed else "ok" if facts else "unknown"
        audit.record(client if allowed else "-", action, result)
        if not allowed:
            raise HTTPException(401)
        if facts is None:
            raise HTTPException(404, "unknown")
        return Response(msgspec.json.encode(facts), media_type="application/json")

    @app.get("/sites/{site_id:path}")
    def site(site_id: str, authorization: Annotated[str, Header()] = "") -> Response:
        return answer("gateway", "site_asked", authorization, sites.get(site_id))

    if contract.review.customer_lookup:
        customers = customers_of(identities)

        @app.get("/customers/{customer_id:path}")
        def customer(customer_id: str, authorization: Annotated[str, Header()] = "") -> Response:
            return answer("review", "customer_asked", authorization, customers.get(customer_id))

    return app


def site_facts(home: Household, device: Device, key: bytes) -> SiteFacts:
    """What the gateway may know of the household behind one device."""
    place = home.home or Place()
    people: list[Member | Contact] = [*home.members, *home.contacts]
    adults = [member for member in home.members if member.age_group != "child" and member.given_name]
    names = [person.name for person in people]
    names += [part for member in home.members for part in (member.given_name, member.family_name)]
    return SiteFacts(
        household_key=hmac.digest(key, home.household_id.encode(), hashlib.sha256).hex()[:32],
        consent=home.consent,
        customer_id=home.customer_id,
        serial=device.serial,
        given_name=adults[0].given_name if adults else None,
        city=place.city,
        state=place.state,
        latitude=place.latitude,
        longitude=place.longitude,
        names=_distinct(names),
        contact_names=_distinct([contact.name for contact in home.contacts]),
        phones=_distinct([phone for person in people for phone in person.phones]),
        emails=_distinct([email for person in people for email in person.emails]),
        streets=_distinct([each.street for each in (place, *home.work)]),
    )


def customers_of(identities: Identities) -> dict[str, CustomerFacts]:
    """Look-up answers by customer id: addresses in full, phone numbers with only some digits obscured."""
    return {
        home.customer_id: CustomerFacts(
            customer_id=home.customer_id,
            home=_place(home.home) if home.home else None,
            work=tuple(_place(place) for place in home.work),
            phones=_distinct([obscured(phone) for member in home.members for phone in member.phones]),
            contacts=tuple(
                ContactFacts(
                    name=contact.name,
                    phones=tuple(obscured(phone) for phone in contact.phones),
                    emails=contact.emails,
                )
                for contact in home.contacts
            ),
        )
        for home in identities.households
        if home.customer_id
    }


def obscured(phone: str) -> str:
    """An E.164 number as the reported tool showed it: `(503) ***-0142`, area code and last four visible.

    Outside North America the first three digits and the last four stay, of a short number only the last four.
    """
    if american := _NANP.match(phone):
        return f"({american[1]}) ***-{american[2]}"
    digits = phone.removeprefix("+")
    shown = digits[:3] if len(digits) > 8 else ""
    return f"+{shown}{'*' * (len(digits) - len(shown) - 4)}{digits[-4:]}"


def _place(place: Place) -> PlaceFacts:
    return PlaceFacts(
        street=place.street,
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        country=place.country,
    )


def _distinct(values: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


async def _refuse(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    unknown = status == 404 and isinstance(error, HTTPException) and error.detail == "unknown"
    return _error(status, "unknown" if unknown else "refused")


async def _fail(_request: Request, _error_met: Exception) -> Response:
    return _error(500, "failed")


def _error(status: int, word: str) -> Response:
    return Response(msgspec.json.encode({"error": word}), status, media_type="application/json")
