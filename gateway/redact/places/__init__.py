"""Where somebody lives, works or is: streets, homes, crossings, and how far an address reaches."""
