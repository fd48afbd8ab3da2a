"""amqtt as a process: the broker for machines without Mosquitto (`python -m scenarios.run.embedded_broker PORT`).

Fine to get started; it isolates nobody and is slow, so no claim about loss, isolation or speed rests on it.
"""

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker


async def _serve(port: int) -> None:
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
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
        asyncio.run(_serve(int(sys.argv[1])))
    except OSError as error:
        sys.stderr.write(f"earlid broker: port {sys.argv[1]}: {error.strerror}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
