"""What people and programs put into a value where they write it down. In: a text. Out: the text without it."""
