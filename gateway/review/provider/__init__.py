"""Sign-in by an organisation's own provider (OpenID Connect), as an option beside the tool's own accounts.

In: what a browser brings back from the provider. Out: a session of an account of the tool, or a refusal that tells
nothing.
"""
