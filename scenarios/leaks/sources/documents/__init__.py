"""Readers of what people write: office documents, PDF, mail, markup."""
