"""Layouts: where a form has its boxes, and the registration of a page to them."""
