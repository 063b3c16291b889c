/* Included by libsodium, and nothing of it used. */
