"""What every page stands on: templates, words, the studio's clock, static files."""
