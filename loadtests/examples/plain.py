"""A locustfile that knows nothing of Earlid: two kinds of users of some review tool.

earlid locust --identities ids.json -f loadtests/examples/plain.py --headless -H http://127.0.0.1:8000 -t 10s
"""

from locust import FastHttpUser, HttpUser, constant, task


class Browsing(FastHttpUser):
    wait_time = constant(0.02)

    @task(3)
    def clip(self) -> None:
        self.client.get("/clips/1")
        self.client.get("/audio/1")

    @task
    def moved(self) -> None:
        self.client.get("/moved")


class Scripted(HttpUser):
    wait_time = constant(0.02)

    @task
    def api(self) -> None:
        self.client.get("/api/clips/1", name="/api/clips/{ref}")
        self.client.get("/tagged")

    @task
    def wrong(self) -> None:
        with self.client.get("/error", catch_response=True) as response:
            response.success()  # an error page is what was asked for
