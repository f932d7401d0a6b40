"""The web page and the small server behind it, for this computer alone."""
