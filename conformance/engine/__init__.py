"""From what is asked to results: replaying, sweeping, searching, shrinking; in one process, several, or a campaign."""
