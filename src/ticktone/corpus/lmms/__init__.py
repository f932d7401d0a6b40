"""LMMS projects (mmp, mmpz): their tracks, and their parts through the program LMMS."""

EXTENSIONS = ("mmp", "mmpz")
