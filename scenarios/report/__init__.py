"""The reports of a run: HTML, JSON, JUnit, terminal."""
