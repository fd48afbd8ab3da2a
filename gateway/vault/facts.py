"""The vault's answers about a household: to the gateway about a device, to a look-up, to an open case."""

import re
from collections import Counter
from collections.abc import Collection

from gateway.contract.model import CaseField
from gateway.geography.grid import LEVELS, geohash
from gateway.identities import Contact, Device, Household, Identities, Member, Place
from gateway.vault.messages import CaseFacts, ContactFacts, CustomerFacts, PlaceFacts, SiteFacts, Standing
from gateway.vault.sealing import Seal

_NANP = re.compile(r"^\+1([0-9]{3})[0-9]{3}([0-9]{4})$")
OWNER = "owner"


class Neighbours:
    """How many homes of this vault share a town and a cell of the grid."""

    def __init__(self, identities: Identities) -> None:
        homes = [home.home for home in identities.households if home.home]
        self._towns = Counter(town for home in homes if (town := _town(home)))
        self._cells = Counter(cell for home in homes for cell in _cells(home))

    def town(self, home: Place) -> int:
        """0 for a home without a town."""
        return self._towns.get(_town(home) or ("", ""), 0)

    def cells(self, home: Place) -> tuple[int, ...]:
        """By geohash level, from 1; empty for a home without coordinates."""
        return tuple(self._cells[cell] for cell in _cells(home))


def standing_of(home: Household, seal: Seal) -> Standing:
    """What the gateway may know of a device before its clip is kept."""
    return Standing(household_key=seal.tag(home.household_id, "household"), consent=home.consent)


def site_facts(home: Household, device: Device, seal: Seal, neighbours: Neighbours) -> SiteFacts:
    """What the gateway may know of the household behind one device."""
    place = home.home or Place()
    people: list[Member | Contact] = [*home.members, *home.contacts]
    adults = [member for member in home.members if member.age_group != "child" and member.given_name]
    names = [person.name for person in people]
    names += [part for member in home.members for part in (member.given_name, member.family_name)]
    return SiteFacts(
        household_key=seal.tag(home.household_id, "household"),
        owner=seal.close_text(home.household_id, OWNER),
        homes_in_town=neighbours.town(place),
        homes_in_cell=neighbours.cells(place),
        consent=home.consent,
        customer_id=home.customer_id,
        serial=device.serial,
        given_name=adults[0].given_name if adults else None,
        city=place.city,
        state=place.state,
        latitude=place.latitude,
        longitude=place.longitude,
        names=_distinct(names),
        contact_names=_distinct([contact.name for contact in home.contacts]),
        phones=_distinct([phone for person in people for phone in person.phones]),
        emails=_distinct([email for person in people for email in person.emails]),
        streets=_distinct([each.street for each in (place, *home.work)]),
    )


def customers_of(identities: Identities) -> dict[str, CustomerFacts]:
    """Look-up answers by customer id: addresses in full, phone numbers with only some digits obscured."""
    return {
        home.customer_id: CustomerFacts(
            customer_id=home.customer_id,
            home=_place(home.home) if home.home else None,
            work=tuple(_place(place) for place in home.work),
            phones=_distinct([obscured(phone) for member in home.members for phone in member.phones]),
            contacts=tuple(
                ContactFacts(
                    name=contact.name,
                    phones=tuple(obscured(phone) for phone in contact.phones),
                    emails=contact.emails,
                )
                for contact in home.contacts
            ),
        )
        for home in identities.households
        if home.customer_id
    }


def contact_names(home: Household) -> list[str]:
    """The names a blind contact check compares."""
    return [contact.name for contact in home.contacts if contact.name]


def case_facts(home: Household, show: Collection[CaseField]) -> CaseFacts:
    """What an open case shows. It holds nothing else of the household."""
    return CaseFacts(
        home=_place(home.home) if "home" in show and home.home else None,
        phones=_distinct([phone for member in home.members for phone in member.phones]) if "phones" in show else (),
        names=_distinct([member.name for member in home.members]) if "names" in show else (),
    )


def obscured(phone: str) -> str:
    """An E.164 number as the reported tool showed it: `(503) ***-0142`, with area code and last four digits.

    Outside North America the first three digits and the last four stay. Of a short number only the last four stay.
    """
    if american := _NANP.match(phone):
        return f"({american[1]}) ***-{american[2]}"
    digits = phone.removeprefix("+")
    shown = digits[:3] if len(digits) > 8 else ""
    return f"+{shown}{'*' * (len(digits) - len(shown) - 4)}{digits[-4:]}"


def _place(place: Place) -> PlaceFacts:
    return PlaceFacts(
        street=place.street,
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        country=place.country,
    )


def _distinct(values: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _town(home: Place) -> tuple[str, str] | None:
    return (home.city.lower(), home.state.lower()) if home.city and home.state else None


def _cells(home: Place) -> list[str]:
    if home.latitude is None or home.longitude is None:
        return []
    return [geohash(home.latitude, home.longitude, level) for level in range(1, LEVELS + 1)]
