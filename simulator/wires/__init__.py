"""How the fleet speaks to systems that do not know Earlid's own topics.

In: the messages of devices and assistant. Out: the same calls in another system's words, over MQTT or TCP. A wire is a
link around another link; what differs between systems is a codec of three methods."""
