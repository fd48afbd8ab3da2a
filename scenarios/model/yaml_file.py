"""YAML files with their places: plain data, and for each key and value the file, line and column it stands at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from gateway.files import BadFile, reason_of

Key = tuple[str | int, ...]

_MOST_NODES = 200_000  # aliases may make a small file a huge one
_MOST_BYTES = 10_000_000
_VARIABLE = re.compile(r"\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}")  # `{n: ${n}}` is no YAML; what stands for it is
_OPEN, _CLOSE = "\ue000", "\ue001"
_WIDE = "UTF-16 or UTF-32 text; save the file as UTF-8"
_TIMES = "tag:yaml.org,2002:timestamp"
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value")
)


class Place(msgspec.Struct, frozen=True):
    """Where something stands; lines and columns count from 1. Line 0: in no file."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """`data` is plain; `keys` and `values` say where each part stands, by its path from the top."""

    file: str
    data: Any
    keys: Mapping[Key, Place] = {}
    values: Mapping[Key, Place] = {}

    def place(self, at: Sequence[str | int], *, of_key: bool = False) -> Place:
        """Of the value at a path, or of its key; of what holds it where it is not there."""
        key = tuple(at)
        while True:
            for table in (self.keys, self.values) if of_key else (self.values, self.keys):
                if key in table:
                    return table[key]
            if not key:
                return Place(self.file, 1, 1)
            key, of_key = key[:-1], True


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend: a place, the key there ("" is the file) and a sentence. `seen_by` is the file that extends the
    place's file, if it is a fault there alone."""

    place: Place
    key: str
    says: str
    seen_by: str = ""

    def __str__(self) -> str:
        said = f"{self.key}: {self.says}" if self.key else self.says
        return f"{self.place}: {said}" + (f" (in {self.seen_by}, which extends it)" if self.seen_by else "")


class BadFiles(BadFile):
    """Every fault of one or several files, one a line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        own = {each for each in faults if not each.seen_by}
        told = [each for each in faults if not each.seen_by or msgspec.structs.replace(each, seen_by="") not in own]
        self.faults = tuple(sorted(dict.fromkeys(told), key=lambda f: (f.place.file, f.place.line, f.place.column)))
        super().__init__("\n".join(map(str, self.faults)))


def read_document(path: Path) -> Document:
    """A YAML 1.2 file, or JSON, which is YAML too.

    Raises:
        BadFile: not there or not text. BadFiles: not YAML, or keys that stand twice; all of those at once.
    """
    return parse_document(_text(path), str(path))


def parse_document(text: str, name: str) -> Document:
    """Raises BadFiles: not YAML, several documents, or keys that stand twice."""
    text = _VARIABLE.sub(f"${_OPEN}\\1{_CLOSE}", text)  # of the same length: places stay
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True  # all of them are reported below
    try:
        root = yaml.compose(StringIO(text))
        if root is None:
            return Document(file=name, data=None)
        reader = _Reader(name, yaml)
        data = reader.read(root, ())
    except BadFile:
        raise
    except ReaderError as error:
        raise _unreadable(name, text, error) from None
    except MarkedYAMLError as error:
        mark, says = _plain(error)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _bad(name, line, column, says) from None
    except (YAMLError, ValueError, AttributeError, TypeError) as error:
        raise _bad(name, 1, 1, f"is not YAML ({reason_of(error)})") from None
    except RecursionError:
        raise _bad(name, 1, 1, "is nested too deeply") from None
    if reader.faults:
        raise BadFiles(reader.faults)
    return Document(file=name, data=data, keys=reader.keys, values=reader.values)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadFile(f"{path}: larger than {_MOST_BYTES // 1_000_000} MB; not a file a person wrote")
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise _bad(str(path), 1, 1, _WIDE) from None
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _bad(str(path), line, column, f"byte 0x{data[error.start]:02x}: not UTF-8 text") from None
    except ValueError:
        raise BadFile(f"{path}: not a file's name") from None


def _unreadable(name: str, text: str, error: ReaderError) -> BadFiles:
    """A control character, where it stands. A NUL beside each letter is UTF-16 without a mark."""
    character = chr(error.character) if isinstance(error.character, int) else str(error.character)
    at = text.find(character)
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    if character == "\0" and at < 2:
        return _bad(name, 1, 1, _WIDE)
    return _bad(name, line, column, f"U+{ord(character):04X}: a character that no YAML text may hold")


def _bad(name: str, line: int, column: int, says: str) -> BadFiles:
    return BadFiles([Fault(place=Place(name, line, column), key="", says=says)])


def _plain(error: MarkedYAMLError) -> tuple[Any, str]:
    """(where, what): for what is left open, where it began."""
    said = str(error.problem or error.context or "not YAML").split("\n")[0]
    here, began = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    if "'\\t'" in said:
        return here, "a tab stands where spaces are wanted"
    if "could not find expected ':'" in said:
        return began, "this line is no key: a colon and a space are wanted behind a key"
    if "another document" in said:
        return here, "a second document begins here; a file has one"
    if "quoted scalar" in str(error.context):
        return began, "a quotation mark opens a text here that is never closed"
    if "<stream end>" in said and "mapping" in str(error.context):
        return began, "{ is opened here and never closed"
    if "<stream end>" in said and "sequence" in str(error.context):
        return began, "[ is opened here and never closed"
    return here, said


def _tag(node: Node) -> str:
    """As the file writes it: !mine, or !!set for one of YAML's own."""
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")


