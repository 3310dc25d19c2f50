"""Documents of one or several pages: pictures, TIFF and PDF."""
