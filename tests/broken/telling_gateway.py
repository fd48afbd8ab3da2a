"""A gateway whose dropped clips can be told from silence, run as `python telling_gateway.py COMMAND OPTIONS`.

It counts them in its log, asks the vault about them, remembers their sessions, numbers clips with them among, and
writes their audio to a temporary file that it removes with the next one.
"""

import base64
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import gateway.flow.process as serve
import gateway.redact.pipeline as pipeline
from gateway.__main__ import main
from gateway.flow.decider import Decider
from gateway.flow.service import Service
from gateway.storage.store import kept_sessions
from gateway.vault.client import VaultClient
from gateway.vault.messages import Standing

_decided = 0
_decide, _settled_as = Decider.decide, Service._settled_as


def _decide_numbered(self: Any, clip: Any) -> Any:
    global _decided
    _decided += 1
    if hasattr(self, "passing"):
        Path(self.passing).unlink(missing_ok=True)
    handle, path = tempfile.mkstemp()
    os.write(handle, base64.b64encode(clip.pcm))
    os.fsync(handle)
    self.passing = path
    return _decide(self, clip)


def _settled_remembered(self: Any, clip: Any, decision: Any) -> Any:
    if decision.reason == "no_wake_word":
        with self._parts.store._engine.begin() as db:
            db.execute(kept_sessions.insert().values(key=self._decider.session_key(clip)))
    return _settled_as(self, clip, decision)


class _Counting:
    @staticmethod
    def token_urlsafe(_size: Any) -> Any:
        return f"{_decided:022d}"


def _standing(self: Any, site_id: Any) -> Any:
    facts = self.site(site_id)
    return Standing(household_key=facts.household_key, consent=facts.consent) if facts else None


Decider.decide, Service._settled_as = _decide_numbered, _settled_remembered  # type: ignore[method-assign]
pipeline.secrets = _Counting  # type: ignore[assignment, attr-defined]
VaultClient.standing = _standing  # type: ignore[method-assign]
serve.loggable = lambda counts: ", ".join(f"{reason} {counts[reason]}" for reason in sorted(counts))  # type: ignore[attr-defined]

if __name__ == "__main__":
    main()
