"""Reads the retained messages of a broker, which every new subscriber gets."""

import asyncio
import logging
from collections.abc import Callable

from amqtt.client import MQTTClient
from amqtt.errors import AMQTTError, ClientError, MQTTError
from amqtt.mqtt.constants import QOS_0

from gateway.files import BadFile, reason_of
from scenarios.leaks.haystack import Part

_QUIET_S = 1.0  # a broker hands out what it retains at once; after this long nothing more is waited for
_MESSAGES = 10_000
_BYTES = 64 * 1024 * 1024


def retained(url: str, *, masked: Callable[[str], str], quiet_s: float = _QUIET_S) -> tuple[list[Part], str | None]:
    """Topics and payloads of all retained messages of `mqtt://[user:password@]host:port`, and which bound was met, if
    any.

    Raises:
        BadFile: no broker answers there, or it refuses.
    """
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # its log quotes topics, and topics name devices
    try:
        found, cut = asyncio.run(_collect(url, quiet_s))
    except (TimeoutError, OSError, AMQTTError, ClientError, MQTTError) as error:
        raise BadFile(f"{masked(_without_user(url))}: no answer as a broker ({reason_of(error)})") from None
    parts = []
    for topic, payload in found:
        name = masked(topic)
        parts += [
            Part(kind="topic", name=name, data=topic.encode("utf-8", "replace")),
            Part(kind="retained_message", name=name, data=payload),
        ]
    return parts, cut


async def _collect(url: str, quiet_s: float) -> tuple[list[tuple[str, bytes]], str | None]:
    client = MQTTClient(config={"auto_reconnect": False})
    await asyncio.wait_for(client.connect(url), 10)
    found: list[tuple[str, bytes]] = []
    size = 0
    try:
        await client.subscribe([("#", QOS_0)])
        while len(found) < _MESSAGES and size < _BYTES:
            message = await asyncio.wait_for(client.deliver_message(), quiet_s)
            if message is not None and message.retain:
                payload = bytes(message.data or b"")
                found.append((message.topic, payload))
                size += len(payload)
    except TimeoutError:
        return found, None
    finally:
        await client.disconnect()
    return found, f"more than {_MESSAGES} messages or {_BYTES} bytes"


def _without_user(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
