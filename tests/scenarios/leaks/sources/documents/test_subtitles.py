"""Subtitles as players and recognisers write them: names over the end of a cue, times inside the words."""

from collections.abc import Callable
from typing import Any

import pytest

NAMED = ("members.name", "home.street")


def srt(given: str, family: str) -> bytes:
    return (
        f"1\r\n00:00:00,000 --> 00:00:02,000\r\nMy name is {given}\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,500\r\n"
        f"{family} and I live at 7095\r\n\r\n3\r\n00:00:03,500 --> 00:00:05,000\r\n<i>Jordan</i>\r\nLane, by it\r\n"
    ).encode()


def captions(given: str, family: str) -> bytes:
    words = f"here is {given} {family} of 7095 Jordan Lane".split()
    timed = "".join(f"<00:00:0{at}.240><c> {word}</c>" for at, word in enumerate(words[1:], 1))
    return (
        f"WEBVTT\nKind: captions\n\n00:00:00.000 --> 00:00:08.000 align:start position:0%\n{words[0]}{timed}\n\n"
        "00:00:08.000 --> 00:00:08.010 align:start position:0%\nso\n"
    ).encode()


@pytest.mark.parametrize("write", [srt, captions])
def test_words_are_joined_over_cues(seen: Callable[..., Any], write: Callable[[str, str], bytes]) -> None:
    assert seen(write("Tami", "Lutz")).fields >= set(NAMED)


@pytest.mark.parametrize("write", [srt, captions])
def test_others_are_nobody(seen: Callable[..., Any], write: Callable[[str, str], bytes]) -> None:
    clean = seen(write("Anna", "Brandt").replace(b"7095", b"12"))
    assert (clean.fields, clean.unread) == (set(), [])
