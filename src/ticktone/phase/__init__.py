"""Which phase each source gets; one file a paper."""
