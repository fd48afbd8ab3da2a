"""How answers leave the process that makes the requests and arrive at the search, at as little cost as can be."""
