"""Readers of pictures, sound and film: what their headers say, and what can be read in a picture."""
