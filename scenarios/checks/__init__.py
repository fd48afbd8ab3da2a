"""One family of checks a file; each is (Ledger, Truth, Contract) -> Verdict."""
