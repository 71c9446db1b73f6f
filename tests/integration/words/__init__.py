"""The bank's own versions of templates, from draft to the customer's phone and back.

Real stores on both databases, real planners. Start reading at `test_life`.
"""
