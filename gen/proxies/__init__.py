"""Proxies: what is true of one proxy only. One package per proxy, nothing here touches the world."""
