"""The benchmarks in miniature: that they measure what they say, not how fast it is.

May import anything. Mirrors wenhou/bench.
"""
