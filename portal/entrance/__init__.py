"""The entrance: signing in and up, codes, second factors, what is closed after too many tries."""
