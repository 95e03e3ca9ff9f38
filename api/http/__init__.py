"""The HTTP frame: input, answers, problems, headers, tokens, paging, the OpenAPI document."""
