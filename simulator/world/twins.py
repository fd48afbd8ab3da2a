"""Makes the twin of a fleet: the same homes, people, devices and behaviour with other identities.

A reviewer may see a difference between a fleet and its twin only where the contract discloses something on purpose.
Plans depend on the seed and a home's position in the file, never on its values. So the twin behaves the same.
"""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import numpy as np
from faker import Faker
from pydantic import BaseModel

from gateway.files import BadFile
from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret
from simulator.world.invented import Name, Taken, card_number, draw_name, draw_phone
from simulator.world.towns import Town, towns
from simulator.world.utterances import house_number_aloud

M = TypeVar("M", bound=BaseModel)

_PLACE = ("street", "city", "state", "postal_code", "latitude", "longitude")

# Fields nobody says aloud, and those that people do.
SILENT_FIELDS = (
    *("customer_id", "devices.site_id", "devices.serial", "home.latitude", "home.longitude", "home.postal_code"),
    *(f"work.{name}" for name in _PLACE),
    *("members.name", "members.family_name", "members.emails", "contacts.phones", "contacts.emails"),
)
SPOKEN_FIELDS = (
    *("home.street", "home.city", "home.state", "members.given_name", "members.phones"),
    *("contacts.name", "secrets.value"),
)
_TWIN = 3  # substream of the seed
_TRIES = 20_000


def make_twin(
    identities: Identities,
    *,
    seed: int,
    fields: Collection[str] | None = None,
    spoken: bool = False,
    equal_lengths: bool = True,
) -> Identities:
    """`identities` with other values in `fields`; without them, in all silent fields, and the spoken ones on request.

    Everything else stays: counts, ages, consent, labels. A new value has the length and the number of words of the old
    one. With `equal_lengths` off it has another length, if its kind has more than one. A town in another state changes
    the state only if `home.state` is swapped as well.

    Raises:
        BadFile: a field cannot be swapped, or no other value fits.
    """
    wanted = frozenset(fields if fields is not None else (*SILENT_FIELDS, *(SPOKEN_FIELDS if spoken else ())))
    for field in sorted(wanted - {*SILENT_FIELDS, *SPOKEN_FIELDS}):
        raise BadFile(f"twin: {field}: unknown field; allowed: {', '.join(sorted((*SILENT_FIELDS, *SPOKEN_FIELDS)))}")
    taken = _everybody(identities)
    homes = [
        _Swap(home, np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_TWIN, at))), taken, equal_lengths)
        for at, home in enumerate(identities.households)
    ]
    return identities.model_copy(update={"households": tuple(home.swapped(wanted) for home in homes)})


