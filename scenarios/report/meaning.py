"""What a leaked field means to a person, and what an attacker can do with it.

Kinds of attack are those of Anonymeter (singling out, linking, inference). Threat classes are those of LINDDUN.
"""

import msgspec

MEANING = {
    "home.latitude": "Coordinates of a home: a map gives the house.",
    "work.latitude": "Coordinates of a workplace.",
    "home.street": "A home's street address.",
    "home.city": "The town a household lives in.",
    "home.state": "The state a household lives in.",
    "home.postal_code": "A home's postal code: a few streets in a city.",
    "work.street": "A workplace's street address.",
    "customer_id": "The account number: the key to every other record of the customer.",
    "devices.serial": "The device's serial number.",
    "devices.site_id": "The device's network name.",
    "members.name": "A person of the household, by name.",
    "members.given_name": "A person of the household, by given name.",
    "members.family_name": "A family's name.",
    "members.phones": "A phone number of the household.",
    "members.emails": "An e-mail address of the household.",
    "contacts.name": "Somebody in the household's address book, who never bought a device.",
    "contacts.phones": "A contact's phone number.",
    "contacts.emails": "A contact's e-mail address.",
    "secrets.value": "A card, account or identity number spoken at home.",
}


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is singling-out, linking or inference; `linddun` the threat classes."""

    kind: str
    linddun: tuple[str, ...]
    sentence: str


_SINGLE = Attack(
    kind="singling-out", linddun=("Identifying",), sentence="tells one household from all others by itself"
)
_LINK = Attack(
    kind="linking",
    linddun=("Linking", "Identifying"),
    sentence="joins recordings of one household, and joins them with other records that hold the same number",
)
_INFER = Attack(
    kind="inference",
    linddun=("Data disclosure",),
    sentence="tells something about a household, or about others, that nobody meant to tell",
)
_LINKING = ("customer_id", "devices.serial", "devices.site_id", "join_tag")
_INFERRING = ("contacts.name", "contacts.phones", "contacts.emails", "secrets.value")


def attack_of(field: str) -> Attack:
    if field in _LINKING:
        return _LINK
    return _INFER if field in _INFERRING else _SINGLE
