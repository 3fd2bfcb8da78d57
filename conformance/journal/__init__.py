"""The files of a run: the format, the writer, the reader, and the saved plan."""
