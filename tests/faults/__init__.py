"""What happens to such software in a year, done on purpose."""
