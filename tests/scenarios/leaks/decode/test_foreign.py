"""Codes as other programs wrote them, each with somebody else's value in the same code beside it."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from shutil import which

import pytest

from gateway.identities import Identities, parse_identities
from scenarios.leaks.detector import LeakDetector
from scenarios.verdict import Where

FILE = Where(kind="file", name="x")


def _home(number: int, name: str, phone: str | None = None) -> dict[str, object]:
    given, _, family = name.rpartition(" ")
    member = {"person_id": f"P{number}", "name": name, "given_name": given or None, "family_name": family or None}
    return {"household_id": f"H{number}", "members": [member | {"phones": [phone] if phone else []}]}


@pytest.fixture(scope="module")
def detector() -> LeakDetector:
    homes = [
        _home(1, "Jörg Hünefeldt", "+81664431234"),
        _home(2, "Zélie Châtaignier-Roux"),
        _home(3, "渡辺健太郎"),
        _home(4, "欧阳晓雯"),
        _home(5, "김민서"),
        _home(6, "عبد الرحمن القحطاني"),
    ]
    return LeakDetector(_identities(homes))


def _identities(homes: list[dict[str, object]]) -> Identities:
    return parse_identities(json.dumps({"schema": 1, "households": homes}).encode(), "ids.json")


def _names(detector: LeakDetector, data: bytes) -> set[str]:
    return {finding.field for finding in detector.scan_bytes(data, FILE)} - {"members.given_name"}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (r'J{\"o}rg H\"{u}nefeldt', r'K{\"a}the Br\"{o}mmelkamp'), (r'J\"org H\"unefeldt', r'K\"athe Br\"ommelkamp'),
        (r"Z\'elie Ch\^{a}taignier-Roux", r"Th\'er\`{e}se Br\'echignac"),
        (r"Z{\'e}lie Ch{\^a}taignier-Roux", r"Th{\'e}r{\`e}se Br{\'e}chignac"),
        ("J\bJö\bör\brg\bg H\bHü\bün\bne\bef\bfe\bel\bld\bdt\bt", "K\bKä\bät\bth\bhe\be B\bBr\br"),
        ("_\bJ_\bö_\br_\bg _\bH_\bü_\bn_\be_\bf_\be_\bl_\bd_\bt", "_\bK_\bä_\bt_\bh_\be"),
        ("السيد عبد الرحـمن القحـطاني", "السيد محـمد الشهراني"),
    ],
)  # fmt: skip
def test_a_name_is_read_as_typesetters_write_it(detector: LeakDetector, name: str, other: str) -> None:
    assert "members.name" in _names(detector, name.encode())
    assert not _names(detector, other.encode())


@pytest.mark.parametrize(
    ("charset", "name", "other"),
    [
        ("iso2022_jp", "お客様:渡辺健太郎様", "お客様:小林美咲子様"), ("hz", "客户欧阳晓雯来电", "客户司马雨桐来电"),
        ("iso2022_kr", "고객 김민서 님", "고객 박지훈 님"),
    ],
)  # fmt: skip
def test_escape_sequences_of_a_character_set_are_followed(
    detector: LeakDetector, charset: str, name: str, other: str
) -> None:
    assert _names(detector, name.encode(charset)) == {"members.name"}
    assert not _names(detector, other.encode(charset))


@pytest.mark.parametrize("number", ["〇六六四四三一二三四", "〇六-六四四三-一二三四", "〇六の六四四三の一二三四"])
def test_a_phone_in_chinese_numerals_is_a_phone(detector: LeakDetector, number: str) -> None:
    assert _names(detector, f"電話 {number}".encode()) == {"members.phones"}
    assert not _names(detector, f"電話 {number.replace('三', '五')}".encode())


def _typed_array(text: str) -> str:
    return json.dumps({"body": {str(at): code for at, code in enumerate(text.encode())}})


def test_a_typed_array_of_javascript_is_read(detector: LeakDetector) -> None:
    assert _names(detector, _typed_array("caller Jörg Hünefeldt, Hamburg").encode()) == {"members.name"}
    assert not _names(detector, _typed_array("caller Käthe Brömmelkamp, Hamburg").encode())
    scores = json.dumps({str(at): code for at, code in enumerate([82, 300, 115, 97, 108, 105, 110])})
    assert not _names(detector, scores.encode())


@pytest.mark.skipif(which("git") is None, reason="needs git")
@pytest.mark.parametrize(("text", "found"), [("Jörg Hünefeldt", {"members.name"}), ("Käthe Brömmelkamp", set())])
def test_a_binary_patch_of_git_is_unpacked(
    detector: LeakDetector, tmp_path_factory: pytest.TempPathFactory, text: str, found: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("repository")
    noise = "".join(hashlib.sha512(bytes([at])).hexdigest() for at in range(9)).encode()  # some lines of the patch
    (folder / "f").write_bytes(b"\0" + noise + f"\nthe caller was {text}, Hamburg\n".encode())
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "f"], check=True)
    patch = subprocess.run([*git, "diff", "--cached", "--binary"], check=True, capture_output=True).stdout
    assert b"GIT binary patch" in patch
    assert _names(detector, patch) == found


def _pieces(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _gemini(text: str) -> str:
    return json.dumps([{"candidates": [{"content": {"parts": [{"text": each}]}}]} for each in _pieces(text)], indent=1)


def _data_stream(text: str) -> str:
    return "".join(f"0:{json.dumps(each)}\n" for each in _pieces(text))


@pytest.mark.parametrize("made", [_gemini, _data_stream])
def test_an_answer_in_pieces_is_put_together(detector: LeakDetector, made: Callable[[str], str]) -> None:
    assert _names(detector, made("please call Jörg Hünefeldt back today").encode()) == {"members.name"}
    assert not _names(detector, made("please call Käthe Brömmelkamp back today").encode())


def test_long_texts_of_an_array_are_no_pieces(detector: LeakDetector) -> None:
    rows = [{"text": "the first of many long messages, and it ends with Jörg Hün"}, {"text": "efeldt" + " x" * 40}]
    assert not _names(detector, json.dumps(rows).encode())


@pytest.mark.parametrize(
    "text",
    [
        'msgstr ""\n"Jörg H"\n"ünefeldt\\n"', "SELECT 'Jörg H'||'ünefeldt'", "m = 'Jörg H' +\n  'ünefeldt'",
        'char *n = "Jörg H" "ünefeldt";', "$n = 'Jörg H' . 'ünefeldt';", 'n = ("Jörg H"\n     "ünefeldt")',
    ],
)  # fmt: skip
def test_strings_that_a_program_puts_together_are_one(detector: LeakDetector, text: str) -> None:
    assert _names(detector, text.encode()) == {"members.name"}
    assert not _names(detector, text.replace("ünefeldt", "ellmann").encode())


def test_cells_that_stand_beside_each_other_are_two(detector: LeakDetector) -> None:
    assert not _names(detector, '"Jörg H","ünefeldt"\n["Jörg H", "ünefeldt"]\na="Jörg H" b="ünefeldt"'.encode())
