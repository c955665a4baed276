"""`python -m mreg`."""

from mreg.cli.app import main

if __name__ == "__main__":
    main()