def _variables(text: str) -> str:
    return text.replace(_OPEN, "{").replace(_CLOSE, "}")


class _Reader:
    """One walk over the node tree: data, places, and keys that stand twice."""

    def __init__(self, name: str, yaml: YAML) -> None:
        self._name, self._yaml, self._count = name, yaml, 0
        self.keys: dict[Key, Place] = {}
        self.values: dict[Key, Place] = {}
        self.faults: list[Fault] = []

    def read(self, node: Node, at: Key) -> Any:
        self._count += 1
        if self._count > _MOST_NODES:
            raise _bad(self._name, 1, 1, f"has more than {_MOST_NODES:,} values")
        self.values[at] = self._place(node)
        if str(node.tag) not in _TAGS:
            self._fault(node, at, f"{_tag(node)}: a tag; plain texts, numbers, lists and mappings are read")
        if isinstance(node, MappingNode):
            return self._mapping(node, at)
        if isinstance(node, SequenceNode):
            return [self.read(child, (*at, number)) for number, child in enumerate(node.value)]
        return self._scalar(node) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, at: Key) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, at, "a key is a word, not a list or a mapping")
                continue
            key = _variables(str(key_node.value))
            if key == "<<":
                for each in value_node.value if isinstance(value_node, SequenceNode) else [value_node]:
                    data = self.read(each, at)
                    merged |= {name: value for name, value in data.items() if name not in merged} if data else {}
                continue
            if key in found:
                self._fault(key_node, (*at, key), f"stands twice; first in line {self.keys[(*at, key)].line}")
            self.keys.setdefault((*at, key), self._place(key_node))
            found[key] = self.read(value_node, (*at, key))
            if isinstance(value_node, ScalarNode) and not value_node.value and not value_node.style:
                self.values[(*at, key)] = self._place(key_node)  # nothing stands there: its own mark is the next line
        return merged | found

    def _scalar(self, node: ScalarNode) -> Any:
        if str(node.tag) == _TIMES or _OPEN in str(node.value):
            return _variables(str(node.value))
        try:
            value = self._yaml.constructor.construct_object(node, deep=True)
        except (ConstructorError, ValueError, OverflowError):
            return str(node.value)
        return value if isinstance(value, (str, int, float, bool, type(None))) else str(node.value)

    def _place(self, node: Node) -> Place:
        return Place(self._name, node.start_mark.line + 1, node.start_mark.column + 1)

    def _fault(self, node: Node, at: Key, says: str) -> None:
        self.faults.append(Fault(place=self._place(node), key=dotted(at), says=says))


def dotted(at: Sequence[str | int]) -> str:
    """ "faults[1].amount"."""
    said = ""
    for part in at:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said


def merged(base: Document, over: Document) -> Document:
    """`over` laid upon `base`: mappings key by key, everything else (lists too) as a whole; places follow."""
    keys, values = dict(base.keys), dict(base.values)

    def lay(below: Any, above: Any, at: Key) -> Any:
        if isinstance(below, dict) and isinstance(above, dict):
            values[at] = over.values.get(at, values.get(at, Place(over.file, 1, 1)))
            found = dict(below)
            for key, value in above.items():
                here = (*at, key)
                found[key] = lay(below.get(key), value, here)
                keys[here] = over.keys.get(here, keys.get(here, Place(over.file, 1, 1)))
            return found
        for table, new in ((keys, over.keys), (values, over.values)):
            for old in [k for k in table if k[: len(at)] == at]:
                del table[old]
            table |= {k: v for k, v in new.items() if k[: len(at)] == at}
        return above

    data = lay(base.data, over.data, ())
    return Document(file=over.file, data=data, keys=keys, values=values)


def walk(data: Any, at: Key = ()) -> Iterator[tuple[Key, Any]]:
    """Every value that is no container, with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, (*at, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from walk(value, (*at, number))
    else:
        yield at, data
