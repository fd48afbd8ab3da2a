"""The system under test: gate, redact, store, review. Imports nothing of the simulator or the harness."""

import os

# ONNX Runtime, which runs the wake word's networks, tells its maker which models a process loads, under an identifier
# that it leaves in the home folder (Privacy.md in its wheel). The variable counts only before the library is loaded, so
# it stands where every process of ours passes first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
