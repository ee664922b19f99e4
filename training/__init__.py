"""How the sentence encoder that ships in ``knowledge/encoder`` was made, and how to make it again."""
