"""Starts a broker for a run: mosquitto or amqtt.

In: which one, its users and their rights on topics. Out: a running broker with an address, a certificate and a password
for each user.
"""
