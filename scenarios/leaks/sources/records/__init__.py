"""Readers of rows and values: databases, columnar files, dumps, serialised objects."""
