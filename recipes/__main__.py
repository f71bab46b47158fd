"""`python -m recipes` is the command `zoo`."""

from recipes.cli import main

main()
