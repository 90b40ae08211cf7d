"""Lists of the admin as spreadsheets: in with a preview, out as the list shows them."""
