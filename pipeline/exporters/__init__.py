"""Renders a published pool in the configuration format of a router.

In: a verified pool.
Out: one text per target of `registry`, with what the target cannot express.
Touches: nothing.
Never: reads a file; decides what a pool holds; hides what it leaves out.
Why: each router has its own format, and all of them follow from the same published bytes.
"""
