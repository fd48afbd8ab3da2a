"""Locust users who label in Label Studio: they sign in by its own form, and look at tasks as its pages do.

LABEL_STUDIO_USER, LABEL_STUDIO_PASSWORD and LABEL_STUDIO_PROJECT come from the environment. Nothing here knows Earlid.
"""

import os
import random
import re

from locust import HttpUser, between, task

PROJECT = os.environ.get("LABEL_STUDIO_PROJECT", "1")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Labeller(HttpUser):
    wait_time = between(0.2, 0.8)
    tasks_known: list[int]

    def on_start(self) -> None:
        page = self.client.get("/user/login/").text
        found = _TOKEN.search(page)
        form = {
            "csrfmiddlewaretoken": found[1] if found else "",
            "email": os.environ["LABEL_STUDIO_USER"],
            "password": os.environ["LABEL_STUDIO_PASSWORD"],
            "persist_session": "on",
        }
        self.client.post("/user/login/", data=form, headers={"Referer": f"{self.host}/user/login/"})
        listed = self.client.get(f"/api/tasks?project={PROJECT}&fields=all&page_size=500", name="/api/tasks")
        self.tasks_known = [each["id"] for each in listed.json()["tasks"]]

    @task(8)
    def look_at_one(self) -> None:
        if self.tasks_known:
            number = random.choice(self.tasks_known)
            self.client.get(f"/api/tasks/{number}?project={PROJECT}", name="/api/tasks/{task}")

    @task(2)
    def take_the_next(self) -> None:
        self.client.get(f"/api/projects/{PROJECT}/next", name="/api/projects/{project}/next")

    @task(1)
    def page(self) -> None:
        self.client.get(f"/projects/{PROJECT}/data", name="/projects/{project}/data")
