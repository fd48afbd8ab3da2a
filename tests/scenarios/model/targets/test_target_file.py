"""Target files: every key is known, and what is wrong is said with file, line and column."""

from pathlib import Path

import pytest

from scenarios.model.targets.target_file import Attached, Command, load_target_file, target_schema
from scenarios.model.yaml_file import BadFiles

HEAD = "target: 1\nname: mine\nkept: {kind: folder, path: kept, session: call}\n"
ATTACHED = HEAD + "kind: attached\n"
COMMAND = HEAD + "kind: command\nparts:\n  - {name: gateway, run: [./mine, 'PLACE'], ready: {line: up}}\n"


def at(folder: Path, text: str) -> Attached | Command:
    path = folder / "target.yaml"
    path.write_text(text)
    found = load_target_file(path)
    assert isinstance(found, Attached | Command)
    return found


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (ATTACHED + "wire: {kind: hermess}\n", "target.yaml:5:", "hermess"),
        (ATTACHED + "wire: {kind: plain, topic: 'a/+/b', fields: {audio: a}}\n", "target.yaml:5:", "wildcards"),
        (ATTACHED + "wire: {kind: plain, topic: a}\n", "target.yaml:5:", "where in the JSON the sound stands"),
        (ATTACHED + "wire: {kind: plain, topic: a, fields: {audio: a, last: b}}\n", "target.yaml:5:", "per: frame"),
        (ATTACHED + "wire: {kind: plain, topic: a, payload: wav, fields: {text: t}}\n", ":5:", "has no fields"),
        (ATTACHED + "wire: {kind: hermes-only}\nreceipts: true\n", "target.yaml:6:", "receipts belong to wire hermes"),
        (ATTACHED + "wire: {kind: codec, codec: Mine}\n", "target.yaml:5:", "wire"),
        (ATTACHED + "broker: {url: 'mqtt://user:hush@host'}\n", "target.yaml:5:", "without a user or a password"),
        (ATTACHED + "restart: [systemctl]\n", "target.yaml:5:", "may: [restart] allows it"),
        (ATTACHED + "may: [forget]\n", "target.yaml:5:", "wants forget: [program, ...]"),
        (ATTACHED + "may: [kill]\n", "target.yaml:5:", "kill is not known"),
        (ATTACHED + "join: count\njoin_key: {env: KEY}\n", "target.yaml:6:", "belongs to join: exact"),
        (ATTACHED + "review: {url: 'http://h/', login: {bearer: {env: A}, cookies: c}}\n", ":5:", "one of bearer"),
        (ATTACHED + "review: {url: 'http://h/', login: {bearer: hush}}\n", ":5:", "itself may not stand here"),
        (ATTACHED + "review: {url: 'http://h/', login: {bearer: {env: 'a hush'}}}\n", ":5:", "environment variable is"),
        (ATTACHED + "review: {url: 'http://u:hush@h/'}\n", "target.yaml:5:", "without a user or a password"),
        (ATTACHED + "review: {url: 'http://h:99999/'}\n", "target.yaml:5:", "http://h:99999/: a port is a number"),
        (ATTACHED + "broker: {url: 'mqtt://h:x'}\n", "target.yaml:5:", "mqtt://h:x: a port is a number"),
        (ATTACHED + "settle: {quiet_s: 9, most_s: 5}\n", "target.yaml:5:", "quiet_s: 9 is longer than most_s, 5"),
        (ATTACHED + "may: [forget]\nforget: [x]\n", "target.yaml:6:", "forget: wants {site}"),
        (ATTACHED + "wire: {kind: wyoming, address: 'h:1'}\n", "target.yaml:5:", "h:1: tcp://host:port is wanted"),
        (
            ATTACHED.replace("folder", "foldr"),
            "target.yaml:3:14: kept.kind: foldr is not known",
            "did you mean folder?",
        ),
        (COMMAND + "broker: {url: 'mqtt://u:hush@h'}\n", "target.yaml:7:15: broker.url", "without a user"),
        (COMMAND.replace("PLACE", "{prot}"), "target.yaml:6:", "{prot}: did you mean port?"),
        (COMMAND.replace("line: up", "line: up, port: 80"), "target.yaml:6:", "one of url, port and line"),
        (COMMAND + "  - {name: gateway, run: [x], ready: {port: 80}}\n", "target.yaml:7:", "gateway stands twice"),
        (COMMAND + "may: [restart]\n", "target.yaml:7:", "may: unknown key"),
    ],
)
def test_what_is_wrong_is_said_by_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    with pytest.raises(BadFiles) as caught:
        at(tmp_path, text)
    assert place in str(caught.value)
    assert says in str(caught.value)
    assert "hush" not in str(caught.value)


def test_each_kind_reads(tmp_path: Path) -> None:
    assert isinstance(at(tmp_path, COMMAND.replace("PLACE", "{port}")), Command)
    found = at(tmp_path, ATTACHED + "broker: {url: 'mqtt://host'}\nmay: [restart]\nrestart: [systemctl, restart, me]\n")
    assert isinstance(found, Attached)
    assert (found.wire.kind, found.receipts, found.restart) == ("hermes", False, ("systemctl", "restart", "me"))


def test_the_schema_knows_all_kinds() -> None:
    text = str(target_schema())
    assert all(kind in text for kind in ("HermesOnlyWire", "WyomingWire", "CodecWire", "KeptS3", "Part", "Oidc"))
