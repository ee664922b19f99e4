"""What the bot can do. Knows the search and rasa-sdk, and nothing of the web."""
