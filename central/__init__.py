"""The city side: incidents in, complaints out. Shares only the wire contract with the edge."""
