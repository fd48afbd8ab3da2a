"""The commands of gateway/docs/clients.md, run as they are written: Mosquitto's own tools, voices nobody tuned for."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import yaml

from gateway.contract.model import PRESETS
from gateway.wire import Receipt, decode_frame, encode_wav
from scenarios.run.processes import Processes
from simulator.sound.scenes import Saying, Scene, render
from simulator.sound.voices import Voice, load_voices
from simulator.world.utterances import Word
from tests.end_to_end.gateways import System
from tests.end_to_end.runs import ROOT
from tests.environments import environment

REQUEST, CHATTER = "Alexa, play some music in the kitchen.", "Put the kettle on, please, and close the door."
PAGE = ROOT / "gateway" / "docs" / "clients.md"
HOMES = {f"site{n}": True for n in range(20)}


@pytest.fixture(scope="module")
def clients() -> str:
    """Mosquitto's own clients, or a skip."""
    found = shutil.which("mosquitto_pub")
    if found is None:
        if os.environ.get("EARLID_REQUIRE") == "all":
            pytest.fail("no mosquitto_pub, and EARLID_REQUIRE=all")
        pytest.skip("no mosquitto_pub")
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def system(
    request: pytest.FixtureRequest, mosquitto: str, clients: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("outsiders")
    strict = yaml.safe_load((PRESETS / "strict.yaml").read_text())
    strict["redact"]["transcript"]["deadline_ms"] = 0  # nobody transcribes here
    with Processes(folder / "logs") as processes:
        devices = dict.fromkeys(HOMES, "")
        made = System(processes, folder, contract=strict, homes=HOMES, devices=devices, tls=request.param)
        made.start_gateway()
        yield made


def strangers() -> list[Voice]:
    """Voices that are in no list: other pitches, paces and accents than anybody was chosen or trained with."""
    known = load_voices("any")
    made = [
        known[number].model_copy(
            update={"name": f"stranger-{number}", "accent": accent, "pitch": 35 + 7 * (number % 5), "rate_wpm": 150}
        )
        for number, accent in zip(range(0, 60, 6), ["en-us", "en-gb-x-rp", "en-gb-x-gbclan", "en"] * 3, strict=False)
    ]
    sounds = {(each.accent, each.variant, each.pitch, each.rate_wpm) for each in known}
    return [each for each in made if (each.accent, each.variant, each.pitch, each.rate_wpm) not in sounds]


def recorded(folder: Path, text: str, voice: Voice) -> Path:
    """A folder of `part-NN.wav` as sox makes them: a second each, the last quiet."""
    words = tuple(Word(text=word) for word in text.split())
    scene = Scene(sayings=(Saying(voice=voice, words=words),), backdrop="pink", snr_db=25, pre_roll_ms=2_500, seed=3)
    quiet = np.random.default_rng(2).normal(0, 20, 2 * 16_000).astype("<i2")
    pcm = np.concatenate([render(scene).pcm.astype("<i2"), quiet])
    folder.mkdir()
    for number, at in enumerate(range(0, len(pcm), 16_000)):
        (folder / f"part-{number:02d}.wav").write_bytes(encode_wav(pcm[at : at + 16_000].tobytes()))
    return folder


def readme(block: int) -> str:
    """The block-th piece of the page that calls mosquitto_pub."""
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text(), re.S)
    return [each for each in blocks if "mosquitto_pub" in each][block]


def run(system: System, block: int, site: str, parts: Path) -> Receipt | None:
    """The page's commands for this broker and site; the receipt they print."""
    address = f"-h 127.0.0.1 -p {system.broker.url.rsplit(':', 1)[1]} -u {site} -P {system.broker.passwords[site]}"
    address += f" --cafile {system.broker.ca}" if system.broker.ca else ""
    text = re.sub(r'WHO=".*?"', f'WHO="{address}"', readme(block)).replace("kitchen", site).replace("-W 20", "-W 6")
    done = subprocess.run(["bash", "-c", text], cwd=parts, capture_output=True, timeout=60, check=False)
    said = done.stdout.strip()
    return msgspec.json.decode(said, type=Receipt) if said.startswith(b"{") else None


