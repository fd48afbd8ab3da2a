"""The data that the harness works with.

In: YAML files and what was observed. Out: frozen, checked values: scenario, ledger, observations."""
