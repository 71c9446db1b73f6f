"""One suite run over every sender and every callback parser.

May import ``integrations`` and the kernel. Start at the suite of senders.
"""
