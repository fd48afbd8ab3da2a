"""What a visit compares: everything shown, save the time it was shown at."""

import pytest

from scenarios.twin.visit import without_the_hour

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the standard's own example


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "now"),
        ("Sun, 06 Nov 1994 08:50:30 GMT", "now"),
        ('session=""; expires=Sun, 06 Nov 1994 08:49:38 GMT; Path=/', 'session=""; expires=now; Path=/'),
        ("Sun, 06 Nov 1994 08:51:00 GMT", "Sun, 06 Nov 1994 08:51:00 GMT"),
        ("Wed, 10 Apr 2019 08:00:00 GMT", "Wed, 10 Apr 2019 08:00:00 GMT"),
        ("Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT"),
        ("no date at all", "no date at all"),
    ],
)
def test_only_the_time_of_the_answer_itself_is_taken_out(header: str, shown: str) -> None:
    assert without_the_hour(header, NOW) == shown
