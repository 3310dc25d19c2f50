"""Entry point of ``python -m digitserve``, the same command as ``digitserve``."""

from app.__main__ import main

if __name__ == "__main__":
    main()
