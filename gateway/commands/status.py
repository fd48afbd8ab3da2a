"""`earlid status`: what the gateway saw of each site last, asked over MQTT with the operator's credential."""

import os
import queue
import secrets
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.files import BadFile, reason_of
from gateway.operator_messages import SiteStatus, Statuses, StatusQuery
from gateway.wire import Topics, WireError, decode_json, encode_json


def ask_status(
    broker: str, *, topic_root: str = "", ca: Path | None = None, site: str | None = None, timeout_s: float = 10.0
) -> list[SiteStatus]:
    """Every site's status, or that of one; `broker` as for the gateway.

    Raises:
        BadFile: not such a URL, no broker there, it does not let us in, or no gateway answers.
    """
    parts = urlsplit(broker)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise BadFile("--broker: mqtt://host:port or mqtts://host:port is wanted")
    topics, token = Topics(topic_root), secrets.token_hex(8)
    said: queue.Queue[Statuses | str | None] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    if parts.username:
        password = unquote(parts.password) if parts.password else os.environ.get("EARLID_MQTT_PASSWORD")
        client.username_pw_set(unquote(parts.username), password)
    if parts.scheme == "mqtts":
        try:
            client.tls_set(str(ca) if ca else None)
        except OSError as error:
            raise BadFile(f"{ca}: {reason_of(error)}") from None

    def connected(_client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, *_: object) -> None:
        if code.is_failure:
            said.put(f"refused ({str(code).lower()})")
        else:
            client.subscribe(topics.status("told", token), 1)

    def subscribed(_client: mqtt.Client, _data: object, _mid: int, codes: list[ReasonCode], *_: object) -> None:
        said.put("not allowed to subscribe" if any(code.is_failure for code in codes) else None)

    def told(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            said.put(decode_json(bytes(message.payload), Statuses))
        except WireError:
            said.put("what answers is no gateway of this version")

    client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, told
    try:
        client.connect(parts.hostname, parts.port or (8883 if parts.scheme == "mqtts" else 1883), keepalive=30)
    except ssl.SSLError:
        raise BadFile(f"--broker {parts.hostname}: its certificate is not one we trust; --ca names another") from None
    except OSError as error:
        raise BadFile(f"--broker {parts.hostname}: no broker answers ({reason_of(error)})") from None
    client.loop_start()
    try:
        return _asked(client, topics.status("ask", token), said, site, time.monotonic() + timeout_s)
    finally:
        client.disconnect()
        client.loop_stop()


def _asked(
    client: mqtt.Client, topic: str, said: "queue.Queue[Statuses | str | None]", site: str | None, until: float
) -> list[SiteStatus]:
    found: list[SiteStatus] = []
    while True:
        try:
            answer = said.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise BadFile("--broker: no gateway answers, or this user may not ask: the operator's is wanted") from None
        if isinstance(answer, str):
            raise BadFile(f"--broker: {answer}")
        if answer is not None:
            found += answer.sites
            if not answer.more or not answer.sites:
                return found
        query = StatusQuery(site_id=site, after=found[-1].site_id if found else "")
        client.publish(topic, encode_json(query), qos=1)


def as_lines(sites: list[SiteStatus]) -> list[str]:
    """One line a site, and a head."""
    rows = [("site", "last seen (UTC)", "frames", "unreadable", "last reason", "clock", "muted", "known")]
    for each in sites:
        seen = datetime.fromtimestamp(each.last_seen_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        reason = f"{each.last_outcome} {each.last_reason}" if each.last_reason else "-"
        clock = "-" if each.clock_offset_ms is None else f"{each.clock_offset_ms / 1000:+.1f} s"
        known = {True: "yes", False: "no", None: "?"}[each.known]
        muted = "yes" if each.muted else "no"
        rows.append((each.site_id, seen, str(each.frames), str(each.unreadable), reason, clock, muted, known))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def as_json(sites: list[SiteStatus]) -> str:
    return msgspec.json.encode(Statuses(sites=sites)).decode()
