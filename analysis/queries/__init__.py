"""Every question that the pages and the command line ask a dataset; the SQL lives here."""
