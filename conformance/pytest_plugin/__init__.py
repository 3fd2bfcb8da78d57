"""The pytest plugin: a test for each clause, over one run of the suite.

Installed with the package and inert until asked, with `pytest --pyargs conformance`. What it tests
is what `--csbs-endpoint` names, or what a fixture `csbs_target` of the user's yields: a URL, a
`Settings`, or a WSGI or ASGI application.
"""
