"""What the page says of one request or one response, and the clauses of each section."""
