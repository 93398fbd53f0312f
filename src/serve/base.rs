//! The SQLite file: accounts, sessions, and the log that only grows.
