"""Mail on its way out: signatures, pace, pipelines and servers that do what servers ought not to.

May import integrations, core and the tests' peers. Start with test_pipeline.
"""
