"""Rules of a page: lines, their crossings, and the cells between them."""
