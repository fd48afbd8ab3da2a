"""The Flask gateway with a review desk of its own as a command target: roles, a share under review, people at work."""

from pathlib import Path

from scenarios.run.broker import free_port
from tests.end_to_end.own_systems import SYSTEM, commands_in

DESK = SYSTEM.with_name("flask_desk.py")
TARGET = """
target: 1
kind: command
name: flask-desk
parts:
  - name: gateway
    run: ["{python}", SYSTEM, "{host}", "{port}", "WEB", "{identities}", commands.json, clips.db, FAULT]
    ready: {line: listening to devices}
    env: {REVIEW_PASSWORD: not-asked-for}
  - name: desk
    run: ["{python}", DESK, "PORT", clips.db, "SHARE", FAULT]
    ready: {url: "http://127.0.0.1:PORT/up"}
    env: {LEAD_PASSWORD: {env: LEAD_PASSWORD}, TRAINEE_PASSWORD: {env: TRAINEE_PASSWORD}}
wire:
  kind: plain
  topic: voice/{site}/said
  fields: {session: call.id, site: call.device, audio: call.sound, words: call.words, muted: call.muted,
           trigger: call.how, serial: call.serial}
pace: 1000
settle: {quiet_s: 1.0}
kept:
  kind: sql
  url: sqlite:///clips.db
  query: SELECT id, call, words, town, sound FROM clips ORDER BY id
  id: id
  session: call
  text: words
  place: town
  audio: {bytes: sound, format: raw}
join: exact
review:
  url: http://127.0.0.1:PORT/
  login: {url: "http://127.0.0.1:PORT/login", how: form, user: lead, user_field: user, password_field: word,
          password: {env: LEAD_PASSWORD}}
  role: lead
  routes: [/, /staff]
  clips: ["/clips/{id}", "/clips/{id}/sound"]
  roles:
    - role: trainee
      login: {url: "http://127.0.0.1:PORT/login", how: form, user: trainee, user_field: user, password_field: word,
              password: {env: TRAINEE_PASSWORD}}
      allowed: [/, "/clips/{id}"]
      refused: [/staff, "/clips/{id}/sound"]
"""


def desk_in(folder: Path, fault: str = "mended", share: float = 1.0) -> Path:
    """The target file, with a free port for each web app."""
    commands_in(folder)
    text = TARGET.replace("PORT", str(free_port())).replace("WEB", str(free_port()))
    for name, value in {"SYSTEM": str(SYSTEM), "DESK": str(DESK), "SHARE": str(share), "FAULT": fault}.items():
        text = text.replace(name, value)
    path = folder / "target.yaml"
    path.write_text(text)
    return path
