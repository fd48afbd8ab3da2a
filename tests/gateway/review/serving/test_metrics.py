from typing import Any

import httpx

from gateway.review.serving.metrics import Metrics
from gateway.review.serving.operator_port import operator_app


def measured(world: Any) -> Metrics:
    metrics = Metrics()
    world.serve(metrics=metrics)
    return metrics


def test_requests_are_counted_by_route_template_and_nothing_identifies_anybody(world: Any) -> None:
    metrics = measured(world)
    browser = world.browser("ada", "ref-000")
    for path in ("/clips/ref-000", "/clips/ref-000", "/probe7731", "/clips/probe7731"):
        browser.get(path)
    browser.ask("PROBE7731", "/queue")
    text = metrics.text().decode()
    assert 'earlid_review_requests_total{method="GET",route="/clips/{ref}",status="200"} 2.0' in text
    assert 'earlid_review_requests_total{method="GET",route="other",status="404"} 1.0' in text
    assert 'earlid_review_actions_total{action="clip_opened",result="ok"} 2.0' in text
    assert 'earlid_review_request_seconds_count{route="/clips/{ref}"} 3.0' in text
    for name in ("ada", "ref-000", "d-3f9a", "127.0.0.1", "7731"):
        assert name not in text


def test_the_operators_port_says_alive_ready_and_figures(world: Any) -> None:
    metrics, up = measured(world), True
    metrics.gauge("waiting_clips", "Waiting.", world.store.waiting_count)
    world.browser("ada").get("/queue")
    transport = httpx.ASGITransport(operator_app(metrics, lambda: up))

    def get(path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://operator.test") as client:
                return await client.get(path)

        answer: httpx.Response = world.runner.run(ask())
        return answer

    assert get("/healthz").text == "ok"
    assert get("/readyz").status_code == 200
    assert "earlid_review_waiting_clips 3.0" in get("/metrics").text
    up = False
    assert get("/readyz").status_code == 503
    world.store.close()
    assert world.store.answers(), "closing gives connections back; the next question opens one"