def run_rhasspy(system: System, program: Path, site: str, parts: Path) -> Receipt | None:
    """The page's line for Rhasspy's microphone, over the same recording; what the gateway answers."""
    found = re.search(r"^outsiders/bin/(rhasspy.*)\\\n *(.*'cat speech.raw')", PAGE.read_text(), re.M)
    assert found is not None, "gateway/docs/clients.md no longer says how Rhasspy's microphone is started"
    port, password = system.broker.url.rsplit(":", 1)[1], system.broker.passwords[site]
    line = f"{found[1]} {found[2]}".replace("1883", port).replace("kitchen", site).replace("...", password)
    (parts / "speech.raw").write_bytes(
        b"".join(decode_frame(part.read_bytes()).pcm for part in sorted(parts.glob("part-*.wav")))
    )
    ask = [
        "mosquitto_sub",
        "-p",
        port,
        "-u",
        site,
        "-P",
        password,
        "-C",
        "1",
        "-W",
        "8",
        "-t",
        f"earlid/{site}/receipt",
    ]
    listener = subprocess.Popen(ask, stdout=subprocess.PIPE)
    time.sleep(0.5)
    client = subprocess.Popen(["bash", "-c", f"exec {program}/{line}"], cwd=parts, stderr=subprocess.DEVNULL)
    try:
        said, _ = listener.communicate(timeout=20)
    finally:
        client.terminate()
        client.wait(10)
    return msgspec.json.decode(said, type=Receipt) if said else None


def test_streams_and_sessions_of_strangers(system: System, tmp_path: Path) -> None:
    heard = []
    for number, voice in enumerate(strangers()[: 2 if system.broker.ca else 5]):
        receipt = run(system, 0, f"site{number}", recorded(tmp_path / voice.name, REQUEST, voice))
        heard.append(receipt is not None and (receipt.outcome, receipt.reason) == ("kept", "wake_word"))
    voice = strangers()[heard.index(True)]
    session = run(system, 1, "site8", tmp_path / voice.name)
    assert session == Receipt(session_id="s1", outcome="kept", reason="wake_word")
    chatter = recorded(tmp_path / "chatter", CHATTER, voice)
    assert run(system, 1, "site9", chatter) == Receipt(session_id="s1", outcome="dropped", reason="no_wake_word")
    assert run(system, 0, "site10", chatter) is None
    hermes = run(system, 2, "site18", tmp_path / voice.name)
    assert hermes == Receipt(session_id="site18-alexa-1", outcome="kept", reason="wake_word")
    hermes = run(system, 2, "site19", chatter)
    assert hermes == Receipt(session_id="site19-alexa-1", outcome="dropped", reason="no_wake_word")
    print(f"outsiders: {sum(heard)} of {len(heard)} strangers' requests kept from a stream")  # noqa: T201
    assert sum(heard) >= len(heard) / 2


@pytest.mark.soak
def test_rhasspys_microphone(system: System, tmp_path: Path) -> None:
    """Its own program, installed from its own lock: every frame as the page says, no session, no numbers."""
    if system.broker.ca:
        pytest.skip("Rhasspy's microphone is started without TLS on the page")
    program = environment(Path(__file__).parent / "outsiders.lock", "Rhasspy's microphone")
    voices = strangers()[:5]
    said = [
        run_rhasspy(system, program, f"site{12 + number}", recorded(tmp_path / voice.name, REQUEST, voice))
        for number, voice in enumerate(voices)
    ]
    kept = [receipt is not None and (receipt.outcome, receipt.reason) == ("kept", "wake_word") for receipt in said]
    print(f"Rhasspy's microphone: {sum(kept)} of {len(kept)} strangers' requests kept")  # noqa: T201
    assert sum(kept) >= len(kept) / 2
    chatter = recorded(tmp_path / "chatter", CHATTER, voices[kept.index(True)])
    assert run_rhasspy(system, program, "site17", chatter) is None
