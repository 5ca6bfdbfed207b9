"""What suppresses findings: flake8's selection, the project's own, `# noqa` comments, and the baseline."""
