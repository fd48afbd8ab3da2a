"""Reports of a load test for people and build servers.

In: load.json, which the Locust processes wrote. Out: load.html with one picture over time, JUnit XML, and the
difference between two runs.
"""
