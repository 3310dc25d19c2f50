"""Decoder process: a child that decodes large uploads, and the fair queue for it."""
