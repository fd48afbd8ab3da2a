"""Every key of a file that people write is explained, and the pages are those of the models."""

import pytest

from gateway.files import read_yaml
from scenarios.commands.documentation.reference import DOCS, PAGES, keys_of, page


@pytest.mark.parametrize("what", PAGES)
def test_every_key_has_a_meaning_a_type_and_a_default_or_an_example(what: str) -> None:
    keys = keys_of(what)
    assert len(keys) > 20
    assert [f"{key.model}.{key.name}" for key in keys if not key.meaning] == []
    assert [f"{key.model}.{key.name}" for key in keys if not (key.default or key.example)] == []
    assert [f"{key.model}.{key.name}" for key in keys if not key.kind] == []


@pytest.mark.parametrize("what", PAGES)
def test_no_meaning_is_left_of_a_key_that_is_gone(what: str) -> None:
    known = {f"{key.model}.{key.name}" for key in keys_of(what)}
    assert set(read_yaml(DOCS / "keys" / f"{what}.yaml")) - known == set()


@pytest.mark.parametrize("what", PAGES)
def test_the_pages_are_what_the_models_say(what: str) -> None:
    """Red after a change of a model: `python -m scenarios.commands.documentation.reference` writes the pages anew."""
    assert (DOCS / "reference" / f"{what}.md").read_text(encoding="utf-8") == page(what)
