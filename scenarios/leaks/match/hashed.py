"""Lists the texts of a value that people hash, and the checksums of 32 bits that people use."""

import base64
import ipaddress
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import mmh3
import phonenumbers

from scenarios.leaks.needles.literals import digits_of, words_of
from scenarios.leaks.needles.needle import Needle
from scenarios.leaks.needles.streets import shortened

_FIELDS: tuple[str, ...] = (
    "customer_id",
    "devices",
    "phones",
    "emails",
    "secrets",
    "name",
    "street",
    "plates",
    "birth_date",
    "national_ids",
    "_ids",
)
_FIELDS += ("ip_addresses", "mac_addresses", "other", "accounts")


def _table(polynomial: int) -> tuple[int, ...]:
    row = []
    for code in range(256):
        for _ in range(8):
            code = code >> 1 ^ polynomial * (code & 1)
        row.append(code)
    return tuple(row)


_CASTAGNOLI, _IEEE = _table(0x82F63B78), _table(0xEDB88320)
_MIRRORED = tuple(int(f"{code:08b}"[::-1], 2) for code in range(256))


def _crc(data: bytes, table: tuple[int, ...]) -> int:
    crc = 0xFFFFFFFF
    for code in data:
        crc = crc >> 8 ^ table[(crc ^ code) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _crc_bzip2(data: bytes) -> int:
    """Return the CRC-32 that reads the highest bit first. It equals the usual CRC with all bytes and the result
    mirrored.
    """
    return int(f"{_crc(bytes(_MIRRORED[code] for code in data), _IEEE):032b}"[::-1], 2)


# In this order: the later ones are looked for in smaller fleets only.
SHORT: tuple[tuple[str, Callable[[bytes], int]], ...] = (
    ("crc32", zlib.crc32),
    ("adler32", zlib.adler32),
    ("murmur3", lambda data: mmh3.hash(data, signed=False)),
    ("crc32c", lambda data: _crc(data, _CASTAGNOLI)),
    ("crc32", lambda data: zlib.crc32(data) ^ 0xFFFFFFFF),
    ("crc32 (bzip2)", _crc_bzip2),
    ("crc32 (mpeg)", lambda data: _crc_bzip2(data) ^ 0xFFFFFFFF),
)


def forms_of(needles: Iterable[Needle]) -> Iterator[tuple[Needle, list[bytes]]]:
    """Yield each value once, with the texts of it that people hash: in one case, with and without separators,
    normalised.
    """
    done: set[tuple[str, str, str]] = set()
    for needle in needles:
        key = (needle.field, needle.household_id, needle.value)
        if key in done or not any(part in needle.field for part in _FIELDS) or needle.field.endswith("given_name"):
            continue
        done.add(key)
        forms = dict.fromkeys(_forms(needle))
        yield needle, [form if isinstance(form, bytes) else form.encode() for form in forms if form]


def _forms(needle: Needle) -> Iterator[str | bytes]:
    value = needle.value.strip()
    yield from (value, value.lower(), value.upper(), value.replace(" ", ""), value.lower().replace(" ", ""))
    yield f"{value}\n"  # `echo` writes a line
    field = needle.field
    if field.endswith("emails"):
        yield from (f"mailto:{value}", f"mailto:{value.lower()}", f"{value.lower()}\n")  # FOAF: mbox_sha1sum
        yield from _addresses(value.lower())
    elif field.endswith("phones"):
        yield from _phones(value)
    elif field == "ip_addresses":
        yield from _ip(value)
    elif field == "mac_addresses":
        yield from _mac(value)
    elif field.endswith("birth_date"):
        yield from _dates(value)
    elif needle.family == "digits":
        yield from _grouped(digits_of(value))
    elif field.endswith("street"):
        yield from _streets(words_of(value))
    elif field.endswith(".name"):
        yield from _names(value)
    else:
        yield from _codes(value)


def encoded(value: bytes) -> Iterator[bytes]:
    """Yield the encodings of a value that some people hash in its place."""
    yield base64.b64encode(value)
    yield base64.urlsafe_b64encode(value).rstrip(b"=")
    yield value.hex().encode()
    yield quote(value, safe="").encode()


def _addresses(value: str) -> Iterator[str]:
    """Yield an e-mail address without what mail services ignore: dots, and what follows a plus."""
    local, _, domain = value.partition("@")
    bare = local.partition("+")[0]
    yield f"{bare}@{domain}"
    yield f"{bare.replace('.', '')}@{domain}"
    yield f"{local.replace('.', '')}@{domain}"
    yield local


def _phones(value: str) -> Iterator[str]:
    digits = digits_of(value)
    yield from (digits, f"+{digits}", f"00{digits}")
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return
    national = phonenumbers.national_significant_number(number)
    yield from (national, f"0{national}")
    kinds = phonenumbers.PhoneNumberFormat
    for kind in (kinds.NATIONAL, kinds.INTERNATIONAL, kinds.RFC3966):
        written = phonenumbers.format_number(number, kind)
        yield from (written, written.removeprefix("tel:"), written.replace("-", " "), written.replace(" ", "-"))
    if number.country_code == 1 and len(national) == 10:
        for sign in "-. ":
            parts = (national[:3], national[3:6], national[6:])
            yield from (sign.join(parts), f"1{sign}{sign.join(parts)}", f"+1{sign}{sign.join(parts)}")
        area = f"({national[:3]}) {national[3:6]}-{national[6:]}"
        yield from (area, f"+1 {area}", f"1 {area}", area.replace(") ", ")"))


def _grouped(digits: str) -> Iterator[str]:
    """Yield cards in groups of four, and social security numbers in groups of three, two and four."""
    yield digits
    if 12 <= len(digits) <= 19:
        fours = [digits[at : at + 4] for at in range(0, len(digits), 4)]
        yield from (" ".join(fours), "-".join(fours))
    if len(digits) == 15:
        parts = (digits[:4], digits[4:10], digits[10:])
        yield from (" ".join(parts), "-".join(parts))
    if len(digits) == 9:
        parts = (digits[:3], digits[3:5], digits[5:])
        yield from (" ".join(parts), "-".join(parts))


def _ip(value: str) -> Iterator[str | bytes]:
    address = ipaddress.ip_address(value)
    yield from (address.compressed, address.exploded, str(int(address)), address.packed)


def _mac(value: str) -> Iterator[str | bytes]:
    digits = re.sub("[^0-9a-f]", "", value.lower())
    pairs = [digits[at : at + 2] for at in range(0, 12, 2)]
    for form in (digits, ":".join(pairs), "-".join(pairs), ".".join((digits[:4], digits[4:8], digits[8:]))):
        yield from (form, form.upper())
    yield bytes.fromhex(digits)


def _dates(value: str) -> Iterator[str]:
    """Yield a date with the year, the month or the day first, with the usual separators."""
    year, month, day = value.split("-")
    for sign in ("-", "/", ".", ""):
        yield from (sign.join((year, month, day)), sign.join((month, day, year)), sign.join((day, month, year)))


def _streets(key: str) -> Iterator[str]:
    """Yield a street in one case, as a title, and with its words shortened."""
    for form in (key, shortened(key)):
        yield from (form, form.replace(" ", ""), form.upper(), form.title())


def _names(value: str) -> Iterator[str]:
    """Yield a name with the family name first. There are few forms, because each one costs forty hashes."""
    given, _, family = value.rpartition(" ")
    if given:
        yield from (f"{family}, {given}", f"{family}, {given}".lower(), f"{family} {given}".lower())


def _codes(value: str) -> Iterator[str]:
    """Yield accounts, plates and serials without separators and with other ones, and bank accounts in groups of
    four.
    """
    parts = [part for part in re.split(r"[\W_]+", value) if part]
    for form in (value.lower(), value.upper()):
        bare = re.sub(r"[\W_]+", "", form)
        yield bare
        if len(parts) == 1 and len(bare) > 14:
            yield " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))
        if len(parts) > 1:
            pieces = re.split(r"[\W_]+", form)
            yield from (sign.join(pieces) for sign in " -._")
