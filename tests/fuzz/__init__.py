"""Requests that no client would send, at a server that must not mind."""
