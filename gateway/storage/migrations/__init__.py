"""The steps of the database's schema, the first one first. Alembic runs them; `gateway/storage/upgrade.py` starts it.

In: a database as an earlier version left it. Out: the tables of this version. A released step never changes.
"""
