"""What a contract says of the queue: a contract in, its bounds out."""

import msgspec

from gateway.contract.model import Contract


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the contract says of the queue. `share` of the stored clips is published, every `publish_minutes`.

    `reviews` people annotate each clip, blind; nobody has more than `at_once` undone clips, nor more than `per_day`.
    """

    share: float = 1.0
    publish_minutes: int = 0
    reviews: int = 1
    at_once: int = 20
    per_day: int | None = None


def rules_of(contract: Contract) -> Rules:
    review = contract.review
    return Rules(
        share=review.sampling,
        publish_minutes=review.publish_minutes,
        reviews=review.reviews_per_clip,
        at_once=review.clips_at_once,
        per_day=review.clips_per_day,
    )
