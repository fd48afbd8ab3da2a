"""Who is named in a transcript: people of the address book, spelled names, and strangers by grammar."""
