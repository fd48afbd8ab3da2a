"""Places on the map: what is known of them, and every way in which a text writes one."""
