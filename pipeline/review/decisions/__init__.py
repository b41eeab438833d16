"""Records people's decisions and acceptances, each bound to the digest of exact bytes."""
