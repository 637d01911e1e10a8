"""What people read of a run: one line for each verdict, a table at the end of the terminal, a page of Markdown."""
