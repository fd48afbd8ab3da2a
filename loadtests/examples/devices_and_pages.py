"""Devices that speak over MQTT and people who look at pages, in one run, one table and one report.

EARLID_DEVICES=devices.json earlid locust --identities ids.json -f loadtests/examples/devices_and_pages.py \\
  --headless --host http://127.0.0.1:8080 -u 40 -t 1m
"""

from locust import FastHttpUser, constant, task

from loadtests.devices.user import DeviceUser, prepared


class Device(DeviceUser):
    fleet = prepared()


class Looking(FastHttpUser):
    fixed_count = 2
    wait_time = constant(0.2)

    @task
    def front(self) -> None:
        self.client.get("/")
