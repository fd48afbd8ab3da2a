"""A search process of another version of Earlid. Options as `earlid leaks serve`."""

from importlib import metadata

metadata.version = lambda distribution_name: "0.0.1"

from scenarios.leaks.service import __main__ as service  # noqa: E402 (it takes the version from there)

service.main()
