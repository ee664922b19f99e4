"""What is known, in the words of others: HSDS, CPSV-AP-NO and schema.org. Only services that may be shown, only sure facts."""
