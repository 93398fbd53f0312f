//! Who may come in: passwords, second factor, tokens of forms, brakes, identity providers.

pub mod frein;
pub mod hasard;
pub mod jeton;
pub mod mot_de_passe;
pub mod oidc;
pub mod secours;
pub mod totp;
