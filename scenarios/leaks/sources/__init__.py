"""Where the texts come from.

In: files, folders, databases, recorded requests, web addresses, a broker. Out: named haystacks for the detector."""
