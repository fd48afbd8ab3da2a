"""One operator a file: find spans first, then transform."""
