"""What can go wrong with the local stack, worded for the person who started it."""


class StackError(Exception):
    """The stack cannot do what was asked; the message names the component and the remedy."""


class NotAvailable(Exception):
    """An optional component cannot be had on this machine; the message says why."""
