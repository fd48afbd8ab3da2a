"""Fills Label Studio with clips that a gateway kept: a project, and a task a clip.

A clip is what a reviewer of the built-in tool is shown of it: facts, words, sound. To bridge your own gateway, make
`Clip`s of what it keeps; nothing else here knows where they come from.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import httpx
import msgspec

LABELS = """
<View>
  <Audio name="audio" value="$audio"/>
  <Text name="words" value="$words"/>
  <Choices name="intent" toName="audio">
    <Choice value="a request"/>
    <Choice value="not a request"/>
  </Choices>
</View>
"""
_BATCH = 20
_TIMEOUT_S = 120.0


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` is whatever stands beside the sound; `wav` None where the sound is withheld."""

    words: str
    facts: Mapping[str, Any]
    wav: bytes | None


class LabelStudio:
    """Its HTTP API, under a user's token.

    Raises:
        httpx.HTTPError: it does not answer, or refuses.
    """

    def __init__(self, url: str, token: str) -> None:
        head = {"Authorization": f"Token {token}"}
        self._http = httpx.Client(base_url=url, headers=head, timeout=_TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def project(self, title: str) -> int:
        """A new project; its number."""
        answer = self._http.post("/api/projects/", json={"title": title, "label_config": LABELS})
        answer.raise_for_status()
        return int(answer.json()["id"])

    def fill(self, project: int, clips: Iterable[Clip]) -> int:
        """A task a clip; how many there are now."""
        tasks = [task(clip) for clip in clips]
        for at in range(0, len(tasks), _BATCH):
            self._http.post(f"/api/projects/{project}/import", json=tasks[at : at + _BATCH]).raise_for_status()
        answer = self._http.get(f"/api/projects/{project}/")
        answer.raise_for_status()
        return int(answer.json()["task_number"])

    def remove(self, project: int) -> None:
        """The project with all its tasks."""
        self._http.delete(f"/api/projects/{project}/").raise_for_status()


def task(clip: Clip) -> dict[str, Any]:
    """What Label Studio stores of a clip, and hands to whoever may label it."""
    sound = f"data:audio/wav;base64,{base64.b64encode(clip.wav).decode()}" if clip.wav else ""
    return {"data": {"words": clip.words, "audio": sound, "facts": dict(clip.facts)}}


def words_of(facts: Mapping[str, Any]) -> str:
    """The words in a clip's facts, as the built-in tool tells them: a text each, wherever they stand."""
    return " ".join(_texts(facts.get("words")))


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        text = said.get("text", said.get("value"))
        if isinstance(text, str):
            yield text
    elif isinstance(said, Sequence):
        for each in said:
            yield from _texts(each)
