"""Who somebody is: signing in, passwords, the profile."""
