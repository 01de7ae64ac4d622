"""Coverage-guided fuzzing with atheris: inputs that random search does not reach, and cases of what they break."""
