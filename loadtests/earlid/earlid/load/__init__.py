"""Measuring a load test: arrivals, shapes over time, records by second and route, objectives.

In: requests with their times. Out: users a second, percentiles, verdicts. Nothing here needs Locust.
"""
