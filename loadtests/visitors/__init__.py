"""Locust users of a review app that is somebody's own: they ask for its pages, by GET alone."""
