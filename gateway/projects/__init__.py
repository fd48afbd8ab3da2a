"""Projects of the review tool: clips of other teams come in, annotated clips go out as a data set.

In: a folder of clips with a list of them, or annotated clips of the store. Out: clips under review,
or a folder of metadata and sound without identities."""
