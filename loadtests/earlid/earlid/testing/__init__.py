"""For test suites of other people."""
