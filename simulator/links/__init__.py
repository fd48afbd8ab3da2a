"""How devices reach a gateway.

In: messages of devices. Out: the same messages in memory or over MQTT, and the gateway's receipts. A fault is a link
around another link."""
