"""What a reader of one kind of file is. In: a content. Out: its pieces, and what of it could not be read."""
