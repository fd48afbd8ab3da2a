"""The vault: the only process that knows who lives where. It answers over a Unix domain socket.

It loads the provisioning file, sealed or plain, into memory. Every question is in the audit log, without its values.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import pydantic
from fastapi import FastAPI, Header, Request, Response
from starlette.exceptions import HTTPException

from gateway.audit.log import Action, Audit, AuditFile, Result, Said, entries_of
from gateway.contract.model import Contract
from gateway.files import BadFile, describe
from gateway.identities import Identities
from gateway.keys import read_private
from gateway.listen import NO_TELEMETRY, listen_unix, serve
from gateway.vault.facts import contact_names
from gateway.vault.journal import JournalFile, JournalInMemory, VaultJournal, without_household
from gateway.vault.known import Known, load_known
from gateway.vault.messages import Matched, Owned, OwnedQuery
from gateway.vault.safety import add_cases, add_contact_check, asked_of
from gateway.vault.sealing import Seal, is_sealed, rewrite_plain, write_sealed

OfficerName = Annotated[str, pydantic.Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
OfficerToken = Annotated[str, pydantic.Field(min_length=16)]


class Credentials(pydantic.BaseModel):
    """One token for each client. The review tool's token opens customers only, the gateway's opens sites only.

    `officers` are the people who may ask for or approve a break-glass case, by account name.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    gateway: str = pydantic.Field(min_length=16)
    review: str = pydantic.Field(min_length=16)
    officers: dict[OfficerName, OfficerToken] = {}

    @pydantic.model_validator(mode="after")
    def _differ(self) -> "Credentials":
        tokens = [self.gateway, self.review, *self.officers.values()]
        if len(set(tokens)) < len(tokens):
            raise ValueError("gateway, review and every officer need tokens of their own")
        return self


def load_credentials(path: Path) -> Credentials:
    """Raises BadFile: not there, readable by others, an unknown key, a short token. Tokens are never quoted."""
    try:
        return Credentials.model_validate_json(read_private(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Credentials)) from None


def serve_vault(
    *,
    identities: Path,
    socket: Path,
    credentials: Path,
    contract: Contract,
    audit: Path | None = None,
    key: bytes | None = None,
    memory: Path | None = None,
) -> None:
    """Serve until SIGTERM, then remove the socket. Says "vault ready" on stdout.

    `audit` is the log's file, by default `vault-audit.jsonl` beside the socket. `key` opens a sealed file. With a plain
    file and no key, owners sealed into clips cannot be opened after the next start. Tries and cases are kept in
    `memory`, sealed with the key, by default `vault-memory.sealed` beside the log. Without a key they end with the
    process.

    Raises:
        BadFile: a file is wrong, or the socket cannot be opened.
    """
    seal = Seal(key or secrets.token_bytes(32))
    if is_sealed(identities) and key is None:
        raise BadFile(f"{identities}: sealed; --key-file FILE is wanted")
    known = load_known(identities, seal)
    tokens = load_credentials(credentials)
    written = audit or socket.parent / "vault-audit.jsonl"
    log = AuditFile(written)
    remembered = _remembered(memory or written.parent / "vault-memory.sealed", seal, written) if key else None

    def keep(left: Identities) -> None:
        if is_sealed(identities):
            write_sealed(identities, left.to_json(), seal)
        else:
            rewrite_plain(identities, left.to_json())

    app = make_vault(
        identities=known, credentials=tokens, contract=contract, audit=log, seal=seal, keep=keep, memory=remembered
    )
    listener = listen_unix(socket)
    ours = socket.stat().st_ino
    try:
        serve(app, listener, "vault ready")
    finally:
        if socket.exists() and socket.stat().st_ino == ours:
            socket.unlink()


def _remembered(path: Path, seal: Seal, audit: Path) -> JournalFile:
    """The vault's memory. Raises BadFile if it holds fewer records than the audit log says."""
    journal = JournalFile(path, seal)
    said = max((entry.memory or 0 for entry in entries_of(audit)), default=0)
    if journal.count < said:
        raise BadFile(
            f"{path}: an older copy: it held {said} records and now {journal.count} (says {audit}); put the newest "
            "back, or keep both files as evidence and start another audit log"
        )
    return journal


class CountingAudit(Audit):
    """An audit log whose every line says how many records the vault's memory held."""

    def __init__(self, audit: Audit, journal: JournalFile) -> None:
        self._audit, self._journal = audit, journal

    def write(self, said: Said) -> None:
        held = self._journal.count if said.memory is None else said.memory
        self._audit.write(msgspec.structs.replace(said, memory=held))


