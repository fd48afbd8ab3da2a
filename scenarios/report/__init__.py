"""What a run leaves behind: HTML, JSON, JUnit, terminal."""
