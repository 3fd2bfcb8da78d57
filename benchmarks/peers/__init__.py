"""The suite beside other contract testers, on the same faulty and conforming implementations."""
