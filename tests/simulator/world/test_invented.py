"""What is drawn is new in its fleet, and names that run out are said in one line."""

import pytest
from faker import Faker

from gateway.files import BadFile
from simulator.world.invented import Taken, draw_name


class OneName(Faker):
    def first_name(self) -> str:
        return "Ottilie"

    def last_name(self) -> str:
        return "Brackwater"


def test_names_that_run_out_are_the_users_to_mend() -> None:
    taken, faker = Taken(), OneName()
    assert draw_name(faker, taken).full == "Ottilie Brackwater"
    with pytest.raises(BadFile, match="not enough names"):
        draw_name(faker, taken)
