"""What systems are installed from: packages, cabinets, images of discs. In: a content. Out: the files in it."""
