"""The mail around the words: skeletons, what mail programs do to HTML, what a header may hold; imports core only.

Start reading at `templates.email_skeleton`, then `letter_1`.
"""
