"""The reference pages: every key of a file with its meaning, type, default and an example.

Types and defaults come from the models, meanings from their descriptions or from `scenarios/docs/keys/`. Run
`python -m scenarios.commands.documentation.reference` to write the pages anew.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gateway.files import read_yaml
from scenarios.commands.documentation.schemas import schema

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("scenario", "contract", "identities", "target", "report")
WRITTEN = ("report",)


class Key(NamedTuple):
    """One key of a file. `example` is "" where the default serves as one."""

    model: str
    name: str
    meaning: str
    kind: str
    default: str
    example: str


def keys_of(what: str) -> list[Key]:
    """Every key of a kind of file, in the order of its model; a key without a meaning has an empty one."""
    told: Mapping[str, list[str]] = read_yaml(DOCS / "keys" / f"{what}.yaml")
    found = []
    for model, part in _models(schema(what)):
        for name, shape in part.get("properties", {}).items():
            meaning, *example = told.get(f"{model}.{name}", [""])
            default = json.dumps(shape["default"]) if "default" in shape else ""
            found.append(
                Key(
                    model=model,
                    name=name,
                    meaning=meaning or str(shape.get("description", "")),
                    kind=", ".join(dict.fromkeys(_kinds(shape))),
                    default=default,
                    example=example[0] if example else "",
                )
            )
    return found


def _models(whole: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The file's own model first, by its title or by the reference that leads to it, then those inside it."""
    inside = dict(whole.get("$defs", {}))
    if "title" in whole:
        yield str(whole["title"]), whole
    elif "$ref" in whole:
        first = str(whole["$ref"]).rsplit("/", 1)[-1]
        yield first, inside.pop(first)
    yield from inside.items()


def page(what: str) -> str:
    """The page as Markdown. A file that Earlid writes has no defaults."""
    written = what in WRITTEN
    columns = ("key", "meaning", "type", *(() if written else ("default",)), "example")
    head = f"Every key of a {what} file{' that Earlid writes' if written else ''}."
    lines = [f"# Reference: {what}", "", f"{head} `earlid schema {what}` prints the JSON Schema."]
    model = ""
    for key in keys_of(what):
        if key.model != model:
            model = key.model
            lines += ["", f"## {model}", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
        default = f"`{key.default}`" if key.default else "none: required"
        cells = (key.meaning, key.kind, *(() if written else (default,)), key.example)
        lines.append(f"| `{key.name}` | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _kinds(shape: Mapping[str, Any]) -> Iterator[str]:
    """ "integer", "list of text", "one of a, b", or the name of another model on the page."""
    if not shape.keys() & {"$ref", "anyOf", "allOf", "const", "enum", "type"}:
        yield "anything"
    if "$ref" in shape:
        yield str(shape["$ref"]).rsplit("/", 1)[-1]
    for part in (*shape.get("anyOf", ()), *shape.get("allOf", ())):
        yield from _kinds(part)
    if "const" in shape:
        yield f"`{shape['const']}`"
    elif "enum" in shape:
        yield "one of " + ", ".join(f"`{value}`" for value in shape["enum"])
    elif shape.get("type") == "array":
        inside = shape.get("items") or (shape.get("prefixItems") or [{}])[0]
        yield "list of " + (" or ".join(_kinds(inside)) or "values")
    elif "type" in shape:
        bounds = [f"{sign} {shape[name]}" for name, sign in _BOUNDS.items() if name in shape]
        yield " ".join([_NAMES.get(str(shape["type"]), str(shape["type"])), *bounds])


_NAMES = {"string": "text", "null": "nothing", "object": "mapping"}
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}


def main() -> None:
    for what in PAGES:
        path = DOCS / "reference" / f"{what}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(what), encoding="utf-8")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
