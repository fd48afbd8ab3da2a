"""Command sentences without a secret, of the kinds that voice assistants publish as intents: templates filled in.

`commands` gives every sentence of every kind; what fills a slot is drawn by its place, so that nothing is random.
"""

import itertools
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent


def commands(language: str = "en") -> list[str]:
    """All sentences: each template as often as its longest slot has values, at most six times."""
    data = yaml.safe_load((_FOLDER / f"commands.{language}.yaml").read_text())
    slots: dict[str, list[str]] = {name: list(values) for name, values in data["slots"].items()}
    sentences: list[str] = []
    turn = itertools.count()
    for templates in data["intents"].values():
        for template in templates:
            names = [name for name in slots if f"{{{name}}}" in template]
            for number in range(min(6, max((len(slots[name]) for name in names), default=1))):
                filled = template
                for name in names:
                    values = slots[name]
                    filled = filled.replace(f"{{{name}}}", str(values[(number + next(turn)) % len(values)]))
                sentences.append(filled)
    return list(dict.fromkeys(sentences))
