"""The one public door: search, chat, catalogue, pages, the action webhook, and the command line."""
