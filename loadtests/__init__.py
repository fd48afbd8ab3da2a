"""Load on the review tool, with every response searched; run by Locust as a process of its own."""
