"""The report: findings, figures, page, files."""
