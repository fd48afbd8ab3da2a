"""Decides which passwords are accepted: long ones that are hard to guess."""

LEAST, MOST = 12, 256
_HARD_ENOUGH = 3  # of 0..4: more than 10^8 guesses
_ESTIMATED = 72  # characters zxcvbn looks at: its time grows with the square


def fault_of(password: str, username: str) -> str | None:
    """Why a password is refused, in a sentence; else None. No rule asks for signs or digits (NIST SP 800-63B)."""
    if len(password) < LEAST:
        return f"A password has at least {LEAST} characters. A few words in a row are fine."
    if len(password) > MOST:
        return f"A password has at most {MOST} characters."
    from zxcvbn import zxcvbn

    found = zxcvbn(password[:_ESTIMATED], user_inputs=[username, "earlid", "review", "alexa"])
    if found["score"] < _HARD_ENOUGH:
        return "That is among the first passwords a guesser would try. Take other words, or more of them."
    return None
