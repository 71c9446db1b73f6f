"""The words: content library, sandboxed renderer, salutations, mail skeleton and compliance lint (no web pages here).

Imports wenhou.core and jinja2 only. Start reading at `templates.library`, then `templates.render`.
"""
