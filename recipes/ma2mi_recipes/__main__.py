"""`python -m ma2mi_recipes` is `keras-ma2mi`."""

from ma2mi_recipes.cli import main

if __name__ == "__main__":
    main()
