"""Pictures: State + Model → frozen values (`links`), → a chart of boxes in columns (`chart`), → text of one format.

Pure, and beside the way to the proxy: nothing here reaches a bundle, so a picture never changes a release.
"""
