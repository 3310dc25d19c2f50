"""Sheets: boxes in a picture of a form, table or grid, and the content of each box."""
