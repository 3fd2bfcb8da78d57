"""Is a vendor's own OpenAPI document compatible with the contract? Values decide, not keywords."""
