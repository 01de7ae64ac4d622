"""What has changed outside since the golden bodies and the matrix were made: `tox -e drift`."""
