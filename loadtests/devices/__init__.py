"""Devices as Locust users: MQTT beside HTTP in one table, one shape, one report.

In: a settings file (broker, identities, accounts) and the simulator's plan of who speaks when. Out: MQTT messages, and
Locust's request events for connecting, publishing and receipts.
"""