class _Swap:
    """New values for everything of one home, from which the wanted fields are taken."""

    def __init__(self, home: Household, rng: np.random.Generator, taken: Taken, equal: bool) -> None:
        self._home, self._rng, self._taken, self._equal = home, rng, taken, equal
        self._faker = Faker("en_US", use_weighting=False)
        self._faker.seed_instance(int(rng.integers(2**63)))

    def swapped(self, wanted: frozenset[str]) -> Household:
        home = self._home
        families: dict[str, str] = {}
        new = home.model_copy(
            update={
                "customer_id": self._id(home.customer_id) if home.customer_id else None,
                "devices": tuple(self._device(device) for device in home.devices),
                "home": self._place(home.home, "home", wanted) if home.home else None,
                "work": tuple(self._place(place, "work", wanted) for place in home.work),
                "members": tuple(self._member(member, families, wanted) for member in home.members),
                "contacts": tuple(self._contact(contact) for contact in home.contacts),
                "secrets": tuple(self._secret(secret) for secret in home.secrets),
            }
        )
        return _chosen(home, new, wanted)

    def _device(self, device: Device) -> Device:
        serial = self._id(device.serial) if device.serial else None
        return device.model_copy(update={"site_id": self._id(device.site_id), "serial": serial})

    def _member(self, member: Member, families: dict[str, str], wanted: frozenset[str]) -> Member:
        given, family = member.given_name or "", member.family_name or ""
        name = self._name(Name(given or "Anna", family or "Meyer"))
        family = families.setdefault(family, name.family)  # a family keeps having one name
        kept = wanted & {"members.given_name", "members.family_name"}
        shown = Name(
            (member.given_name if kept and "members.given_name" not in wanted else None) or name.given,
            (member.family_name if kept and "members.family_name" not in wanted else None) or family,
        )
        emails = tuple(self._email(email) for email in member.emails)
        phones = tuple(self._phone(phone) for phone in member.phones)
        update = {"name": shown.full if member.name else None, "emails": emails, "phones": phones}
        update |= {"given_name": name.given if member.given_name else None}
        update |= {"family_name": family if member.family_name else None}
        return member.model_copy(update=update)

    def _contact(self, contact: Contact) -> Contact:
        given, _, family = (contact.name or "").partition(" ")
        name = self._name(Name(given, family)).full if given and family else contact.name and self._id(contact.name)
        emails, phones = map(self._email, contact.emails), map(self._phone, contact.phones)
        return contact.model_copy(update={"name": name, "emails": tuple(emails), "phones": tuple(phones)})

    def _secret(self, secret: Secret) -> Secret:
        if secret.kind == "card":
            value = self._taken.fresh(lambda: card_number(self._rng))
        else:
            value = self._taken.fresh(lambda: self._scrambled(secret.value))
        return secret.model_copy(update={"value": value})

    def _place(self, place: Place, kind: str, wanted: frozenset[str]) -> Place:
        town, move = _town_of(place), bool(wanted & {f"{kind}.city", f"{kind}.state"})
        new_town = self._town(place) if move else town
        new: dict[str, str | float | None] = {"street": place.street and self._street(place.street)}
        new |= {"city": new_town.name if new_town else place.city, "state": new_town.state if new_town else place.state}
        if place.postal_code:
            new["postal_code"] = self._postal_code(place.postal_code, new_town, moved=move)
        if place.latitude is not None and place.longitude is not None:
            here = (new_town.latitude, new_town.longitude) if move and new_town else None
            new["latitude"] = self._degrees(place.latitude, here[0] if here else place.latitude)
            new["longitude"] = self._degrees(place.longitude, here[1] if here else place.longitude)
        return place.model_copy(update=new)

    def _postal_code(self, old: str, town: Town | None, *, moved: bool) -> str:
        """The new town's postal code. If nobody moves, another one of the state."""
        if town is None:
            return self._id(old)
        if moved and town.postal_code != old and len(town.postal_code) == len(old):
            return town.postal_code
        return _another(old, lambda: str(self._faker.postalcode_in_state(town.code)))

    def _degrees(self, old: float, near: float) -> float:
        """Another number with as many decimals, within a kilometre of `near` if the decimals allow it."""
        decimals = len(str(old).partition(".")[2])
        reach = max(0.01, 5 * 10.0**-decimals)
        for _ in range(_TRIES):
            new = round(near + float(self._rng.uniform(-reach, reach)), decimals)
            same = len(str(new)) == len(str(old)) or len(str(int(near))) != len(str(int(old)))
            if new != old and (same or not self._equal):
                return new
        raise BadFile("twin: no other spot fits")

    def _town(self, place: Place) -> Town:
        city = place.city or ""
        for _ in range(_TRIES):
            town = towns()[int(self._rng.integers(len(towns())))]
            apart = town.name != city and town.state != place.state and not set(town.name.split()) & self._taken.names
            same_words = len(town.name.split()) == len(city.split())
            shaped = len(town.name) == len(city) and same_words if self._equal else len(town.name) != len(city)
            wide = place.longitude is None or _as_far_west(town, place.longitude)
            if apart and shaped and (wide or not self._equal):
                return town
        raise BadFile("twin: home.city: no other town fits")

    def _street(self, street: str) -> str:
        number, _, rest = street.partition(" ")
        name, _, kind = rest.rpartition(" ")
        if not (number.isdigit() and name):
            return self._id(street)
        spoken = len(house_number_aloud(number))
        low, high = 10 ** (len(number) - 1), 10 ** len(number)
        new = _another(
            number,
            lambda: str(int(self._rng.integers(low, high))),
            fits=lambda drawn: len(house_number_aloud(drawn)) == spoken,
        )
        return f"{new} {self._name(Name('', name)).family} {kind}"

    def _name(self, old: Name) -> Name:
        """A name whose parts are as long as the old one's; a part that is empty does not matter."""

        def fits(new: Name) -> bool:
            pairs = [(a, b) for a, b in zip(old, new, strict=True) if a]
            if any(a == b or " " in b for a, b in pairs):
                return False
            whole = sum(len(b) for _, b in pairs) == sum(len(a) for a, _ in pairs)
            return whole == self._equal and all((len(a) == len(b)) == self._equal for a, b in pairs)

        try:
            return draw_name(self._faker, self._taken, fits)
        except ValueError:
            return Name(*(self._scrambled(part) for part in old))  # nobody is called so, but it is as long

    def _phone(self, phone: str) -> str:
        known = phone.startswith("+1") and phone[5:8] == "555"
        if known:
            return draw_phone(towns()[int(self._rng.integers(len(towns())))], self._rng, self._taken)
        return self._taken.fresh(lambda: phone[:3] + self._scrambled(phone[3:]))

    def _email(self, email: str) -> str:
        local, at, domain = email.partition("@")
        return self._id(local) + at + domain

    def _id(self, old: str) -> str:
        longer = "" if self._equal else "x" * int(self._rng.integers(1, 5))
        return self._taken.fresh(lambda: self._scrambled(old + longer))

    def _scrambled(self, old: str) -> str:
        """Letters for letters, digits for digits, the rest as it was."""
        draw = self._rng.integers

        def other(ch: str) -> str:
            if ch.isdigit():
                return str(int(draw(10)))
            if ch.isascii() and ch.isalpha():
                letter = chr(ord("a") + int(draw(26)))
                return letter.upper() if ch.isupper() else letter
            return ch

        return "".join(other(ch) for ch in old)


