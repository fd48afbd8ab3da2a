"""The harness: scenarios, checks, leak detection, reports."""
