"""Locust users as many write them: HttpUser, weights, tags, `catch_response`. Knows nothing of Earlid."""

from locust import HttpUser, between, tag, task

ALL = '<?xml version="1.0"?><propfind xmlns="DAV:"><allprop/></propfind>'


class Reader(HttpUser):
    wait_time = between(0.02, 0.1)

    def on_start(self) -> None:
        self.client.headers["User-Agent"] = "http-user"

    @tag("datasette")
    @task(3)
    def rows(self) -> None:
        self.client.get("/work/clips")
        self.client.get("/work/clips/1", name="/work/clips/[id]")

    @tag("datasette")
    @task
    def as_json(self) -> None:
        with self.client.get("/work/clips.json?_shape=array", name="clips as JSON", catch_response=True) as answer:
            if not answer.json():
                answer.failure("no rows")

    @tag("datasette")
    @task
    def streamed(self) -> None:
        answer = self.client.get("/work/clips.csv?_stream=on", name="clips as CSV", stream=True)
        for _line in answer.iter_lines():
            pass

    @tag("radicale")
    @task(2)
    def cards(self) -> None:
        self.client.get("/qa/contacts/", name="/qa/contacts/")
        self.client.get("/qa/contacts/card-0.vcf", name="/qa/contacts/[card]")

    @tag("radicale")
    @task
    def listed(self) -> None:
        with self.client.request(
            "PROPFIND", "/qa/contacts/", headers={"Depth": "1"}, data=ALL, catch_response=True
        ) as answer:
            if answer.status_code == 207:
                answer.success()
