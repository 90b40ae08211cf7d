"""The staff's month: enter, review, draft, publish, post and print, a page each, inside the admin."""
