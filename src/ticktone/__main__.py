"""`python -m ticktone`."""

from ticktone.cli import main

main()
