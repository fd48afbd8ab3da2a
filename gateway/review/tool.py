"""The parts of the review tool, made from a store, a contract and accounts. The app gives each a route."""

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Self

import msgspec

from gateway.audit.log import ReadableAudit
from gateway.contract.model import Contract
from gateway.review.checking.verification import Verification
from gateway.review.forms.labels import Labels
from gateway.review.forms.undo import Undo
from gateway.review.people.accounts import AccountBook
from gateway.review.people.auth import Auth
from gateway.review.people.passkeys import Passkeys
from gateway.review.people.sign_in_state import SignInState
from gateway.review.people.stored_accounts import StoredAccounts
from gateway.review.provider.client import ProviderClient
from gateway.review.provider.settings import ProviderSettings
from gateway.review.provider.sign_in import ProviderSignIn
from gateway.review.services.access import ClipAccess
from gateway.review.services.case_service import CaseService, OfficerDoor
from gateway.review.services.customers import CustomerLookup, CustomerQuestions
from gateway.review.services.service import ReviewService
from gateway.review.services.signing import Network, Signing
from gateway.review.serving.metrics import CountedAudit, Metrics
from gateway.storage.queue.assignments import Assignments
from gateway.storage.queue.rules import rules_of
from gateway.storage.store import Store


class ReviewTool(msgspec.Struct, frozen=True, kw_only=True):
    """What pages and API are made of. None: this tool has no such part.

    `stored` are the accounts where the database holds them. `passkeys` serve as second factor. `provider` signs people
    in with the organisation's accounts.
    """

    contract: Contract
    labels: Labels
    audit: ReadableAudit
    auth: Auth
    signing: Signing
    desk: ReviewService
    customers: CustomerQuestions
    cases: CaseService
    verification: Verification
    stored: StoredAccounts | None = None
    passkeys: Passkeys | None = None
    provider: ProviderSignIn | None = None
    metrics: Metrics | None = None

    @classmethod
    def over(
        cls,
        *,
        store: Store,
        contract: Contract,
        accounts: AccountBook,
        audit: ReadableAudit,
        vault: CustomerLookup | None = None,
        officer_door: OfficerDoor | None = None,
        secret_key: bytes | None = None,
        clock: Callable[[], float] = time.time,
        proxies: Sequence[Network] = (),
        secure: bool = False,
        metrics: Metrics | None = None,
        labels: Labels | None = None,
        provider: tuple[ProviderSettings, str] | None = None,
    ) -> Self:
        """The parts over one store under one contract.

        `vault` is asked only if the contract has a customer look-up or a contact check. `officer_door` makes a vault
        client from an officer's key and session, for break-glass cases. `secret_key` signs form tokens; by default it
        is new. `clock` gives wall time in seconds. `proxies` are the networks whose `X-Forwarded-For` is believed. With
        `secure` people come over TLS alone. `metrics` counts events. `labels` are those of the project; without them,
        the built-in ones. `provider` is that of the organisation, and the secret of this tool with it; it wants
        accounts in the database.
        """
        if metrics:
            audit = CountedAudit(audit, metrics)
        secret = secret_key or secrets.token_bytes(32)
        engine = store.database.engine
        state = SignInState(engine, secret, clock)
        auth = Auth(accounts, state, mfa=contract.review.mfa, audit=audit, clock=clock, key=secret)
        work = Assignments(store.database, rules_of(contract), clock)
        access = ClipAccess(store, work)
        stored = accounts if isinstance(accounts, StoredAccounts) else None
        by = None
        if provider and stored:
            by = ProviderSignIn(provider[0], ProviderClient(*provider), auth, stored, engine, secret, clock)
        return cls(
            contract=contract,
            labels=labels or Labels(),
            audit=audit,
            auth=auth,
            signing=Signing(auth, audit, proxies, secure=secure),
            desk=ReviewService(
                store=store,
                contract=contract,
                audit=audit,
                work=work,
                access=access,
                undo=Undo(secret, clock),
                clock=clock,
            ),
            customers=CustomerQuestions(store, contract, audit, vault, access),
            cases=CaseService(store=store, contract=contract, audit=audit, door=officer_door, throttle=state),
            verification=Verification(store, audit),
            stored=stored,
            passkeys=Passkeys(engine, secret, clock) if stored is not None and contract.review.mfa else None,
            provider=by,
            metrics=metrics,
        )
