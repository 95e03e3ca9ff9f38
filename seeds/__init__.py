"""Reference rows and the demo month, loaded by issuing commands, never by INSERT."""
