"""The pages: HTML drawn by the server, over the same questions and commands as the JSON API."""
