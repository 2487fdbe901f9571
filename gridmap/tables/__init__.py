"""Tables of points, read and written in chunks: CSV, TSV, Parquet and what GDAL knows.

A chunk is some ten thousand rows, so that memory does not grow with the table. Columns pass
through as they are; a bad row keeps its place and is reported, and the rest goes on.
"""
