"""Users and rights for the embedded broker, as plugins of amqtt. They are those of the private Mosquitto."""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import msgspec
from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """The rights of one user: a hash of its long random password, and the topics it may publish and hear."""

    password: str
    write: list[str]
    read: list[str]


def rights_of(acl: str, password: str) -> Rights:
    """Read the lines of a Mosquitto ACL: `topic read|write|readwrite PATTERN`."""
    lines = [line.split(" ", 2) for line in acl.splitlines() if line.startswith("topic ")]
    return Rights(
        password=hashed(password),
        write=[topic for _, what, topic in lines if what in ("write", "readwrite")],
        read=[topic for _, what, topic in lines if what in ("read", "readwrite")],
    )


def hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def covers(allowed: str, wanted: str) -> bool:
    """Whether the allowed pattern covers a topic, or everything that a subscription asks for (OASIS MQTT 3.1.1,
    4.7)."""
    have, want = allowed.split("/"), wanted.split("/")
    for at, level in enumerate(have):
        if level == "#":
            return True
        if at >= len(want) or want[at] == "#" or level not in ("+", want[at]):
            return False
    return len(have) == len(want)


@dataclass
class _Config:
    """`file` holds the rights of each user, by name."""

    file: str = ""


def _read(context: BaseContext) -> dict[str, Rights]:
    return msgspec.json.decode(Path(context.config.file).read_bytes(), type=dict[str, Rights])


class UsersPlugin(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """Refuses every connection without a known user and its password, or with a last will that the user may not
    publish: amqtt asks nobody before it sends a will."""

    Config = _Config

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._rights = _read(context)

    async def authenticate(self, *, session: Session) -> bool | None:
        rights = self._rights.get(session.username or "")
        known = rights.password if rights else hashed("")
        same = hmac.compare_digest(known, hashed(session.password or ""))
        return rights is not None and same and _may_will(rights, session)


def _may_will(rights: Rights, session: Session) -> bool:
    return not session.will_flag or any(covers(each, session.will_topic or "") for each in rights.write)


class RightsPlugin(BaseTopicPlugin):  # type: ignore[misc]
    """Lets a user publish, subscribe to and hear only what its rights cover."""

    Config = _Config

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._rights = _read(context)

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        rights = self._rights.get(session.username or "") if session else None
        if rights is None or not topic:
            return False
        return any(covers(each, topic) for each in (rights.write if action == Action.PUBLISH else rights.read))
