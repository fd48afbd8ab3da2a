"""Reviewers at work, as Locust users.

In: accounts and a host. Out: requests to the review tool, every clip visited."""