def _chosen(old: Household, new: Household, wanted: frozenset[str]) -> Household:
    """`old` with `new`'s values in the wanted fields."""

    def pick(before: M, after: M, prefix: str) -> M:
        names = [name for name in type(before).model_fields if f"{prefix}.{name}" in wanted]
        return before.model_copy(update={name: getattr(after, name) for name in names})

    def each(name: str) -> tuple[Any, ...]:
        pairs = zip(getattr(old, name), getattr(new, name), strict=True)
        return tuple(pick(before, after, name) for before, after in pairs)

    update: dict[str, Any] = {name: each(name) for name in ("devices", "work", "members", "contacts", "secrets")}
    if old.home and new.home:
        update["home"] = pick(old.home, new.home, "home")
    if "customer_id" in wanted:
        update["customer_id"] = new.customer_id
    return old.model_copy(update=update)


def _another(old: str, draw: Callable[[], str], fits: Callable[[str], bool] = lambda _new: True) -> str:
    """The first drawn value of the old one's length that is not the old one."""
    for _ in range(_TRIES):
        new = draw()
        if new != old and len(new) == len(old) and fits(new):
            return new
    raise BadFile("twin: no other value fits")


def _town_of(place: Place) -> Town | None:
    return next((town for town in towns() if (town.name, town.state) == (place.city, place.state)), None)


def _as_far_west(town: Town, longitude: float) -> bool:
    """Whether the longitude is written with as many digits."""
    return len(str(int(town.longitude))) == len(str(int(longitude)))


def _everybody(identities: Identities) -> Taken:
    taken = Taken()
    for home in identities.households:
        places = [place for place in (home.home, *home.work) if place]
        taken.names |= {home.customer_id or "", *(s.value for s in home.secrets)}
        taken.names |= {name for device in home.devices for name in (device.site_id, device.serial or "")}
        people: list[Member | Contact] = [*home.members, *home.contacts]
        for person in people:
            taken.names |= {person.name or "", *(person.name or "").split(), *person.phones, *person.emails}
        for place in places:
            taken.names |= set((place.street or "").split())
            taken.towns |= set((place.city or "").replace("-", " ").split())
            if place.latitude is not None and place.longitude is not None:
                taken.place((place.latitude, place.longitude))
    return taken
