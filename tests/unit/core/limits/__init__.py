"""What channels and providers carry.

Pure tests of `wenhou.core.limits`; start with `test_check.py`.
"""
