"""What televisions and visitors say: sentences put together from parts, none with the wake word in it."""

import functools
import hashlib
import re
from pathlib import Path
from typing import Literal

import numpy as np
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from gateway.files import BadFile, describe, read_yaml

TALK = Path(__file__).parent / "talk.yaml"
Split = Literal["train", "held_out"]
_PART = re.compile(r"\{(\w+)\}")


class Talk(BaseModel):
    """Sentences with {parts}, and each part's words; `_` stands for a space within one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sentences: tuple[str, ...] = Field(min_length=2)
    words: dict[str, str]

    @pydantic.model_validator(mode="after")
    def _every_part_has_words(self) -> "Talk":
        for sentence in self.sentences:
            for part in _PART.findall(sentence):
                if len(self.words.get(part, "").split()) < 2:
                    raise ValueError(f"{{{part}}} has fewer than two words")
        return self


@functools.cache
def load_talk(path: Path = TALK) -> Talk:
    """Raises BadFile: an unknown key, or a part without words."""
    try:
        return Talk.model_validate(read_yaml(path))
    except pydantic.ValidationError as error:
        raise BadFile(describe(str(path), error, Talk)) from None


def chat(rng: np.random.Generator, split: Split, sentences: int = 1) -> str:
    """So many sentences; the two splits share neither sentence patterns nor words that fill them."""
    patterns = _half(load_talk().sentences, split)

    def word(found: re.Match[str]) -> str:
        choices = _words(found.group(1), split)
        return choices[int(rng.integers(len(choices)))]

    said = (_PART.sub(word, patterns[int(rng.integers(len(patterns)))]) for _ in range(sentences))
    return " ".join(f"{line[:1].upper()}{line[1:]}" for line in said)


@functools.cache
def _words(part: str, split: Split) -> tuple[str, ...]:
    return _half(tuple(word.replace("_", " ") for word in load_talk().words[part].split()), split)


def _half(choices: tuple[str, ...], split: Split) -> tuple[str, ...]:
    """By the text itself: a word that stands in two lists is in the same half of both."""
    return tuple(text for text in choices if (number_of(text) % 2 == 0) == (split == "train"))


def number_of(text: str) -> int:
    """A stable number for a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")
