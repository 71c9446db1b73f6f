"""The words: content library, renderer, placeholders, limits and compliance lint (not web pages).

May import ``wenhou.core`` alone. Start at ``templates/render.py``.
"""
