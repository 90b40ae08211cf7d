"""What `manage.py bench` measures: the close of a city's month on real worker processes, and what it is held against."""
