"""The part of Earlid that runs inside other people's processes. It imports the standard library only.

In: the answers of an application, as a test or a load test meets them. Out: the same answers, handed to a search
process (`earlid leaks serve`) that looks for known identities in them. The search never runs in the caller's process.
"""

from earlid.client import Counts, SearchClient, SearchLost
from earlid.exchange import Exchange
from earlid.process import SearchProcess, start_search

__all__ = ["Counts", "Exchange", "SearchClient", "SearchLost", "SearchProcess", "start_search"]
