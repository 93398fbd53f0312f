//! `paie demo`: an invented pool.
