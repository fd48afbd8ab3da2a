"""Common English words from a public list. Televisions say them when false accepts are counted. Never train on them."""

from faker.providers.lorem.en_US import Provider

EVERYDAY: tuple[str, ...] = tuple(Provider.word_list)
