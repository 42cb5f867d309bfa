"""One module a revision, each complete in itself: the tables of today are no guide to those of then."""
