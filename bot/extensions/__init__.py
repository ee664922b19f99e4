"""What the bot needs beyond stock Rasa: a guarded channel, tracker stores that keep no text, silent logs, patches."""
