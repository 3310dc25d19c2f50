"""Boxes: candidates, the support of their rules, selection, completion, acceptance."""
