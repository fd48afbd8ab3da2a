"""The world outside the gateway: households, voices, devices, time."""
