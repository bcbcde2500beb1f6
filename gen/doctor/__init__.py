"""Doctor: why it does not work. Each check looks at one thing of the world and says what it found; it changes nothing.

engine        does it answer, may we ask it, where does the proxy stand
proxy         its binary, what that can do, what it serves, how many files it may open
ports         free, ours, or whose
places        directories: may we write, may the proxy's workers enter
certificates  dates, and what cannot be used
container     one container: found where, and the steps of `gen.explain.journey` with what only the world knows
"""
