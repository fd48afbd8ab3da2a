"""Turns numbers and codes into needles, in the forms that people write: ids, phones, dates, plates, network
addresses.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from importlib import import_module

import msgspec
import phonenumbers
from stdnum import iban

from gateway.identities import NationalId
from scenarios.leaks.needles.literals import digits_of, words_of
from scenarios.leaks.needles.needle import Family, Needle

MIN_ID = 6  # letters and digits; an id this short must also mix both
MIN_COMPACT = 8  # from here on an id is searched with its separators removed
MIN_DIGITS = 7
_AMERICAN = re.compile(r"\+1[2-9][0-9]{9}")  # the library takes long over each
MIN_PLATE = 5
_MAC = 12  # hex digits
_MIN_ACCOUNT = 8  # digits of an account number that is looked for without its bank
# Where the account number begins behind country and check digits: bank codes of these countries have one length.
_ACCOUNTS = {
    "DE": 8,
    "AT": 5,
    "CH": 5,
    "NL": 4,
    "GB": 10,
    "PL": 8,
    "CZ": 4,
    "SK": 4,
    "BE": 3,
    "DK": 4,
    "NO": 4,
    "SE": 3,
}
_MIN_GROUPS = 3  # of an IPv6 address as it is shortened


def id_needles(
    value: str, *, field: str, owner: str, person_id: str | None = None, label: str = "", least: int = MIN_ID
) -> Sequence[Needle]:
    """Return needles of an id: numbers as digits, long ids without separators, short ones as whole words. A plain word
    is no id.
    """
    key = words_of(value)
    compact = key.replace(" ", "")
    mixed = any(c.isdigit() for c in compact) and any(c.isalpha() for c in compact)
    keys: list[tuple[Family, str]]
    if compact.isdigit():
        keys = [("digits", compact)] if len(compact) >= MIN_DIGITS else []
    elif len(compact) >= MIN_COMPACT and mixed:
        keys = [("id", compact)]
    elif len(compact) >= least and (mixed or len(compact) > 2 * MIN_ID):
        keys = [("words", key)]
        if compact != key and least < MIN_ID:
            keys.append(("words", compact))
    else:
        keys = []
    return [_needle(family, form, value, field, owner, person_id, label) for family, form in keys]


def account_needles(value: str, *, field: str, owner: str, person_id: str) -> Sequence[Needle]:
    """Return needles of a user name or a voice profile. Letters alone count if they are long enough to be no word."""
    found = id_needles(value, field=field, owner=owner, person_id=person_id)
    key = words_of(value)
    if found or len(key.replace(" ", "")) < MIN_ID or key.isdigit():
        return found
    single = " " not in key and key.isalpha()
    return [msgspec.structs.replace(_needle("words", key, value, field, owner, person_id), possible=single)]


def phone_needles(phone: str, field: str, owner: str, person_id: str | None) -> Sequence[Needle]:
    """Return needles of the E.164 and the national digits."""
    national = phone[2:] if _AMERICAN.fullmatch(phone) else _national(phone)
    keys = [key for key in dict.fromkeys((digits_of(phone), national)) if len(key) >= MIN_DIGITS]
    return [_needle("digits", key, phone, field, owner, person_id) for key in keys]


def _national(phone: str) -> str:
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return digits_of(phone)


def national_id_needles(national: NationalId, field: str, owner: str, person_id: str) -> Sequence[Needle]:
    """Return needles of a national id as written, and as python-stdnum formats numbers of its country and kind."""
    forms = [national.value, *_standard_forms(national)]
    found = [
        needle
        for form in dict.fromkeys(forms)
        for needle in id_needles(
            form, field=field, owner=owner, person_id=person_id, label="national id ", least=MIN_PLATE
        )
    ]
    return [msgspec.structs.replace(needle, value=national.value) for needle in found]


def bank_needles(value: str, *, owner: str) -> Sequence[Needle]:
    """Return needles of the national parts of an IBAN, as people write them without it: bank code and account number
    together, and the account number alone if it is long enough. Other numbers give nothing.
    """
    compact = value.replace(" ", "").upper()
    if compact[:2] not in _ACCOUNTS or not iban.is_valid(compact):
        return ()
    national = compact[4:]
    account = national[_ACCOUNTS[compact[:2]] :].lstrip("0")
    found = []
    if national.isdigit():
        found.append(_needle("digits", national, value, "secrets.value", owner, label="account "))
    elif len(national) >= MIN_COMPACT:
        found.append(_needle("id", national.lower(), value, "secrets.value", owner, label="account "))
    if account.isdigit() and len(account) >= _MIN_ACCOUNT:
        found.append(_needle("digits", account, value, "secrets.value", owner, label="account "))
    return found


def plate_needles(plate: str, owner: str) -> Sequence[Needle]:
    """Return needles of a plate with and without its separators. Letters alone are a word and digits alone a number, so
    neither counts.
    """
    return id_needles(plate, field="plates", owner=owner, least=MIN_PLATE)


def ip_needles(value: str, owner: str) -> Sequence[Needle]:
    """Return needles of a public IP address: dotted, backwards as for look-ups, exploded. Private addresses stand in
    every network.
    """
    address = ipaddress.ip_address(value)
    # Addresses kept for documentation are private to the library, and what test accounts have.
    documented = any(address in network for network in _DOCUMENTATION if network.version == address.version)
    if (address.is_private or address.is_multicast or address.is_unspecified) and not documented:
        return ()
    parts = address.exploded.split("." if address.version == 4 else ":")
    keys = {" ".join(parts), words_of(address.compressed)}
    if address.version == 4:
        code = f"{int(address):08x}"
        keys |= {" ".join(reversed(parts)), f"{int(address)}", " ".join(part.zfill(3) for part in parts)}
        keys |= {f"0x{code}", f"ffff {code[:4].lstrip('0') or '0'} {code[4:].lstrip('0') or '0'}"}
    else:
        keys.add(" ".join(part.lstrip("0") or "0" for part in parts))
    return [
        _needle("digits" if key.isdigit() else "words", key, value, "ip_addresses", owner)
        for key in sorted(keys)
        if len(key.split()) >= _MIN_GROUPS or key.isdigit() or key.startswith("0x")
    ]


def mac_needles(value: str, owner: str) -> Sequence[Needle]:
    """Return needles of a MAC address: twelve hex digits with any separators."""
    key = words_of(value).replace(" ", "")
    found = [_needle("digits" if key.isdigit() else "id", key, value, "mac_addresses", owner)]
    if len(key) == _MAC:
        # The second half of an IPv6 address that a device makes of it (RFC 4291, appendix A), and a whole number.
        wide = f"{int(key[:2], 16) ^ 2:02x}{key[2:6]}fffe{key[6:]}"
        groups = " ".join(wide[at : at + 4].lstrip("0") or "0" for at in range(0, len(wide), 4))
        found += [_needle("words", form, value, "mac_addresses", owner) for form in (groups, wide)]
        found.append(_needle("digits", str(int(key, 16)), value, "mac_addresses", owner))
    return found


_DOCUMENTATION = tuple(
    ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def _standard_forms(national: NationalId) -> Iterator[str]:
    if national.kind is None or not re.fullmatch(r"[a-z0-9_]{1,20}", national.kind):
        return
    try:
        module = import_module(f"stdnum.{national.country.lower()}.{national.kind}")
    except ImportError:
        return
    for name in ("compact", "format"):
        if hasattr(module, name):
            try:
                yield str(getattr(module, name)(national.value))
            except Exception:  # noqa: S112 (the library raises what it likes for a number that is none)
                continue


def _needle(
    family: Family, key: str, value: str, field: str, owner: str, person_id: str | None = None, label: str = ""
) -> Needle:
    return Needle(
        family=family, key=key, value=value, field=field, household_id=owner, person_id=person_id, label=label
    )
