//! Who may come in: passwords, second factor, tokens of forms, brakes, identity providers.

pub mod oidc;
