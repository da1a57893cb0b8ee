"""The runtime that agents call: standard library only; owns signatures and matching, shared upward."""
