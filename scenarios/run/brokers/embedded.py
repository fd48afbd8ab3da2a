"""Runs amqtt as a process: the broker for machines without Mosquitto (`... brokers.embedded PORT FILE`).

It is good enough to start with. It is slow, so no claim about loss, isolation or speed rests on it. FILE holds users
and rights.
"""

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker


async def _serve(port: int, rights: str) -> None:
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {
            "scenarios.run.brokers.rights.UsersPlugin": {"file": rights},
            "scenarios.run.brokers.rights.RightsPlugin": {"file": rights},
        },
    }
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    broker = Broker(config)
    await broker.start()
    sys.stdout.write("broker ready\n")
    sys.stdout.flush()
    await stopped.wait()
    await broker.shutdown()


def main() -> None:
    logging.disable(logging.CRITICAL)  # amqtt logs topics, and topics carry site ids
    try:
        asyncio.run(_serve(int(sys.argv[1]), sys.argv[2]))
    except OSError as error:
        sys.stderr.write(f"earlid broker: port {sys.argv[1]}: {error.strerror}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
