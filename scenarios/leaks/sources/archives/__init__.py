"""Readers of what holds other files: archives and compressed streams."""
