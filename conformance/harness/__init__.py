"""How a decoder is called: the contract, what it is fed, what it gives, and the watchdog that ends one that hangs."""
