"""How answers leave the process that makes the requests, at as little cost to it as can be."""
