"""How fast the product is, measured against the plainest program that does the same reading, rendering or serving."""
