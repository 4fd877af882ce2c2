"""A shop of our own to try everything on: products, pictures, pages and recorded browsing."""
