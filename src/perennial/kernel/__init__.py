"""The shared ground of every stage: time, ids, errors, values and the condition language. No I/O."""
