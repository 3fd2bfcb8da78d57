"""Exploration (profile `deep`): Hypothesis drives live exchanges with the judge as the property."""
