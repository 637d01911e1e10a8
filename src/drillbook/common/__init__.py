"""What every room uses: mistakes told in one line, secrets kept, words made harmless, waiting, progress."""
