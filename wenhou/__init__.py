"""The one distinctive name: kernel, services, settings, composition root and command line.

Its parts obey the layers of docs/adr/0001; each subpackage says its own. Start at ``wenhou/bootstrap.py``.
"""
