"""Tracker modules (MOD, S3M, XM, IT): their instruments, and their parts through libopenmpt."""

EXTENSIONS = ("mod", "s3m", "xm", "it")
