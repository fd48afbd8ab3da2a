"""Parts of `earlid proxy`: mitmdump as the proxy for every site."""
