"""HAProxy, 2.6 to current: what is true of it alone."""
