"""What a run's broker is started with; `run/broker.py` starts it.

In: a broker's users, their rights on topics, its address. Out: a check of those rights, a certificate for the address,
and amqtt as a process, for machines without mosquitto.
"""
