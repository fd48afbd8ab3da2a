"""What a reader of one kind of file is: in, a content; out, its pieces, and what of it could not be read."""
