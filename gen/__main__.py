"""python -m gen: the same as the command `fairway`."""

from gen.cli import main

if __name__ == "__main__":
    main()
