"""Common English words in a list nobody here made: what televisions say when accepts are counted; not to train on."""

from faker.providers.lorem.en_US import Provider

EVERYDAY: tuple[str, ...] = tuple(Provider.word_list)
