"""The stages of keras-ma2mi as commands; the only package that sees both stacks."""
