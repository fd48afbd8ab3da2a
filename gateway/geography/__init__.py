"""Places: towns with their people, and cells of a grid over the map. In come degrees and names. Out go facts of the
map, never of a person."""
