"""The kinds of value that each place of a request can hold: what is planned and what is drawn."""
