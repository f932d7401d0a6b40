"""The page as a folder of files that any static host serves: a browser does all the work."""
