"""Nested task sets in sequence, a shape, listeners and an option of its own. Knows nothing of Earlid."""

import logging
from typing import Any

from locust import HttpUser, LoadTestShape, SequentialTaskSet, TaskSet, constant, events, tag, task

hooks: Any = events


@hooks.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    parser.add_argument("--book", default="contacts", help="which address book is read")


@hooks.request.add_listener
def slow(name: str, response_time: float, **_event: Any) -> None:
    if response_time > 5_000:
        logging.warning("slow: %s", name)


@hooks.test_stop.add_listener
def bye(environment: Any, **_event: Any) -> None:
    logging.info("over after %d requests", environment.stats.total.num_requests)


class Desk(TaskSet):
    @tag("datasette")
    @task
    class Rounds(SequentialTaskSet):
        @task
        def front(self) -> None:
            self.client.get("/")

        @task
        def table(self) -> None:
            self.client.get("/work")

        @task
        def row(self) -> None:
            for at in range(1, 4):
                self.client.get(f"/work/clips/{at}.json?_shape=array", name="/work/clips/:id.json")
            self.interrupt()

    @tag("radicale")
    @task
    class Book(SequentialTaskSet):
        @task
        def front(self) -> None:
            self.client.get("/")  # leads to /.web

        @task
        def write(self) -> None:
            card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:mine\r\nFN:Desk Lamp\r\nN:Lamp;Desk;;;\r\nEND:VCARD\r\n"
            self.client.put("/qa/contacts/mine.vcf", data=card)

        @task
        def read(self) -> None:
            book = self.user.environment.parsed_options.book
            for at in range(3):
                self.client.get(f"/qa/{book}/card-{at}.vcf", name="/qa/[book]/[card]")
            self.interrupt()


class AtDesk(HttpUser):
    tasks = [Desk]  # noqa: RUF012 (as Locust wants it)
    wait_time = constant(0.03)


class Waves(LoadTestShape):
    stages = ((1, 2), (3, 4), (4, 1))

    def tick(self) -> Any:
        at = self.get_run_time()
        return next(((users, 10.0) for until, users in self.stages if at < until), None)
