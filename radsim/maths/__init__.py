"""Pure mathematics: random numbers, dose, hazards, endpoints and sums; nothing here knows of files or of the model."""
