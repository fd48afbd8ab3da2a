"""Why a request is refused. `security.py` gives each its status."""


class LoginWanted(Exception):
    """Nobody is signed in on this request."""


class NotThere(LookupError):
    """No such clip or customer for this person. Unknown, withdrawn, not published and not theirs look the same."""


class LookupUnavailable(Exception):
    """The vault cannot be asked now."""


class NotHeard(Exception):
    """The clip must be listened to before it is judged."""


class TakenByAnother(Exception):
    """The lease ended and another person has the clip. The typed text is kept."""
