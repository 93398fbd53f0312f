//! The router, and what every request goes through.
