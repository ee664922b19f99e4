"""What other directories know, taken over as drafts: nobody is shown it until a person has checked it."""
