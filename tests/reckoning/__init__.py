"""Points reckoned from first principles, to hold the app against."""
