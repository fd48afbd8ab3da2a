"""From the MQTT broker to whole clips.

In: MQTT messages of devices and of the assistant. Out: clips in memory, and receipts for what was refused. Nothing here
is written to a disk, except which microphones are switched off."""
