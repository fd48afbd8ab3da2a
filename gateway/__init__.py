"""The system under test: gate, redact, store, review. Imports nothing of the simulator or the harness."""
