//! Roles, and the employers that an account may see.
