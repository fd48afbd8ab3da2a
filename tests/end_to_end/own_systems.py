"""The Flask system as a command target, and a scenario for it."""

import json
from pathlib import Path

from scenarios.model.suite_files import Prepared, prepare
from scenarios.model.targets.target_file import Own, load_target_file
from scenarios.own_system.own_run import OwnTarget
from scenarios.run.broker import free_port
from simulator.world.utterances import load_phrasebook

SYSTEM = Path(__file__).parents[1] / "broken" / "flask_system.py"
NUMBERS = set(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred double triple".split()
)
SCENARIO = """
scenario: 2
name: strangers
about: A small fleet against a system that is somebody's own.
seed: 7
fleet:
  households: 4
  utterances_per_device: 3
  buttons: 0.2
  false_wakes: 0.2
  noise: 0.0
  muted: 0.2
  wakes: every_sound
  word_error_rate: 0.0
  time_jitter_ms: 0
  wake_like: 0.0
gating: {max_false_accept_share: 0.0, max_false_reject_share: 0.0}
checks: [leaks, positive_control, conservation, should_not_exist, gating, spoken_secrets, at_rest]
"""
TARGET = """
target: 1
kind: command
name: flask-system
broker: BROKER
parts:
  - name: gateway
    run: ["{python}", SYSTEM, "{host}", "{port}", "WEB", "{identities}", commands.json, clips.db, FAULT]
    ready: {line: listening to devices}
    env: {REVIEW_PASSWORD: {env: REVIEW_PASSWORD}}
wire:
  kind: plain
  topic: voice/{site}/said
  fields: {session: call.id, site: call.device, audio: call.sound, words: call.words, muted: call.muted,
           trigger: call.how, serial: call.serial}
pace: 1000
settle: {quiet_s: 1.0}
kept:
  kind: http
  list: http://127.0.0.1:WEB/clips
  items: ids
  next: more
  id: id
  each: http://127.0.0.1:WEB/clips/{id}
  session: call
  text: words
  audio: {base64: clip.pcm, format: raw}
  login: &login {url: "http://127.0.0.1:WEB/login", user: qa, user_field: name, password: {env: REVIEW_PASSWORD},
                 password_field: secret, token: session.token}
join: JOIN
review:
  url: http://127.0.0.1:WEB/
  login: *login
"""


def commands_in(folder: Path) -> None:
    """The words that a clip may show: those of the phrasebook's lines that are no number and no name."""
    lines = load_phrasebook().every_line()
    words = {word.strip(".,?!").lower() for line in lines for word in line.split() if "{" not in word} - NUMBERS
    (folder / "commands.json").write_text(json.dumps(sorted(words)))


def target_in(folder: Path, fault: str = "mended", *, join: str = "exact", broker: str = "auto") -> Path:
    commands_in(folder)
    text = TARGET
    said = {"SYSTEM": str(SYSTEM), "WEB": str(free_port()), "FAULT": fault, "JOIN": join, "BROKER": broker}
    for name, value in said.items():
        text = (
            text.replace(name, value)
            if name != "WEB"
            else text.replace('"WEB"', f'"{value}"').replace("WEB/", f"{value}/")
        )
    path = folder / "target.yaml"
    path.write_text(text)
    return path


def scenario_in(folder: Path, more: str = "") -> Path:
    path = folder / "strangers.yaml"
    path.write_text(SCENARIO + more)
    return path


def prepared_in(folder: Path, more: str = "") -> Prepared:
    return prepare([scenario_in(folder, more)])[0]


def own_at(path: Path) -> OwnTarget:
    found = load_target_file(path)
    assert isinstance(found, Own)
    return OwnTarget(target=found, beside=path.parent)
