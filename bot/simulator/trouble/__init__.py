"""What goes wrong at the exchange and on the lines to it, by name, rate and seed."""
