"""Corrections: pictures of people's own with their true labels, from folders and databases.

The only room of training that imports app: pictures pass the service's own preprocessing.
"""
