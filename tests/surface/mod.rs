//! What the server offers, and to whom: every route of its sources, accounts of each role with
//! their sessions, a pool where each word tells its employer.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at a surprise")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test stops at a surprise")]
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod demandes;
pub mod gens;
pub mod marques;
pub mod routes;
