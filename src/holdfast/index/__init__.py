"""The derived SQLite store: views and full text. It holds no policy and can be deleted."""
