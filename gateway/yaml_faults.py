"""Every fault of a YAML file at once, each with its file, line, column, key and value."""

from collections.abc import Sequence

import pydantic
import yaml

from gateway.files import describe_fault

_MOST = 50


def describe_yaml(name: str, text: str, error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> str:
    """A line for each fault, 50 at most: `file:line:column: key: value: what is allowed`."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    faults = error.errors(include_url=False)
    lines = []
    for fault in faults[:_MOST]:
        line, column = place(root, fault["loc"])
        lines.append((line, column, f"{name}:{line}:{column}: {describe_fault(fault, model, quote=True)}"))
    more = [f"{name}: {len(faults) - _MOST} more faults"] if len(faults) > _MOST else []
    return "\n".join([*(said for _, _, said in sorted(lines)), *more])


def place(node: yaml.Node | None, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of what stands at a path, or of the nearest that holds it. (1, 1) in an empty file."""
    at = (1, 1)
    for part in path:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            key, found = next(((key, value) for key, value in node.value if key.value == str(part)), (None, None))
            at = at if key is None else (key.start_mark.line + 1, key.start_mark.column + 1)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
            at = (found.start_mark.line + 1, found.start_mark.column + 1)
        if found is not None:
            node = found  # otherwise the name of a union's member
    return at