class _Door:
    """Lets a client in by its token, and writes down what was asked and whether there was an answer."""

    def __init__(self, credentials: Credentials, audit: Audit) -> None:
        self._credentials, self._audit = credentials, audit

    def allow(self, client: str, action: Action, sent: str) -> None:
        """Raises HTTPException 401 for a wrong token."""
        wanted: str = getattr(self._credentials, client)
        if not hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode()):
            self._audit.record("-", action, "refused")
            raise HTTPException(401)

    def answer(self, client: str, action: Action, sent: str, facts: msgspec.Struct | None) -> Response:
        self.allow(client, action, sent)
        result: Result = "ok" if facts else "unknown"
        self._audit.record(client, action, result)
        return _said(facts)


def make_vault(
    *,
    identities: Identities,
    credentials: Credentials,
    contract: Contract,
    audit: Audit,
    seal: Seal | None = None,
    keep: Callable[[Identities], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    memory: VaultJournal | None = None,
) -> FastAPI:
    """The vault's app. A route exists only if the contract has its feature.

    `keep` writes the file without a forgotten household. If it raises BadFile, nothing is forgotten. `now` is the clock
    of tries and cases. `memory` keeps both; without it they end with the process.
    """
    remembered = memory or JournalInMemory()
    if isinstance(remembered, JournalFile):
        audit = CountingAudit(audit, remembered)
    known = Known(identities, seal or Seal(secrets.token_bytes(32)))
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=NO_TELEMETRY)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(Exception, _fail)

    door = _Door(credentials, audit)

    @app.get("/standing/{site_id:path}")
    def standing(site_id: str, authorization: Annotated[str, Header()] = "") -> Response:
        # Asked for every clip, before anything is decided: written down, it would tell of those that were dropped.
        door.allow("gateway", "site_asked", authorization)
        return _said(known.standing(site_id))

    @app.get("/sites/{site_id:path}")
    def site(site_id: str, authorization: Annotated[str, Header()] = "") -> Response:
        return door.answer("gateway", "site_asked", authorization, known.site(site_id))

    if contract.review.customer_lookup:

        @app.get("/customers/{customer_id:path}")
        def customer(customer_id: str, authorization: Annotated[str, Header()] = "") -> Response:
            return door.answer("review", "customer_asked", authorization, known.customers.get(customer_id))

    _add_forgetting(app, known, door.allow, audit, keep, remembered)
    if contract.review.contact_check is not None:
        add_contact_check(
            app,
            contract.review.contact_check,
            names_of=lambda sealed: (home.household_id, contact_names(home)) if (home := known.owner(sealed)) else None,
            allow=lambda sent: door.allow("review", "contact_checked", sent),
            audit=audit,
            now=now,
            memory=remembered,
        )
    if contract.review.break_glass is not None:
        rules = contract.review.break_glass
        add_cases(app, rules, credentials.officers, known.owner, known.home, audit, now, remembered)
    return app


def _add_forgetting(
    app: FastAPI,
    known: Known,
    allow: Callable[[str, Action, str], None],
    audit: Audit,
    keep: Callable[[Identities], None] | None,
    memory: VaultJournal,
) -> None:
    """Routes of forgetting: which clips are the household's, then the household itself. For the gateway's token."""

    @app.post("/owned")
    async def owned(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        allow("gateway", "owners_asked", authorization)
        query = asked_of(await request.body(), OwnedQuery)
        home = known.of_site(query.site_id)
        audit.record("gateway", "owners_asked", "ok" if home else "unknown")
        theirs = [each for each in query.owners if home and known.owner(each) is home]
        return Response(msgspec.json.encode(Owned(owners=theirs)), media_type="application/json")

    @app.delete("/sites/{site_id:path}")
    def forget(site_id: str, authorization: Annotated[str, Header()] = "") -> Response:
        allow("gateway", "household_forgotten", authorization)
        home = known.of_site(site_id)
        if home is None:
            audit.record("gateway", "household_forgotten", "unknown")
            raise HTTPException(404, "unknown")
        left = tuple(each for each in known.identities.households if each is not home)
        remaining = known.identities.model_copy(update={"households": left})
        try:
            if keep is not None:
                keep(remaining)
        except BadFile:
            audit.record("gateway", "household_forgotten", "unavailable")
            raise HTTPException(409) from None
        memory.change(lambda record: without_household(record, home.household_id))
        known.learn(remaining)
        audit.record("gateway", "household_forgotten", "ok")
        return Response(msgspec.json.encode(Matched(match=True)), media_type="application/json")


def _said(facts: msgspec.Struct | None) -> Response:
    if facts is None:
        raise HTTPException(404, "unknown")
    return Response(msgspec.json.encode(facts), media_type="application/json")


async def _refuse(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    unknown = status == 404 and isinstance(error, HTTPException) and error.detail == "unknown"
    return _error(status, "unknown" if unknown else "refused")


async def _fail(_request: Request, _error_met: Exception) -> Response:
    return _error(500, "failed")


def _error(status: int, word: str) -> Response:
    return Response(msgspec.json.encode({"error": word}), status, media_type="application/json")
