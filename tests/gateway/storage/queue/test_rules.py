from gateway.contract.model import load_contract
from gateway.storage.queue.rules import Rules, rules_of


def test_every_bound_comes_from_the_contract() -> None:
    contract = load_contract("strict")
    said = {
        "sampling": 0.25,
        "publish_minutes": 7,
        "reviews_per_clip": 3,
        "clips_at_once": 5,
        "clips_per_day": 11,
    }
    changed = contract.model_copy(update={"review": contract.review.model_copy(update=said)})
    assert rules_of(changed) == Rules(share=0.25, publish_minutes=7, reviews=3, at_once=5, per_day=11)
