"""From one file to its parts, many files at a time, and an archive on a cluster."""
