"""`earlid needles build`: identities -> a sealed file that loads fast."""

from pathlib import Path

from gateway.files import BadFile
from scenarios.leaks.cores import cores
from scenarios.leaks.known import Known
from scenarios.leaks.needle_file import Kept, is_needle_file, write_needles
from scenarios.leaks.searchable import digest_of, labels_of, load_searchable


def build(identities: Path, *, out: Path | None, key: Path | None, hashes: bool) -> str:
    """Write the file and return a line that says what it holds.

    Raises:
        BadFile: the identities are wrong or name nobody who could be found, `out` would overwrite them or something
            else that is no needle file, or a file cannot be written.
    """
    out = out or identities.with_suffix(".needles")
    if is_needle_file(identities):
        raise BadFile(f"{identities}: a needle file already; wanted: the identities it was built from")
    if out.exists() and not is_needle_file(out):
        raise BadFile(f"--out {out}: another file is there, and it is no needle file")
    key = key or Path(f"{out}.key")
    people = load_searchable(identities)
    known = Known(people)
    if hashes:
        known.hash_now(jobs=cores())
    size = write_needles(out, Kept(known=known, digest=digest_of(people), labels=labels_of(people)), key)
    return (
        f"{out}: {len(people.households)} households, {known.needle_count} needles, {size / 1e6:.1f} MB; its key: {key}"
    )
