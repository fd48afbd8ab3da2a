"""What an event of the timeline does, as `earlid check` says it."""

from scenarios.model.timeline import ON_A_LINE, Happening
from scenarios.model.times import in_words

_DONE = {"restart": "restarted", "kill": "killed and started again", "stop": "stopped", "pause": "paused"}


def sentence(event: Happening) -> str:
    """ "After 5 minutes of simulated time the broker is stopped, for 20 seconds." """
    if event.do == "time_passes":
        return f"The store is looked at as it is {in_words(event.after or 0)} later."
    if event.do == "reviewer_revoked":
        return f"An account is taken away {in_words(event.at)} into the reviewers' work."
    lasting = f", for {in_words(event.lasts)}" if event.lasts is not None else ""
    when = f"After {in_words(event.at)} of simulated time" if event.at else "At the beginning"
    return f"{when} {_happens(event)}{lasting}."


def _happens(event: Happening) -> str:
    part, _, what = event.do.partition("_")
    if what in _DONE:
        return f"the {part} is {_DONE[what]}"
    whose = event.household or (f"cohort {event.cohort}" if event.cohort else "all homes")
    if event.do == "clock_step":
        by = event.by or 0
        return f"the clocks of {whose} jump {in_words(abs(by))} {'back' if by < 0 else 'ahead'}"
    if event.do == "link":
        return f"the line between the {event.side} and the broker gets worse ({_line(event)})"
    if event.do == "contract_changed":
        named = event.contract if isinstance(event.contract, str) else "one written here"
        return f"every part starts again with another contract ({named})"
    return {
        "disk_full": "the gateway's disk is full",
        "partition": f"{whose} has no connection",
        "mute": f"{whose}: microphones are switched off",
        "unmute": f"{whose}: microphones are switched on",
        "consent_withdrawn": f"{whose} withdraws its consent",
        "household_forgotten": f"{whose} is forgotten",
    }[event.do]


def _line(event: Happening) -> str:
    said = {key: getattr(event, key) for key in ON_A_LINE}
    units = {"loss": " of packets", "bandwidth": " bytes a second"}
    return ", ".join(f"{k.removesuffix('_ms')} {v}{units.get(k, ' ms')}" for k, v in said.items() if v is not None)
