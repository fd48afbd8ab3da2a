"""What went over a network: recorded packets and requests, a site, a broker."""
