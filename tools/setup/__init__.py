"""The ground under ``make``: everything a fresh machine lacks, each thing installed once.

Standard library only, because it runs on the system's Python before there is anything else.
A thing is stamped with the hash of what it was made from, after it is complete; without its
stamp it is made again, with an old one it is brought up to date.
"""
