"""The words: content library, sandboxed renderer, salutations, mail skeleton, compliance lint; no web pages.

Imports wenhou.core and jinja2 only. Start reading at `templates.library`, then `templates.render`.
"""
