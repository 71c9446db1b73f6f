"""How a message leaves and how a provider's dialect comes back: one folder a provider, no more.

May import `wenhou.core` and libraries, nothing else of ours. Start reading at `registry.py`, then
`http_edge.py`.
"""
